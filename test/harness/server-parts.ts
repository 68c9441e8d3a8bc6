import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServer } from './server.ts';

const words = (path: string): string[] => readFileSync(path, 'utf8').split('\0').slice(0, -1);

/** Kills one part of a test server, as `apiserver`, without a warning. The answer starts it again with the same words. */
export function killPart({ dir }: TestServer, part: string): () => void {
  const file = join(dir, 'run', `${part}.pid`);
  const pid = Number(readFileSync(file, 'utf8'));
  const argv = words(`/proc/${pid}/cmdline`);
  const env = Object.fromEntries(words(`/proc/${pid}/environ`).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  process.kill(pid, 'SIGKILL');
  return () => {
    const log = openSync(join(dir, 'log', `${part}.log`), 'a');
    const child = spawn('nsenter', [`--net=/run/netns/${basename(dir)}`, '--', ...argv], { cwd: dir, detached: true, stdio: ['ignore', log, log], env });
    writeFileSync(file, String(child.pid));
    child.unref();
  };
}

/** Gives a test server's sshd another configuration; connections that are open stay. */
export async function configureSshd({ dir, sshPort }: TestServer, change: (configuration: string) => string): Promise<void> {
  const file = join(dir, 'etc/sshd_config');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  process.kill(Number(readFileSync(join(dir, 'run/sshd.pid'), 'utf8')), 'SIGHUP');
  for (const end = Date.now() + 10_000; !(await greets(sshPort)); await sleep(50)) if (Date.now() > end) throw new Error('sshd did not come back with its new configuration');
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer: boolean) => { socket.destroy(); resolve(answer); };
    socket.once('data', () => { done(true); });
    socket.once('close', () => { done(false); });
    socket.once('error', () => { done(false); });
  });
}
