/**
 * What one demo leaves on the machine, and how all of it goes away again, whatever happens to the demo: everything lies in one folder,
 * every process is marked with its name, and a guard that outlives the demo cleans up. From a shell: `node test/demo/runFolder.ts FOLDER`.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { hasNamespace, mountsOf, processesOf, stopServer } from '../harness/server-stop.ts';

const prefix = 'coolify-demo-';
/** Every process of a demo inherits this variable. It holds the demo's folder. */
export const marker = 'COOLIFY_KUBERNETES_DEMO';

export interface RunFolder {
  path: string;
  /** Of the server; its last part names a network namespace. */
  server: string;
  /** Remembers a process group, for systems on which processes cannot be found by their environment. */
  own(group: number): void;
  /** Stops everything and blocks meanwhile, so that nothing more can be started. */
  clean(): void;
}

/** Of the server of a demo in a folder; its last part names a network namespace. */
export const serverFolder = (run: string): string => join(run, `server-${basename(run).slice(prefix.length)}`);

/** Makes the folder, marks this process's children, and starts the guard. */
export function makeRunFolder(): RunFolder {
  const path = mkdtempSync(join(tmpdir(), prefix));
  writeFileSync(join(path, 'owner'), String(process.pid));
  mkdirSync(join(path, 'tmp'));
  const guard = spawn(process.execPath, [import.meta.filename, path], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  process.env[marker] = path;
  process.env['TMPDIR'] = join(path, 'tmp');
  return {
    path, server: serverFolder(path),
    own: (group) => { appendFileSync(join(path, 'groups'), `${group}\n`); },
    clean: () => {
      if (guard.pid !== undefined) process.kill(guard.pid, 'SIGTERM');
      const tick = new Int32Array(new SharedArrayBuffer(4));
      for (const end = Date.now() + 60_000; existsSync(path) && Date.now() < end;) Atomics.wait(tick, 0, 0, 50);
      if (existsSync(path)) throw new Error(`something could not be stopped; clean up with: node ${import.meta.filename} ${path}`);
    },
  };
}

/** Cleans up after demos whose process is gone and whose guard could not do it, such as after a loss of power. */
export async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const owner = Number(attempt(() => readFileSync(join(tmpdir(), name, 'owner'), 'utf8')) ?? 0);
    if (owner > 0 && attempt(() => process.kill(owner, 0)) === undefined) await clean(join(tmpdir(), name));
  }
}

/** What is still there of a demo, in words; empty when nothing is. */
export function remains(run: string): string[] {
  const server = serverFolder(run);
  return [
    ...(existsSync(run) ? [`folder ${run}`] : []), ...marked(run).map((pid) => `process ${pid}`), ...processesOf(server).map((pid) => `process ${pid} of the server`),
    ...mountsOf(run).map((path) => `mount ${path}`), ...(hasNamespace(server) ? [`network namespace ${basename(server)}`] : []),
    ...['/sys/fs/cgroup', ...(attempt(() => readdirSync('/sys/fs/cgroup')) ?? []).map((name) => join('/sys/fs/cgroup', name))]
      .map((folder) => join(folder, basename(server))).filter((folder) => existsSync(folder)).map((folder) => `cgroup ${folder}`),
  ];
}

async function clean(run: string): Promise<void> {
  const groups = process.platform === 'linux' ? '' : attempt(() => readFileSync(join(run, 'groups'), 'utf8')) ?? '';
  for (const group of groups.split('\n').map(Number)) if (group > 1) attempt(() => process.kill(-group, 'SIGKILL'));
  for (let round = 0; round < 20 && marked(run).length > 0; round += 1) {
    for (const pid of marked(run)) attempt(() => process.kill(pid, 'SIGKILL'));
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  if (existsSync(serverFolder(run))) await stopServer(serverFolder(run));
  if (mountsOf(run).length === 0) rmSync(run, { recursive: true, force: true, maxRetries: 10 });
}

/** Processes that were started by the demo in a folder, apart from this one. */
function marked(run: string): number[] {
  const pids = (attempt(() => readdirSync('/proc')) ?? []).map(Number).filter((pid) => pid > 1 && pid !== process.pid);
  return pids.filter((pid) => (attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8')) ?? '').split('\0').includes(`${marker}=${run}`));
}

function attempt<T>(action: () => T): T | undefined { try { return action(); } catch { return undefined; } }

if (import.meta.main) {
  const run = process.argv[2] ?? '';
  if (!basename(run).startsWith(prefix)) throw new Error('use: node test/demo/runFolder.ts FOLDER');
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  // The pipe ends when the demo's process does, however that happens.
  if (!process.stdin.isTTY) await new Promise<void>((resolve) => { process.stdin.resume().once('close', resolve).once('error', () => { resolve(); }); process.once('SIGTERM', () => { resolve(); }); });
  await clean(run);
  process.exit(0);
}
