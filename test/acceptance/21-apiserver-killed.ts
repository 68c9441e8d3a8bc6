// The API server is killed between the objects of an apply and while the roll-out is watched, and comes back: every object ends applied once, no run fails, the result is right.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { killPart } from '../harness/server-parts.ts';
import { full, pause, random, verdict } from './check.ts';
import { isGood, withServer } from './cluster.ts';

const services = full ? 6 : 4;
const stack = (version: number): string => `services:\n${Array.from({ length: services }, (_, i) => `  part${i}:\n    image: "busybox:1.35"\n    command: ["sh", "-c", "sleep 1; touch /tmp/up; exec sleep 100000"]\n    environment: {VERSION: "v${version}", SECRET: "secret-number-${i}"}\n    healthcheck: {test: ["CMD", "test", "-e", "/tmp/up"], interval: 1s, retries: 60}\n    stop_grace_period: 0s`).join('\n')}\n`;

await withServer('21', async ({ server, name, runs, dial, planned, run }) => {
  const connection = await dial();
  const rounds = full ? 20 : 5;
  const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
  const pick = random(seed);
  const uuid = `${name}-app`;
  const first = await run(connection, planned(stack(0), uuid));
  if (!isGood(first.state)) throw new Error(`the first deployment ended with ${JSON.stringify(first.state)}: ${first.lines.slice(-3).join(' | ')}`);
  const wrong: string[] = [];
  const moments: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    const next = planned(stack(round), uuid);
    const objects = (JSON.parse(next.files['manifests.json'] ?? '') as { items: unknown[] }).items.length;
    // Every third kill meets the roll-out, the others fall after so many objects of the apply.
    const watching = round % 3 === 2;
    const after = watching ? objects : 1 + pick(objects - 1);
    const log = join(runs, next.plan.id, 'log');
    let killedAfter = -1;
    let over = false;
    const killing = (async () => {
      const applied = (): number => { const text = existsSync(log) ? readFileSync(log, 'utf8') : ''; return text.split('\n').filter((line) => /\toutput\tapply\t.* serverside-applied$/.test(line)).length; };
      while (!over && applied() < after) await pause(1);
      if (over) return;
      if (watching) await pause(pick(1500));
      const start = killPart(server, 'apiserver');
      killedAfter = applied();
      await pause(500 + pick(2500));
      start();
    })();
    const { state, lines } = await run(connection, next);
    over = true;
    await killing;
    moments.push(watching ? 'watch' : `${killedAfter}/${objects}`);
    const read = (kind: string, path: string): string => server.kubectl(['-n', uuid, 'get', kind, '-o', `jsonpath=${path}`]).stdout;
    const versions = [...new Set(read('deployments', '{.items[*].spec.template.spec.containers[0].env[?(@.name=="VERSION")].value}').split(' ').filter((word) => word !== ''))];
    const generations = read('deployments', '{.items[*].metadata.generation}').split(' ');
    const revision = server.kubectl(['-n', uuid, 'get', 'secrets', '-l', `coolify-kubernetes/revision-of=${uuid}`, '-o', 'jsonpath={.items[*].metadata.annotations.coolify-kubernetes/run}']).stdout.split(' ');
    const ready = read('deployments', '{.items[*].status.readyReplicas}').split(' ').filter((word) => word === '1').length;
    // Each deployment writes each Deployment's spec once; a second writing with another content would count further.
    const once = generations.length === services && generations.every((one) => one === String(round + 1));
    if (killedAfter < 0) wrong.push(`round ${round}: nothing was killed`);
    if (!isGood(state) || !once || ready !== services || !revision.includes(next.plan.id)) wrong.push(`round ${round} (${moments.at(-1) ?? ''}): ${JSON.stringify(state)}, versions ${versions.join()}, generations ${generations.join()}, ${ready} ready: ${[...lines.filter((line) => /cannot become ready|Not ready after|does not answer|answers again/.test(line)), ...lines.slice(-4)].join(' / ')}`);
  }
  verdict('21', wrong.length === 0, `${wrong.length} wrong ends of ${rounds} deployments in which the API server was killed (after ${moments.join(', ')} objects; seed ${seed}) ${wrong.join('; ')}`);
});
