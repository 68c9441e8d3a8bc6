// Runs are cancelled at random moments, some of which ignore the request: no process is left after 12 s, the lock is free. Then deployments to a cluster: what changed there is named in the log.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cancelRun, followRun, startRun } from '../../src/run';
import { isGood, withServer } from './cluster.ts';
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
  verdict('14', left === 0 && wrong === 0 && slowest < 12_500 && free.kind === 'done' && free.exit === 0, `${left} processes left, ${wrong} wrong ends at ${moments} moments, slowest ${(slowest / 1000).toFixed(1)} s; plain runs (seed ${seed})${full ? '' : ' (30 moments with --full)'}`);
});

/** Processes that work in a folder; those that ended and were not waited for have none. */
const inside = (folder: string): number => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && workingDirectory(pid) === folder).length;

function workingDirectory(pid: string): string {
  try { return readlinkSync(`/proc/${pid}/cwd`); } catch { return ''; }
}

const stack = (version: number): string => `services:\n${['web', 'api', 'db'].map((part) => `  ${part}:\n    image: "busybox:1.35"\n    command: ["sleep", "100000"]\n    environment: {VERSION: "v${version}", SECRET: "secret-of-${part}-${version}"}\n    stop_grace_period: 0s`).join('\n')}\n`;

await withServer('14', async ({ server, name, runs, dial, planned, run }) => {
  const connection = await dial();
  const uuid = `${name}-app`;
  const first = await run(connection, planned(stack(0), uuid));
  if (!isGood(first.state)) throw new Error(`the first deployment ended with ${JSON.stringify(first.state)}: ${first.lines.slice(-3).join(' | ')}`);
  /** What a person means by the state of an object: its identity, and its spec or data. */
  const objects = (): Map<string, string> => {
    const { items } = JSON.parse(server.kubectl(['-n', uuid, 'get', 'deployments,services,configmaps,secrets', '-l', `coolify-kubernetes/resource=${uuid}`, '-o', 'json']).stdout) as { items: { kind: string; metadata: { name: string; uid: string }; spec?: unknown; data?: unknown }[] };
    return new Map(items.map(({ kind, metadata, spec, data }) => [`${kind.toLowerCase()}/${metadata.name}`, JSON.stringify([metadata.uid, spec, data])]));
  };
  const moments = full ? 30 : 6;
  const seed = Date.now() % 100_000;
  const pick = random(seed);
  const wrong: string[] = [];
  const seen: string[] = [];
  let left = 0;
  for (let round = 1; round <= moments; round++) {
    const before = objects();
    const next = planned(stack(round), uuid);
    await startRun(connection, next.plan, next.files);
    // Every second one is cancelled while it applies, the others anywhere.
    if (round % 2 === 0) {
      const log = join(runs, next.plan.id, 'log');
      for (const end = Date.now() + 30_000; Date.now() < end && !/\tstep\tapply\t/.test(readFileSync(log, 'utf8')); await pause(10));
      await pause(pick(500));
    } else await pause(300 + pick(3000));
    const state = await cancelRun(connection, next.plan.id);
    // The process that gives the Lease back is one of the run's, too.
    const end = Date.now() + 12_000;
    while (Date.now() < end && inside(`${runs}/${next.plan.id}`) > 0) await pause(100);
    left += inside(`${runs}/${next.plan.id}`);
    const lines: string[] = [];
    await followRun(connection, next.plan.id, 0, (event) => { if (event.type === 'output') lines.push(event.text); });
    const after = objects();
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
    // kubectl says `deployment.apps/web serverside-applied`; what was under way is told by the cancellation itself.
    const named = (key: string): boolean => lines.some((line) => line.replace(/^([a-z]+)\.[^/ ]*\//, '$1/').startsWith(`${key} serverside-applied`)) || lines.some((line) => line.startsWith('The run was cancelled during: Apply') && line.includes('may be in the cluster'));
    const unnamed = changed.filter((key) => !named(key));
    const step = lines.find((line) => line.startsWith('The run was cancelled'))?.replace(/^.*during: /, '') ?? '';
    seen.push(`${changed.length} changed (${step === '' ? 'it was over' : step.slice(0, 25)})`);
    if (unnamed.length > 0) wrong.push(`round ${round}: ${unnamed.join()} changed without a word: ${lines.slice(-3).join(' / ')}`);
    if (state.kind !== 'done' || ![0, 143, 137].includes(state.exit)) wrong.push(`round ${round}: ${JSON.stringify(state)}`);
  }
  // Neither the lock nor the Lease is left behind: the next deployment does not even wait for them to run out.
  const last = await run(connection, planned(stack(moments + 1), uuid));
  if (!isGood(last.state)) wrong.push(`the deployment afterwards: ${JSON.stringify(last.state)} ${last.lines.slice(-2).join(' / ')}`);
  verdict('14', wrong.length === 0 && left === 0, `deployments to a cluster: ${left} processes left, ${wrong.length} wrong of ${moments} moments; ${seen.join(', ')} (seed ${seed}) ${wrong.join('; ')}`);
});
