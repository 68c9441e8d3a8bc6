// Twenty starts at once, with the same id and with different ones: one runs under each id, never two of one resource at a time, no lock is left.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { followRun, startRun } from '../../src/run';
import { readScript } from '../../src/ssh';
import { planOf, sh, verdict, withSshd } from './check.ts';

await withSshd('13', async ({ dial, home, runs }) => {
  const connections = await Promise.all([dial(), dial(), dial(), dial()]);
  const connection = (index: number) => connections[index % connections.length] as (typeof connections)[number];
  const same = planOf('one', sh('once', `echo ran >>${home}/same; sleep 0.5`));
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => startRun(connection(i), same, { 'a.json': 'x'.repeat(2000) })));
  await followRun(connection(0), same.id, 0, () => undefined);
  const ran = readFileSync(join(home, 'same'), 'utf8');

  // Each of the others says so when it meets another one inside.
  const others = Array.from({ length: 20 }, () => planOf('two', sh('alone', `mkdir ${home}/inside || { echo two at once >>${home}/clash; exit 9; }; echo in >>${home}/order; sleep 0.1; rmdir ${home}/inside`)));
  await Promise.all(others.map((plan, i) => startRun(connection(i), plan, {})));
  const states = await Promise.all(others.map((plan, i) => followRun(connection(i), plan.id, 0, () => undefined)));
  const well = states.filter((state) => state.kind === 'done' && state.exit === 0).length;
  const entered = readFileSync(join(home, 'order'), 'utf8').split('\n').length - 1;
  // The one that holds the lock is killed without a word.
  const killed = planOf('two', sh('long', 'sleep 300'));
  await startRun(connection(0), killed, {});
  await readScript(connection(0), 'kill -KILL "-$(cat "$1/pid")"', [join(runs, killed.id)]);
  const last = planOf('two', sh('after', 'true'));
  await startRun(connection(0), { ...last, whenBusy: 'refuse' }, {});
  const free = await followRun(connection(0), last.id, 0, () => undefined);
  const started = answers.filter((answer) => answer === 'started').length;
  verdict('13', started === 1 && ran === 'ran\n' && well === 20 && entered === 20 && free.kind === 'done' && free.exit === 0, `same id: ${started} started, ${20 - started} attached; different ids: ${well} of 20 ended well, one at a time; lock after the last and after a holder was killed ${free.kind === 'done' && free.exit === 0 ? 'free' : 'held'}`);
}, () => ['MaxSessions 40', 'MaxStartups 50:30:100']);
