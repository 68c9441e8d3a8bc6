import { rmSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan, Step } from '../../src/model/plan';
import { connect, memoryHostKeys, type Connection } from '../../src/ssh';
import { missingSshd, startSshd, type Sshd } from '../harness/sshd.ts';

/** The long form was asked for. */
export const full = process.argv.includes('--full');

/** Only what takes seconds was asked for. */
export const short = process.argv.includes('--short');

/** Ends the check with its line: what was expected held or not, and the figures. */
export function verdict(number: string, passed: boolean, figures: string): void {
  console.log(`${passed ? 'PASS' : 'FAIL'} ${number} ${figures}`);
  if (!passed) process.exitCode = 1;
}

export interface Bench { sshd: Sshd; home: string; runs: string; dial: (port?: number) => Promise<Connection> }

/** A real SSH server whose runs are kept in a folder of their own. `prepare` gets that folder, and gives more lines of configuration. */
export async function withSshd(number: string, body: (bench: Bench) => Promise<void>, prepare: (home: string) => string[] = () => [], environment: (home: string) => string = (home) => `XDG_STATE_HOME=${home}`): Promise<void> {
  const missing = missingSshd();
  if (missing !== undefined) { console.log(`SKIP ${number} because ${missing}`); return; }
  const home = mkdtempSync(join(tmpdir(), `acceptance-${number}-`));
  const sshd = await startSshd([`SetEnv ${environment(home)}`, ...prepare(home)]);
  const hostKeys = memoryHostKeys();
  const open = new Set<Connection>();
  const dial = async (port = sshd.port): Promise<Connection> => {
    const connection = await connect({ host: sshd.host, port, user: sshd.user, hostKeys, confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'key', text: sshd.privateKey }] } });
    open.add(connection);
    return connection;
  };
  try {
    await body({ sshd, home, runs: join(home, 'coolify-kubernetes/runs'), dial });
  } catch (error) {
    verdict(number, false, `${error instanceof Error ? error.stack ?? error.message : String(error)}`.replaceAll('\n', ' | '));
  } finally {
    for (const connection of open) connection.close();
    await sshd.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

export const sh = (id: string, script: string, more: Partial<Step> = {}): Step => ({ id, stage: 'apply', title: id, argv: ['sh', '-c', script], ...more });

let count = 0;
export const planOf = (resource: string, ...steps: Step[]): Plan => ({ id: `acceptance-${process.pid}-${++count}`, namespace: 'n', resource: { uuid: resource, name: resource }, steps });

export const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A number from 0 up to the limit, from a seed that the figures name, so that a failure can be repeated. */
export function random(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
