// The server's side of the connection is killed at random moments of runs: the end is what the server says, the log is the server's, nothing runs twice.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { followRun, startRun } from '../../src/run';
import { type Connection, readScript } from '../../src/ssh';
import { full, pause, planOf, random, sh, verdict, withSshd } from './check.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

await withSshd('09', async ({ dial, home, runs }) => {
  const moments = full ? 50 : 15;
  const seed = Date.now() % 100_000;
  const pick = random(seed);
  let wrong = 0;
  let kills = 0;
  for (let round = 0; round < moments; round++) {
    const exit = pick(3);
    const plan = planOf('r', sh('count', `echo x >>${home}/ran.${round}; i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "line $i of $i"; [ $((i % 20)) -ne 0 ] || sleep 0.05; done`), sh('end', `exit ${exit}`));
    let current: Connection = await dial();
    const kill = (): Promise<void> => readScript(current, 'kill -9 "$PPID"', []).then(() => { kills += 1; }, () => undefined);
    const killing = pause(pick(900)).then(kill);
    const reconnect = async (): Promise<Connection> => (current = await dial());
    // A start whose answer was lost is tried again under the same id.
    for (;;) try { await startRun(current, plan, { 'manifests.json': '{}' }); break; } catch { await reconnect(); }
    const lines: string[] = [];
    const state = await followRun(current, plan.id, 0, (event) => { if (event.type === 'output') lines.push(event.text); }, undefined, reconnect);
    await killing;
    const log = readFileSync(join(runs, plan.id, 'log'), 'utf8').split('\n').flatMap((line) => (line.split('\t')[1] === 'output' ? [line.split('\t').slice(3).join('\t')] : []));
    const truth = Number(readFileSync(join(runs, plan.id, 'exit'), 'utf8'));
    const once = readFileSync(join(home, `ran.${round}`), 'utf8') === 'x\n';
    if (state.kind !== 'done' || state.exit !== truth || truth !== exit || hash(lines.join('\n')) !== hash(log.join('\n')) || !once) wrong += 1;
    current.close();
  }
  verdict('09', wrong === 0 && kills >= moments / 2, `${wrong} wrong ends or logs at ${moments} moments, ${kills} connections killed, in plain runs; 11 and 21 deploy (seed ${seed})${full ? '' : ' (50 moments with --full)'}`);
});
