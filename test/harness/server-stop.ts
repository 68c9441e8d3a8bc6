import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const alive = (pid: number) => { try { process.kill(pid, 0); } catch { return false; } return !/^State:\s+Z/m.test(attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? ''); };
const signal = (pid: number, name: NodeJS.Signals) => { try { process.kill(pid, name); } catch { /* gone already */ } };
function attempt<T>(read: () => T): T | undefined { try { return read(); } catch { return undefined; } }

function cgroups(name: string): string[] {
  const root = '/sys/fs/cgroup';
  return [root, ...(attempt(() => readdirSync(root)) ?? []).map((n) => join(root, n))].map((folder) => join(folder, name)).filter((folder) => existsSync(join(folder, 'cgroup.procs')));
}
const tree = (folder: string): string[] => [...(attempt(() => readdirSync(folder, { withFileTypes: true })) ?? []).filter((e) => e.isDirectory()).flatMap((e) => tree(join(folder, e.name))), folder];

/** Processes that belong to the server: in its network namespace, in its cgroups, container shims of its containerd, and what carries its SSH port outside. */
export function processesOf(dir: string): number[] {
  const name = basename(dir);
  const found = new Set<number>();
  for (const line of (spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout ?? '').split('\n')) if (line !== '') found.add(Number(line));
  for (const folder of cgroups(name).flatMap(tree)) {
    for (const line of (attempt(() => readFileSync(join(folder, 'cgroup.procs'), 'utf8')) ?? '').split('\n')) if (Number(line) > 1) found.add(Number(line));
  }
  for (const pid of readdirSync('/proc').map(Number)) {
    const command = pid > 1 ? attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '' : '';
    if ((command.includes('containerd-shim') || command.startsWith('socat')) && command.includes(`${dir}/`)) found.add(pid);
  }
  found.delete(process.pid);
  return [...found].filter(alive);
}

export const mountsOf = (dir: string): string[] =>
  readFileSync('/proc/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(`${dir}/`));

export const hasNamespace = (dir: string): boolean => existsSync(`/run/netns/${basename(dir)}`);

/** Names of the pods' network namespaces, found by the processes that live in them. */
export function podNamespaces(pids: number[]): string[] {
  const inodes = new Set(pids.map((pid) => attempt(() => readlinkSync(`/proc/${pid}/ns/net`))));
  return (attempt(() => readdirSync('/run/netns')) ?? []).filter((n) => n.startsWith('cni-') && inodes.has(`net:[${attempt(() => statSync(`/run/netns/${n}`).ino)}]`));
}

async function gone(pids: number[], seconds: number): Promise<boolean> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50)) if (!pids.some(alive)) return true;
  return !pids.some(alive);
}

/** Stops every part and leaves no process, mount, cgroup or namespace. The logs stay in the folder. */
export async function stopServer(dir: string): Promise<void> {
  const name = basename(dir);
  const namespaces = podNamespaces(processesOf(dir));
  // The kubelet goes first, so that it does not start again what is being stopped.
  for (const part of ['kubelet', 'controllers']) {
    const pid = Number(attempt(() => readFileSync(join(dir, `run/${part}.pid`), 'utf8')) ?? 0);
    if (pid > 1) signal(pid, 'SIGKILL');
  }
  for (let round = 0; round < 10; round += 1) {
    const pids = processesOf(dir);
    if (pids.length === 0) break;
    for (const pid of pids) signal(pid, 'SIGKILL');
    await gone(pids, 3);
  }
  for (let round = 0; round < 10; round += 1) {
    const mounts = mountsOf(dir);
    if (mounts.length === 0) break;
    for (const path of mounts.reverse()) spawnSync('umount', ['-l', path]);
  }
  for (const space of [...namespaces, name]) if (existsSync(`/run/netns/${space}`)) spawnSync('ip', ['netns', 'del', space]);
  for (const folder of cgroups(name).flatMap(tree)) attempt(() => { rmdirSync(folder); });
  if (mountsOf(dir).length === 0) for (const folder of ['data', 'run']) rmSync(join(dir, folder), { recursive: true, force: true });
}
