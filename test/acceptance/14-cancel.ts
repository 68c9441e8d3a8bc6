// Runs are cancelled at random moments, some of which ignore the request: no process is left after 12 s, the lock is free.
import { spawnSync } from 'node:child_process';
import { cancelRun, followRun, startRun } from '../../src/run';
import { full, pause, planOf, random, sh, verdict, withSshd } from './check.ts';

const living = (mark: string): number => spawnSync('sh', ['-c', 'ps -eo stat=,args= | grep -F -- "$1" | grep -v "^Z" | grep -vc grep', 'sh', mark], { encoding: 'utf8' }).stdout.trim() === '' ? 0
  : Number(spawnSync('sh', ['-c', 'ps -eo stat=,args= | grep -F -- "$1" | grep -v "^Z" | grep -v grep | wc -l', 'sh', mark], { encoding: 'utf8' }).stdout);

await withSshd('14', async ({ dial, home }) => {
  const connection = await dial();
  const moments = full ? 30 : 8;
  const seed = Date.now() % 100_000;
  const pick = random(seed);
  let left = 0;
  let wrong = 0;
  let slowest = 0;
  for (let round = 0; round < moments; round++) {
    const mark = `${home}/mark-${round}`;
    const stubborn = round % 4 === 3;
    const plan = planOf('r', sh('tree', `${stubborn ? "trap '' TERM; " : ''}sh -c 'while :; do sleep 1; done' ${mark} & sh -c 'while :; do sleep 1; done' ${mark}`), sh('never', `touch ${home}/never`));
    await startRun(connection, plan, { 'manifests.json': 'secret' });
    await pause(pick(700));
    const start = Date.now();
    const state = await cancelRun(connection, plan.id);
    slowest = Math.max(slowest, Date.now() - start);
    await pause(300);
    left += living(mark);
    if (state.kind !== 'done' || ![143, 137].includes(state.exit)) wrong += 1;
  }
  const next = planOf('r', sh('quick', 'true'));
  await startRun(connection, { ...next, whenBusy: 'refuse' }, {});
  const free = await followRun(connection, next.id, 0, () => undefined);
  verdict('14', left === 0 && wrong === 0 && slowest < 12_500 && free.kind === 'done' && free.exit === 0, `${left} processes left, ${wrong} wrong ends at ${moments} moments, slowest ${(slowest / 1000).toFixed(1)} s; plain runs: what a cancelled deployment leaves in a cluster is not compared (seed ${seed})${full ? '' : ' (30 moments with --full)'}`);
});
