// Run by check 11 as a process of its own: `start FILE` starts a plan and follows it, `attach RUN` follows one that goes on. Prints when its program was loaded, what it sees, and the end.
import { readFileSync } from 'node:fs';
import { followRun, startRun } from '../../src/run';
import { connect, memoryHostKeys } from '../../src/ssh';
import type { Planned } from './cluster.ts';

const loaded = Date.now();
const [what = '', argument = '', port = '', fingerprint = '', key = ''] = process.argv.slice(2);
const say = (value: unknown): void => { process.stdout.write(`${JSON.stringify(value)}\n`); };
const connection = await connect({
  host: '127.0.0.1', port: Number(port), user: 'root', hostKeys: memoryHostKeys(), confirmHostKey: (shown) => Promise.resolve(shown === fingerprint), auth: { keys: [{ name: 'key', text: readFileSync(key, 'utf8') }] },
});
let id = argument;
if (what === 'start') {
  const { plan, files } = JSON.parse(readFileSync(argument, 'utf8')) as Planned;
  id = plan.id;
  await startRun(connection, plan, files);
}
say({ loaded });
const state = await followRun(connection, id, 0, (event) => { say({ event, at: Date.now() }); });
say({ state });
connection.close();
