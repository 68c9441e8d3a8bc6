import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';

/** A compose file, with the variables that Docker Compose would have and the folder it would lie in (for `env_file`, `extends`, …). */
export interface ComposeRequest { name: string; text: string; folder: string; environment: Record<string, string>; profiles?: string[]; lenient?: boolean }
/** The project as compose-go sees it, or why it refuses the file. */
export interface ComposeAnswer { project?: ComposeProject; error?: string }
export interface ComposeProject { services?: Record<string, ComposeService>; volumes?: Record<string, unknown>; configs?: Record<string, ComposeFile>; secrets?: Record<string, ComposeFile> }
export interface ComposeFile { content?: string; environment?: string; file?: string }
export interface ComposeMount { type: string; source?: string; target: string; read_only?: boolean; volume?: { subpath?: string; nocopy?: boolean }; tmpfs?: { size?: string | number; mode?: number } }
export interface ComposeService {
  image?: string; build?: unknown; provider?: unknown; command?: string[] | null; entrypoint?: string[] | null; environment?: Record<string, string | null>; working_dir?: string; user?: string; group_add?: string[];
  cap_add?: string[]; cap_drop?: string[]; privileged?: boolean; read_only?: boolean; tty?: boolean; stdin_open?: boolean; hostname?: string; restart?: string; network_mode?: string; pid?: string; ipc?: string;
  stop_grace_period?: string; sysctls?: Record<string, string>; mem_limit?: string | number; mem_reservation?: string | number; cpus?: number; shm_size?: string | number; platform?: string; container_name?: string;
  security_opt?: string[]; extra_hosts?: string[] | Record<string, string | string[]>; dns?: string[]; tmpfs?: string[]; links?: string[]; volumes_from?: string[]; init?: boolean; scale?: number;
  depends_on?: Record<string, { condition: string; required?: boolean }>; networks?: Record<string, { aliases?: string[] } | null>; expose?: string[];
  ports?: { target: number; published?: string; protocol?: string; host_ip?: string }[]; volumes?: ComposeMount[];
  healthcheck?: { test?: string[]; interval?: string; timeout?: string; retries?: number; start_period?: string; start_interval?: string; disable?: boolean };
  deploy?: { mode?: string; replicas?: number; resources?: { limits?: { cpus?: string | number; memory?: string | number }; reservations?: { cpus?: string | number; memory?: string | number } }; restart_policy?: { condition?: string } };
  configs?: { source: string; target?: string; mode?: string | number }[]; secrets?: { source: string; target?: string; mode?: string | number }[];
}

const sources = ['main.go', 'go.mod', 'go.sum'];

/** The program that reads compose files with Docker's own library; built once for each machine, about half a minute. Undefined where there is no Go. */
export function composeModelProgram(): string | undefined {
  const here = join(import.meta.dirname, 'compose');
  const hash = createHash('sha256');
  for (const name of sources) hash.update(readFileSync(join(here, name)));
  const final = join(cacheFolder(), `compose-model-${hash.digest('hex').slice(0, 12)}-${process.arch}`);
  const program = join(final, 'compose-model');
  if (existsSync(program)) return program;
  const command = ['go', '/usr/local/go/bin/go'].find((name) => spawnSync(name, ['version']).status === 0);
  if (command === undefined) return undefined;
  const folder = mkdtempSync(`${final}.`);
  try {
    for (const name of sources) cpSync(join(here, name), join(folder, name));
    const { status } = spawnSync(command, ['build', '-trimpath', '-ldflags', '-s -w', '-o', 'compose-model', '.'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod -buildvcs=false' } });
    if (status !== 0) return undefined;
    if (!existsSync(final)) renameSync(folder, final);
    return program;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What Docker Compose makes of each file, in one process for all. */
export function composeModels(program: string, requests: readonly ComposeRequest[]): ComposeAnswer[] {
  const { stdout, status, error } = spawnSync(program, [], { input: requests.map((request) => `${JSON.stringify(request)}\n`).join(''), encoding: 'utf8', maxBuffer: 1 << 29 });
  if (status !== 0) throw new Error(`compose-model ended with ${String(status)}: ${error?.message ?? ''}`);
  return stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as ComposeAnswer);
}
