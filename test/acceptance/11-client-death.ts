// The deploying process is killed in build, push, apply and roll-out; a new one attaches within 3 s, sees the whole log and the right end, and the lock is held as long as the run goes on.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { plan } from '../../src/engine/kubernetes/plan';
import { isObject, type Json } from '../../src/text/json';
import { followRun, runState, startRun } from '../../src/run';
import { pause, verdict } from './check.ts';
import { isGood, type Planned, withServer } from './cluster.ts';

/** Three seconds; on a machine that is busy with other work as much longer as a bare `node` takes longer than its usual 60 ms. */
function attachLimit(): number {
  const start = Date.now();
  spawnSync(process.execPath, ['-e', '0']);
  return 3000 * Math.max(1, (Date.now() - start) / 60);
}

const stages = ['build', 'push', 'apply', 'roll out'];

await withServer('11', async ({ server, name, runs, dial, rendering, planned }) => {
  const wrong: string[] = [];
  const times: string[] = [];
  const child = (...args: string[]) => {
    const started = Date.now();
    const process_ = spawn(process.execPath, ['--experimental-transform-types', '--no-warnings', '--import', join(import.meta.dirname, 'resolve.mjs'), join(import.meta.dirname, 'deployChild.ts'), ...args, String(server.sshPort), server.hostKeyFingerprint, server.privateKeyPath], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: { [key: string]: Json }[] = [];
    let watch: (line: { [key: string]: Json }) => void = () => undefined;
    createInterface({ input: process_.stdout }).on('line', (line) => { const value = JSON.parse(line) as Json; if (isObject(value)) { lines.push(value); watch(value); } });
    const closed = new Promise<void>((resolve) => process_.once('close', () => { resolve(); }));
    return { lines, closed, started, kill: () => { process_.kill('SIGKILL'); }, onLine: (listener: typeof watch) => { watch = listener; for (const line of lines) listener(line); } };
  };
  const build = (round: number) => ({
    pack: 'dockerfile' as const, source: { kind: 'inline' as const, dockerfile: `FROM 127.0.0.1:5000/test/base:1\nRUN echo ${round} >/round && sleep 5\n` }, repository: 'built/app', named: false, baseDirectory: '/', variables: [], secrets: false,
    injectArguments: false, noCache: false, sourceCommit: false,
  });
  const connection = await dial();
  for (const [round, stage] of stages.entries()) {
    const image = `127.0.0.1:5000/built/app:${round}`;
    const stack = JSON.stringify({ services: { web: { image, command: ['sh', '-c', 'sleep 8; touch /tmp/up; exec sleep 100000'], stop_grace_period: '0s', healthcheck: { test: ['CMD', 'test', '-e', '/tmp/up'], interval: '1s', retries: 60 } } } });
    const one: Planned = plan(rendering(stack, name), { uuid: name, name }, { id: `${name}-killed-${round}`, kubectl: ['kubectl'], rolloutSeconds: 120, builds: { requests: [{ build: build(round), image }], push: {} } });
    const file = join(server.dir, 'plan.json');
    writeFileSync(file, JSON.stringify(one), { mode: 0o600 });
    const first = child('start', file);
    await new Promise<void>((resolve) => { first.onLine((line) => { if (isObject(line['event']) && line['event']['type'] === 'stage' && line['event']['stage'] === stage) resolve(); if ('state' in line) resolve(); }); });
    first.kill();
    await first.closed;
    const died = await runState(connection, one.plan.id);
    if (died.kind !== 'running') wrong.push(`${stage}: killed too late (${JSON.stringify(died)})`);
    // Another deployment of the same resource is told that it has to wait.
    const other = planned(stack, name, { whenBusy: 'refuse' });
    await startRun(connection, other.plan, other.files);
    const refused = await followRun(connection, other.plan.id, 0, () => undefined);
    if (refused.kind !== 'done' || refused.exit !== 75) wrong.push(`${stage}: the lock was not held (${JSON.stringify(refused)})`);
    const second = child('attach', one.plan.id);
    await second.closed;
    const events = second.lines.flatMap((line) => (isObject(line['event']) ? [line['event']] : []));
    const attached = second.lines.find((line) => 'event' in line)?.['at'];
    // From the moment its program is loaded: an editor takes its own time to start.
    const took = Number(attached) - Number(second.lines.find((line) => 'loaded' in line)?.['loaded']);
    const limit = attachLimit();
    times.push(`${stage} ${(took / 1000).toFixed(1)} s of ${(limit / 1000).toFixed(1)} s (with loading ${((Number(attached) - second.started) / 1000).toFixed(1)} s)`);
    // Each event once, in order, to the end, and the end that the server knows.
    const log = readFileSync(join(runs, one.plan.id, 'log'), 'utf8').split('\n').length - 1;
    const whole = events.length === log && events.every((event, index) => event['seq'] === index + 1);
    const state = second.lines.at(-1)?.['state'];
    if (!isObject(state ?? null) || JSON.stringify(state) !== JSON.stringify({ kind: 'done', exit: 0 }) || readFileSync(join(runs, one.plan.id, 'exit'), 'utf8').trim() !== '0') wrong.push(`${stage}: ended with ${JSON.stringify(state)}`);
    if (!whole) wrong.push(`${stage}: ${events.length} of ${log} events`);
    if (!(took <= limit)) wrong.push(`${stage}: attached after ${took} ms`);
    if (server.kubectl(['-n', name, 'get', 'deployment/web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}']).stdout !== image) wrong.push(`${stage}: the image is not the deployment's`);
    await pause(200);
  }
  const last = planned(JSON.stringify({ services: { web: { image: 'busybox:1.35', command: ['sleep', '100000'], stop_grace_period: '0s' } } }), name, { whenBusy: 'refuse' });
  await startRun(connection, last.plan, last.files);
  const free = await followRun(connection, last.plan.id, 0, () => undefined);
  if (!isGood(free)) wrong.push(`the lock was not free afterwards (${JSON.stringify(free)})`);
  verdict('11', wrong.length === 0, `killed in ${stages.length} stages; a new process saw the log after ${times.join(', ')}: ${wrong.length} wrong ${wrong.join('; ')}`);
});
