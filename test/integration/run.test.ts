import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan, RunEvent, Step } from '../../src/model/plan';
import { cancelRun, findRuns, followRun, listRuns, runState, startRun } from '../../src/run';
import { connect, type Connection, memoryHostKeys, readScript } from '../../src/ssh';
import { missingSshd, startSshd, type Sshd } from '../harness/sshd';

const missing = missingSshd();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

const step = (id: string, argv: Step['argv'], more: Partial<Step> = {}): Step => ({ id, stage: 'apply', title: `Step ${id}`, argv, ...more });
const sh = (id: string, script: string, more: Partial<Step> = {}): Step => step(id, ['sh', '-c', script], more);
const outputs = (events: RunEvent[]) => events.flatMap((e) => (e.type === 'output' ? [e.text] : []));
const exits = (events: RunEvent[]) => events.flatMap((e) => (e.type === 'exit' ? [`${e.step} ${e.code}`] : []));

describe.skipIf(missing !== undefined)('a run on a real server', () => {
  const home = mkdtempSync(join(tmpdir(), 'runs-'));
  let sshd: Sshd;
  let connection: Connection;
  let count = 0;
  const hostKeys = memoryHostKeys();
  const dial = () => connect({
    host: sshd.host, port: sshd.port, user: sshd.user, hostKeys, confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'test key', text: sshd.privateKey }] },
  });
  const planOf = (...steps: Step[]): Plan => ({ id: `run-${++count}`, namespace: 'n', resource: { uuid: 'u', name: 'n' }, steps });
  const folder = (id: string) => join(home, 'coolify-kubernetes', 'runs', id);
  const complete = async (plan: Plan, files: Record<string, string> = {}) => {
    await startRun(connection, plan, files);
    const events: RunEvent[] = [];
    const state = await followRun(connection, plan.id, 0, (event) => events.push(event));
    return { events, state };
  };
  beforeAll(async () => {
    sshd = await startSshd([`SetEnv XDG_STATE_HOME=${home}`]);
    connection = await dial();
  });
  afterAll(async () => { connection.close(); await sshd.stop(); rmSync(home, { recursive: true, force: true }); });

  it('passes words and files unchanged, in order, and deletes the files', async () => {
    const words = ["a'b", '$(id)', 'x\ny', '', '`id`', '-n', 'ü'];
    const plan = planOf(step('words', ['printf', '<%s>', ...words]), step('secret', ['cat'], { stdin: 'manifests.json' }), sh('where', 'ls -ld "$(cat private)" | cut -c 1-10'));
    const { events, state } = await complete(plan, { 'other.json': 'x'.repeat(9000), 'manifests.json': '{"ü": "s3cret\\n"}' });
    expect(state).toEqual({ kind: 'done', exit: 0 });
    expect(outputs(events)).toEqual([...words.map((w) => `<${w}>`).join('').split('\n'), '{"ü": "s3cret\\n"}', 'drwx------']);
    expect(events.map((e) => e.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.slice(0, 2)).toMatchObject([{ type: 'stage', stage: 'apply' }, { type: 'step', step: 'words', title: 'Step words' }]);
    expect(existsSync(readFileSync(join(folder(plan.id), 'private'), 'utf8').trim())).toBe(false);
    expect(readFileSync(join(folder(plan.id), 'steps.sh'), 'utf8')).not.toContain('s3cret');
  });

  it('stops at the first failure, except for what the plan says comes after it', async () => {
    const plan = planOf(sh('ask', 'exit 3'), sh('branch', 'echo branch', { when: { step: 'ask', exit: 3 } }), sh('fail', 'exit 4'), sh('never', 'echo never'),
      sh('dump', 'echo dump', { stage: 'after', when: { step: 'fail', exit: 4 } }), sh('other', 'echo other', { stage: 'after', when: { step: 'fail', exit: 5 } }));
    const { events, state } = await complete(plan);
    expect(state).toEqual({ kind: 'done', exit: 4 });
    expect(outputs(events)).toEqual(['branch', 'dump']);
    expect(exits(events)).toEqual(['ask 0', 'branch 0', 'fail 4', 'dump 0']);
  });

  it('hands on a captured line only as one word, and only of the expected form', async () => {
    const good = await complete(planOf(sh('get', 'echo "a b;id"', { capture: { pattern: '[a-z ;]+' } }), step('use', ['printf', '<%s>', { from: 'get' }])));
    expect(outputs(good.events)).toEqual(['<a b;id>']);
    const bad = await complete(planOf(sh('get', 'echo a; echo b', { capture: { pattern: '[a-z]+' } }), step('use', ['echo', { from: 'get' }])));
    expect(bad.state).toEqual({ kind: 'done', exit: 65 });
  });

  it('ends a step whose time is up', async () => {
    const { state } = await complete(planOf(sh('slow', 'exec sleep 60', { timeoutSeconds: 1 })));
    expect(state).toEqual({ kind: 'done', exit: 143 });
  });

  it('goes on when the connection is killed, and is followed without gap or repeat', async () => {
    const first = await dial();
    const plan = planOf(sh('count', 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; sleep 0.01; done'));
    await startRun(first, plan, {});
    const events: RunEvent[] = [];
    let kills = 0;
    const killServerSide = (c: Connection) => void readScript(c, 'kill -9 "$PPID"', []).catch(() => undefined);
    let current = first;
    const state = await followRun(first, plan.id, 0, (event) => {
      events.push(event);
      if ((event.seq === 50 || event.seq === 150) && kills < 2) { kills++; killServerSide(current); }
    }, undefined, async () => (current = await dial()));
    current.close();
    expect(kills).toBe(2);
    expect(state).toEqual({ kind: 'done', exit: 0 });
    expect(outputs(events)).toEqual(Array.from({ length: 300 }, (_, i) => `line ${i + 1}`));
  });

  it('runs once when started twice at the same time', async () => {
    const plan = planOf(sh('once', `echo ran >>"${home}/once"; sleep 1`));
    const second = await dial();
    const answers = await Promise.all([startRun(connection, plan, { 'a.json': '1' }), startRun(second, plan, { 'a.json': '1' }), startRun(second, plan, { 'a.json': '1' })]);
    expect(answers.sort()).toEqual(['attached', 'attached', 'started']);
    expect(await followRun(second, plan.id, 0, () => undefined)).toEqual({ kind: 'done', exit: 0 });
    expect(readFileSync(join(home, 'once'), 'utf8')).toBe('ran\n');
    expect(readdirSync(join(home, 'coolify-kubernetes', 'runs')).filter((n) => n.startsWith('.'))).toEqual([]);
    second.close();
  });

  it('is cancelled with all its processes', async () => {
    const plan = planOf(sh('tree', `sh -c 'echo $$ >"${home}/pid"; exec sleep 300' & sleep 300`), sh('never', 'echo never'));
    await startRun(connection, plan, { 'manifests.json': 'secret' });
    while (!existsSync(join(home, 'pid'))) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await runState(connection, plan.id)).toEqual({ kind: 'running' });
    expect(await cancelRun(connection, plan.id)).toEqual({ kind: 'done', exit: 143 });
    const pid = Number(readFileSync(join(home, 'pid'), 'utf8'));
    // A container's first process may leave it as a zombie: ended all the same.
    expect(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]).stdout.toString().trim()).toMatch(/^(Z.*)?$/);
    expect(existsSync(readFileSync(join(folder(plan.id), 'private'), 'utf8').trim())).toBe(false);
  });

  it('is killed when it ignores the request', async () => {
    const plan = planOf(sh('stubborn', "trap '' TERM; echo up; while :; do sleep 1; done"));
    await startRun(connection, plan, {});
    await expect.poll(() => readFileSync(join(folder(plan.id), 'log'), 'utf8'), { timeout: 15_000 }).toContain('up');
    expect(await cancelRun(connection, plan.id)).toEqual({ kind: 'done', exit: 137 });
  });

  it('waits for another run of its resource, or gives up when told to, and passes by a run of another resource', async () => {
    const first = planOf(sh('hold', `echo held; while [ ! -e "${home}/go" ]; do sleep 0.1; done`));
    await startRun(connection, first, {});
    const refused = await complete({ ...planOf(sh('no', 'echo no')), whenBusy: 'refuse' });
    expect(refused.state).toEqual({ kind: 'done', exit: 75 });
    expect(outputs(refused.events)).toEqual([`Run ${first.id} of this resource is still going on.`]);
    const other = await complete({ ...planOf(sh('yes', 'echo yes')), resource: { uuid: 'other', name: 'Other\t"one"' }, destination: 'd' });
    expect(outputs(other.events)).toEqual(['yes']);
    const second = planOf(sh('after', 'echo after'));
    await startRun(connection, second, {});
    await expect.poll(() => readFileSync(join(folder(second.id), 'log'), 'utf8'), { timeout: 15_000 }).toContain(`Waiting for run ${first.id}`);
    writeFileSync(join(home, 'go'), '');
    expect(await followRun(connection, second.id, 0, () => undefined)).toEqual({ kind: 'done', exit: 0 });
    const found = await findRuns(connection, { resourceUuid: 'other' });
    expect(found).toMatchObject([{ resource: { uuid: 'other', name: 'Other\t"one"' }, namespace: 'n', destination: 'd', state: { kind: 'done', exit: 0 } }]);
    expect(await findRuns(connection, { resourceUuid: 'other', namespace: 'elsewhere' })).toEqual([]);
  });

  it('has died with the server: a run of an earlier boot is not running, whatever its lock says', async () => {
    const plan = planOf(sh('long', 'sleep 300'));
    await startRun(connection, plan, {});
    expect(existsSync(join(folder(plan.id), 'heartbeat'))).toBe(true);
    const boot = readFileSync(join(folder(plan.id), 'boot'), 'utf8');
    writeFileSync(join(folder(plan.id), 'boot'), 'an-earlier-boot\n');
    expect(await runState(connection, plan.id)).toEqual({ kind: 'died', reason: 'rebooted' });
    writeFileSync(join(folder(plan.id), 'boot'), boot);
    expect(await cancelRun(connection, plan.id)).toMatchObject({ kind: 'done' });
  });

  it('sweeps what is old, and nothing that runs', async () => {
    const old = await complete(planOf(sh('quick', 'true'))).then(() => `run-${count}`);
    const running = planOf(sh('long', 'sleep 300'));
    await startRun(connection, running, {});
    const longAgo = new Date(Date.now() - 30 * 86_400_000);
    for (const id of [old, running.id]) utimesSync(folder(id), longAgo, longAgo);
    const ids = (await listRuns(connection)).map((run) => run.id);
    expect(ids).not.toContain(old);
    expect(ids).toContain(running.id);
    await cancelRun(connection, running.id);
  });

  it('takes a long log without a process per line', async () => {
    const start = Date.now();
    const { events, state } = await complete(planOf(sh('many', 'seq 1 50000; printf "no newline"')));
    expect(state).toEqual({ kind: 'done', exit: 0 });
    expect(outputs(events).length).toBe(50_001);
    expect(outputs(events).slice(-2)).toEqual(['50000', 'no newline']);
    expect(Date.now() - start).toBeLessThan(30_000);
  });

  it('has died when neither lock nor exit file is there, and is listed with its secrets removed', async () => {
    const plan = planOf(sh('long', 'sleep 300'));
    await startRun(connection, plan, { 'manifests.json': 'secret' });
    await readScript(connection, 'kill -KILL "-$(cat "$1/pid")"', [folder(plan.id)]);
    await expect.poll(() => runState(connection, plan.id), { timeout: 15_000 }).toEqual({ kind: 'died' });
    expect(await followRun(connection, plan.id, 0, () => undefined)).toEqual({ kind: 'died' });
    expect((await listRuns(connection)).find((run) => run.id === plan.id)).toMatchObject({ state: { kind: 'died' } });
    expect(existsSync(readFileSync(join(folder(plan.id), 'private'), 'utf8').trim())).toBe(false);
    expect(await runState(connection, 'no-such-run')).toMatchObject({ kind: 'unknown' });
  });
});
