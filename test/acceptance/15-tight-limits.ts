// MaxSessions 2, MaxStartups 1, MaxAuthTries 2, LoginGraceTime 5: a whole deployment, looked at, followed, listed, cancelled and explained at the same time.
import { findRuns, followRun, cancelRun, probeServer, runState, startRun } from '../../src/run';
import { readScript } from '../../src/ssh';
import { full, verdict } from './check.ts';
import { isGood, withServer } from './cluster.ts';

const stack = 'services:\n  web: {image: "busybox:1.35", command: ["sleep", "100000"], environment: {PASSWORD: $SERVICE_PASSWORD_WEB}, stop_grace_period: 0s}\n';

await withServer('15', async ({ name, dial, planned, run }) => {
  const wrong: string[] = [];
  const rounds = full ? 10 : 2;
  let slowest = 0;
  for (let round = 0; round < rounds; round++) {
    const connection = await dial();
    const start = Date.now();
    // Twelve questions while the run is followed, where two sessions are all there is.
    const [deployed, probe, ...answers] = await Promise.all([
      run(connection, planned(stack, name)), probeServer(connection), ...Array.from({ length: 12 }, (_, index) => readScript(connection, 'sleep 0.1; echo "$1"', [String(index)])),
    ]);
    slowest = Math.max(slowest, Date.now() - start);
    if (!isGood(deployed.state)) wrong.push(`the deployment ended with ${JSON.stringify(deployed.state)}: ${deployed.lines.slice(-3).join(' / ')}`);
    if (probe.system.user !== 'root') wrong.push('the probe failed');
    if (answers.some(({ stdout }, index) => stdout.trim() !== String(index))) wrong.push('a question was lost');
    // One that never becomes ready: followed twice, which takes both sessions, and cancelled all the same.
    const stuck = planned(stack.replace('environment', 'healthcheck: {test: ["CMD", "false"], interval: 1s, retries: 1000}, environment'), name);
    await startRun(connection, stuck.plan, stuck.files);
    const following = followRun(connection, stuck.plan.id, 0, () => undefined);
    await readScript(connection, 'sleep 2', []);
    const cancelStart = Date.now();
    const cancelled = await cancelRun(connection, stuck.plan.id);
    if (cancelled.kind !== 'done' || cancelled.exit !== 143 || Date.now() - cancelStart > 15_000) wrong.push(`cancelling: ${JSON.stringify(cancelled)} after ${Date.now() - cancelStart} ms`);
    if (JSON.stringify(await following) !== JSON.stringify(cancelled)) wrong.push('the follower saw another end');
    if (!isGood(await runState(connection, deployed.id)) || (await findRuns(connection, { resourceUuid: name })).length !== 2 * (round + 1)) wrong.push('the list is not complete');
    connection.close();
    await connection.closed;
  }
  verdict('15', wrong.length === 0, `${rounds} deployments with a probe and 12 questions beside each, the slowest ${(slowest / 1000).toFixed(1)} s; each followed by one that was cancelled ${wrong.join('; ')}`);
}, { sshd: ['MaxSessions 2', 'MaxStartups 1', 'MaxAuthTries 2', 'LoginGraceTime 5'] });
