import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { runProgram } from './processes.ts';
import { printedProgress, type Progress } from './progress.ts';

export const serverPackages = [
  'containerd', 'runc', 'containernetworking-plugins', 'docker.io', 'docker-registry', 'openssh-server', 'openssh-client', 'nftables', 'iptables', 'iproute2',
  'procps', 'socat', 'openssl', 'busybox', 'ca-certificates',
];
/** For the native modules of VS Code. */
export const compilerPackages = ['g++', 'make', 'python3'];
/** Go comes from PyPI where the machine has none. */
export const goPackages = ['python3', 'python3-pip'];
export const browserPackages = ['chromium'];

export function missingPackages(wanted: readonly string[] = serverPackages): string[] {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...wanted], { encoding: 'utf8' });
  const installed = new Set((stdout ?? '').split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
  return wanted.filter((name) => !installed.has(name));
}

const consent = (): boolean => process.env['YES'] === '1' || process.env['REQUIRE'] === 'full' || process.argv.includes('--yes');
const sudo = (): string[] => process.getuid?.() === 0 ? [] : ['sudo', '-n'];
// Without the demo's mark, so that its end does not kill apt-get half way. The machine's own daemons stay as they are: RUNLEVEL=1 keeps the packages from starting any.
const apt = ['env', '-u', 'COOLIFY_KUBERNETES_DEMO', '-u', 'TMPDIR', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=600'];

/** The one command that installs packages by hand. */
export const installCommand = (packages: readonly string[]): string =>
  `${process.getuid?.() === 0 ? '' : 'sudo '}sh -c 'apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}'`;

/** Installs what is missing where that was agreed to. The answer is why something is still missing, or undefined. */
export function ensurePackages(wanted: readonly string[] = serverPackages): string | undefined {
  if (process.platform !== 'linux') return 'a server needs Linux';
  const missing = missingPackages(wanted);
  if (missing.length === 0) return undefined;
  if (!existsSync('/usr/bin/apt-get')) return `this is not a Debian system; programs are missing: ${missing.join(' ')}`;
  if (!consent()) return `Debian packages are missing; install them with: ${installCommand(missing)}`;
  console.error(`installing ${missing.join(' ')}`);
  const run = (...args: string[]) => {
    const [command = '', ...rest] = [...sudo(), ...apt, ...args];
    return spawnSync(command, rest, { encoding: 'utf8' });
  };
  run('update');
  const { status, stderr } = run('install', '-y', '--no-install-recommends', ...missing);
  return status === 0 ? undefined : `apt-get could not install ${missing.join(' ')}: ${(stderr ?? '').trim().split('\n').at(-1) ?? ''}`;
}

/** The same with progress, and with a question on a terminal where nothing was agreed to yet. */
export async function installPackages(wanted: readonly string[], progress: Progress): Promise<string | undefined> {
  const missing = process.platform === 'linux' ? missingPackages(wanted) : [];
  if (missing.length > 0 && existsSync('/usr/bin/apt-get') && (consent() || await agrees(missing))) {
    const [command = '', ...rest] = [...sudo(), ...apt];
    try {
      await progress.step('Reading the lists of Debian packages', () => runProgram(command, [...rest, 'update']));
      await progress.step(`Installing ${missing.length} Debian packages (${missing.slice(0, 4).join(', ')}${missing.length > 4 ? ', …' : ''})`, (far) =>
        runProgram(command, [...rest, '-o', 'APT::Status-Fd=1', 'install', '-y', '--no-install-recommends', ...missing], { onLine: (line) => {
          const [, kind, percent, what = ''] = /^(dl|pm)status:[^:]*:([\d.]+):(.*)$/.exec(line) ?? [];
          if (percent !== undefined) far(`${Math.round(Number(percent))} % ${kind === 'dl' ? 'loaded' : 'installed'} (${what.slice(0, 50)})`);
        } }));
    } catch (error) { return error instanceof Error ? error.message : String(error); }
  }
  return ensurePackages(wanted);
}

async function agrees(missing: readonly string[]): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asked.question(`These Debian packages are missing: ${missing.join(' ')}\nInstall them now? [y/N] `);
  asked.close();
  const yes = /^y(es)?$/i.test(answer.trim());
  // For the packages that later parts ask for.
  if (yes) process.env['YES'] = '1';
  return yes;
}

if (import.meta.main) console.log(await installPackages([...serverPackages, ...compilerPackages, ...browserPackages], printedProgress()) ?? 'all packages are installed');
