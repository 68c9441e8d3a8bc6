// The run's own process is killed, and the server is started again: both are told as died, the lock is free, the next run starts.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cancelRun, followRun, runState, startRun } from '../../src/run';
import { readScript } from '../../src/ssh';
import { pause, planOf, sh, verdict, withSshd } from './check.ts';

await withSshd('12', async ({ dial, runs }) => {
  const connection = await dial();
  const killed = planOf('r', sh('long', 'sleep 300'));
  await startRun(connection, killed, { 'manifests.json': '{}' });
  const start = Date.now();
  await readScript(connection, 'kill -KILL "-$(cat "$1/pid")"', [join(runs, killed.id)]);
  let state = await runState(connection, killed.id);
  while (state.kind === 'running' && Date.now() - start < 20_000) { await pause(100); state = await runState(connection, killed.id); }
  const told = Date.now() - start;
  const next = planOf('r', sh('quick', 'true'));
  await startRun(connection, next, {});
  const after = await followRun(connection, next.id, 0, () => undefined);

  const rebooted = planOf('r', sh('long', 'sleep 300'));
  await startRun(connection, rebooted, {});
  const boot = join(runs, rebooted.id, 'boot');
  const now = readFileSync(boot, 'utf8');
  writeFileSync(boot, 'another-boot\n');
  const gone = await runState(connection, rebooted.id);
  writeFileSync(boot, now);
  await cancelRun(connection, rebooted.id);
  const passed = state.kind === 'died' && after.kind === 'done' && after.exit === 0 && gone.kind === 'died' && gone.reason === 'rebooted';
  verdict('12', passed, `told as died after ${told} ms, the next run ${JSON.stringify(after)}, after another boot ${JSON.stringify(gone)}`);
});
