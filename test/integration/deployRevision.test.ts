import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plan, type PlanOptions } from '../../src/engine/kubernetes/plan';
import { restartPlan, rollbackPlan, startPlan, stopPlan } from '../../src/engine/kubernetes/planOperations';
import { readRevisions, type Revision, revisionsQuery } from '../../src/engine/kubernetes/planRevision';
import type { Manifest } from '../../src/model/manifest';
import type { Plan, RunState } from '../../src/model/plan';
import { followRun, startRun } from '../../src/run';
import type { Connection } from '../../src/ssh';
import { isObject, type Json } from '../../src/text/json';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { connectAsRoot } from './connectAsRoot';

const reason = missingForServer();
const unable = reason !== undefined && process.env['REQUIRE'] !== 'full';
const base = '127.0.0.1:5000/test/base:1';

describe('the life of a deployed resource', { timeout: 900_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'revision-'));
  let server: TestServer;
  let connection: Connection;

  beforeAll(async () => {
    if (unable) return;
    server = await startServer({ dir });
    connection = await connectAsRoot(server);
  });
  afterAll(async () => {
    connection?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const skipIfUnable = (context: { skip: (note: string) => void }) => { if (unable) context.skip(`skipped, because ${reason}`); };

  const labels = (uuid: string, name: string) => ({ 'app.kubernetes.io/managed-by': 'coolify-kubernetes', 'coolify-kubernetes/resource': uuid, 'coolify-kubernetes/container': name });
  const object = (uuid: string, apiVersion: string, kind: string, name: string, rest: { [key: string]: Json } = {}): Manifest => ({ apiVersion, kind, metadata: { name, namespace: uuid, labels: labels(uuid, name) }, ...rest });
  const deployment = (uuid: string, name: string, word: string): Manifest => object(uuid, 'apps/v1', 'Deployment', name, { spec: {
    replicas: 1, selector: { matchLabels: { 'coolify-kubernetes/container': name } },
    template: { metadata: { labels: labels(uuid, name) }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: base, command: ['sleep', '100000'], env: [{ name: 'WORD', value: word }] }] } },
  } });
  const config = (uuid: string, name: string) => object(uuid, 'v1', 'ConfigMap', name, { data: { a: 'b' } });
  const claim = (uuid: string, name: string) => object(uuid, 'v1', 'PersistentVolumeClaim', name, { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } });
  const namespace = (uuid: string): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: uuid, labels: labels(uuid, '') } });
  const options = (more: Partial<PlanOptions> = {}): PlanOptions => ({ id: `revision-test-${randomUUID()}`, kubectl: ['kubectl'], rolloutSeconds: 90, ...more });

  const run = async (planned: { plan: Plan; files: Record<string, string> }): Promise<{ state: RunState; log: string }> => {
    await startRun(connection, planned.plan, planned.files);
    const lines: string[] = [];
    const state = await followRun(connection, planned.plan.id, 0, (event) => { if (event.type === 'output') lines.push(event.text); });
    return { state, log: lines.join('\n') };
  };
  const deploy = (uuid: string, manifests: Manifest[], more: Partial<PlanOptions> = {}) =>
    run(plan({ namespace: uuid, manifests: [namespace(uuid), ...manifests], findings: [], hostReferences: [] }, { uuid, name: uuid }, options(more)));
  const kubectl = (...args: string[]): string => server.kubectl(args).stdout.trim();
  const live = (uuid: string, what: string, path: string) => kubectl('-n', uuid, 'get', what, '-o', `jsonpath={${path}}`);
  const names = (uuid: string, kinds: string) => kubectl('-n', uuid, 'get', kinds, '-l', `coolify-kubernetes/resource=${uuid}`, '-o', 'name').split('\n').filter((n) => n !== '').sort();
  const revisions = (uuid: string): Revision[] => readRevisions(JSON.parse(server.kubectl(['-n', uuid, ...revisionsQuery({ uuid })]).stdout) as Json);
  const done = { kind: 'done', exit: 0 };

  it('keeps revisions, prunes what is gone but no claim, goes back, stops, starts and restarts', async (context) => {
    skipIfUnable(context);
    const uuid = 'life';
    const resource = { uuid, name: uuid };
    expect((await deploy(uuid, [config(uuid, 'one'), claim(uuid, 'data'), deployment(uuid, 'web', 'first')])).state).toEqual(done);
    expect(revisions(uuid)).toMatchObject([{ manifests: [{ kind: 'Namespace' }, { metadata: { name: 'one' } }, { metadata: { name: 'data' } }, { metadata: { name: 'web' } }] }]);
    expect(live(uuid, 'lease', '.items[0].spec.leaseDurationSeconds')).toBe('30');
    const second = await deploy(uuid, [config(uuid, 'two'), deployment(uuid, 'web', 'second')]);
    expect(second.state).toEqual(done);
    expect(second.log).toMatch(/configmap "one" deleted/);
    expect(second.log).toMatch(/Keeping persistentvolumeclaim\/data/);
    expect(names(uuid, 'configmaps,pvc,deployments')).toEqual(['configmap/two', 'deployment.apps/web', 'persistentvolumeclaim/data']);
    const [newest, oldest] = revisions(uuid);
    if (newest === undefined || oldest === undefined) throw new Error('there are no two revisions');
    expect((await run(rollbackPlan(oldest, resource, options(), newest))).state).toEqual(done);
    expect(live(uuid, 'deployment/web', '.spec.template.spec.containers[0].env[0].value')).toBe('first');
    expect(names(uuid, 'configmaps')).toEqual(['configmap/one']);
    expect(revisions(uuid).length).toBe(3);
    expect((await run(stopPlan(oldest, resource, options()))).state).toEqual(done);
    await expect.poll(() => names(uuid, 'pods'), { timeout: 30_000 }).toEqual([]);
    expect((await run(startPlan(oldest, resource, options()))).state).toEqual(done);
    const before = names(uuid, 'pods');
    expect(before.length).toBe(1);
    expect((await run(restartPlan(oldest.manifests, uuid, resource, options()))).state).toEqual(done);
    await expect.poll(() => names(uuid, 'pods'), { timeout: 30_000 }).not.toEqual(before);
    // A deployment after a restart meets no conflict.
    expect((await deploy(uuid, [config(uuid, 'one'), deployment(uuid, 'web', 'third')])).state).toEqual(done);
  });

  it('writes nothing when nothing changes, and mends what others took away', async (context) => {
    skipIfUnable(context);
    const uuid = 'same';
    const same = [config(uuid, 'one'), config(uuid, 'two'), deployment(uuid, 'web', 'first')];
    expect((await deploy(uuid, same)).state).toEqual(done);
    const versions = () => live(uuid, 'configmap/one', '.metadata.resourceVersion') + live(uuid, 'deployment/web', '.metadata.resourceVersion');
    const before = versions();
    const again = await deploy(uuid, same);
    expect(again.state).toEqual(done);
    expect(again.log).toMatch(/Nothing changes\.[^]*deployment\/web successfully rolled out[^]*The last revision is the same\./);
    expect(again.log).not.toContain('serverside-applied');
    expect(versions()).toBe(before);
    expect(revisions(uuid)).toHaveLength(1);
    kubectl('-n', uuid, 'delete', 'configmap/two');
    const mended = await deploy(uuid, same);
    expect(mended.state).toEqual(done);
    expect(mended.log).toContain('configmap/two serverside-applied');
    expect(names(uuid, 'configmaps')).toEqual(['configmap/one', 'configmap/two']);
    // A change of another's field manager is none of the content, but ours has to own its fields.
    server.kubectl(['-n', uuid, 'apply', '--server-side', '--force-conflicts', '--field-manager=another', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { a: 'changed' } }));
    const conflict = await deploy(uuid, same);
    expect(conflict.state).toEqual({ kind: 'done', exit: 1 });
    expect(conflict.log).toMatch(/conflict with "another"/);
  });

  it('goes back to the deployment before when the pods do not become ready, if it was asked to', async (context) => {
    skipIfUnable(context);
    const uuid = 'returns';
    expect((await deploy(uuid, [deployment(uuid, 'web', 'one')])).state).toEqual({ kind: 'done', exit: 0 });
    const [before] = revisions(uuid);
    if (before === undefined) throw new Error('there is no revision');
    const broken = deployment(uuid, 'web', 'two');
    const text = JSON.stringify(broken).replace('"sleep","100000"', '"false"');
    const { state, log } = await deploy(uuid, [JSON.parse(text) as Manifest, config(uuid, 'added'), claim(uuid, 'data')], { returnTo: before, rolloutSeconds: 60, rolloutRestarts: 1 });
    // It failed, and says so; what runs is what ran before.
    expect(state).toMatchObject({ kind: 'done', exit: 1 });
    expect(log).toContain('deployment/web successfully rolled out');
    expect(live(uuid, 'deployment/web', '.spec.template.spec.containers[0].env[0].value')).toBe('one');
    expect(live(uuid, 'deployment/web', '.status.readyReplicas')).toBe('1');
    expect(names(uuid, 'configmaps,persistentvolumeclaims')).toEqual(['persistentvolumeclaim/data']);
    expect(revisions(uuid)).toHaveLength(1);
  });

  it('touches nothing that somebody else made, unless it may adopt it', async (context) => {
    skipIfUnable(context);
    const uuid = 'foreign';
    kubectl('create', 'namespace', uuid);
    kubectl('label', 'namespace', uuid, 'app.kubernetes.io/managed-by=coolify-kubernetes', `coolify-kubernetes/resource=${uuid}`);
    kubectl('-n', uuid, 'create', 'configmap', 'theirs', '--from-literal=key=value');
    const refused = await deploy(uuid, [config(uuid, 'ours'), config(uuid, 'theirs')]);
    expect(refused.state).toEqual({ kind: 'done', exit: 77 });
    expect(refused.log).toMatch(/configmap\/theirs exists already and was not made by this extension/);
    expect(names(uuid, 'configmaps')).toEqual([]);
    expect(live(uuid, 'configmap/theirs', '.data')).toBe('{"key":"value"}');
    expect((await deploy(uuid, [config(uuid, 'ours'), config(uuid, 'theirs')], { adopt: ['ConfigMap/theirs'] })).state).toEqual(done);
    const other = await run(plan({ namespace: uuid, manifests: [{ ...config('someone', 'ours'), metadata: { name: 'ours', namespace: uuid, labels: labels('someone', '') } }], findings: [], hostReferences: [] }, { uuid: 'someone', name: 'x' }, options()));
    expect(other.state).toEqual({ kind: 'done', exit: 77 });
    expect(other.log).toMatch(/configmap\/ours belongs to another resource \(foreign\)/);
  });

  it('refuses a plan whose preview is out of date, and writes nothing', async (context) => {
    skipIfUnable(context);
    const uuid = 'moved';
    expect((await deploy(uuid, [deployment(uuid, 'web', 'first')], { expect: [] })).state).toEqual(done);
    const seen = JSON.parse(server.kubectl(['get', `ns/${uuid}`, '-o', 'json']).stdout) as Json;
    const web = JSON.parse(server.kubectl(['-n', uuid, 'get', 'deployment/web', '-o', 'json']).stdout) as Json;
    const identity = (value: Json) => (isObject(value) && isObject(value['metadata']) ? { uid: String(value['metadata']['uid']), ...(typeof value['metadata']['generation'] === 'number' && { generation: value['metadata']['generation'] }) } : {});
    const expectation = [{ kind: 'Namespace', name: uuid, ...identity(seen) }, { kind: 'Deployment', name: 'web', ...identity(web) }];
    expect((await deploy(uuid, [deployment(uuid, 'web', 'second')], { expect: expectation })).state).toEqual(done);
    const late = await deploy(uuid, [deployment(uuid, 'web', 'third')], { expect: expectation });
    expect(late.state).toEqual({ kind: 'done', exit: 76 });
    expect(late.log).toMatch(/deployment\/web was changed since the preview \(generation 1, now 2\)/);
    expect(live(uuid, 'deployment/web', '.spec.template.spec.containers[0].env[0].value')).toBe('second');
    const unseen = await deploy(uuid, [deployment(uuid, 'web', 'third')], { expect: [] });
    expect(unseen.log).toMatch(/was made since the preview/);
  });

  it('does not begin anew, without its volumes, under the name that a resource was given later', async (context) => {
    skipIfUnable(context);
    const uuid = 'renamed';
    expect((await deploy(uuid, [claim(uuid, 'data')])).state).toEqual(done);
    const later = 'renamed-later';
    const named = [namespace(uuid), claim(uuid, 'data')].map((manifest) => ({ ...manifest, metadata: { ...manifest.metadata, ...(manifest.kind === 'Namespace' ? { name: later } : { namespace: later }) } }));
    const result = await run(plan({ namespace: later, manifests: named, findings: [], hostReferences: [] }, { uuid, name: uuid }, options()));
    expect(result.state).toEqual({ kind: 'done', exit: 1 });
    expect(result.log).toContain('namespace/renamed holds this resource already, under an earlier name.');
    expect(kubectl('get', 'namespaces', '-o', 'name')).not.toContain(later);
  });

  it('keeps out while another machine holds the Lease, and takes over one that was left behind', async (context) => {
    skipIfUnable(context);
    const uuid = 'lease';
    expect((await deploy(uuid, [config(uuid, 'one')])).state).toEqual(done);
    const name = live(uuid, 'lease', '.items[0].metadata.name');
    await expect.poll(() => live(uuid, `lease/${name}`, '.spec.holderIdentity'), { timeout: 20_000 }).toBe('');
    const hold = (holder: string) => kubectl('-n', uuid, 'patch', 'lease', name, '--type=merge', '-p', JSON.stringify({ spec: { holderIdentity: holder, leaseDurationSeconds: 8 } }));
    hold('run-1@elsewhere');
    const refused = await deploy(uuid, [config(uuid, 'two')], { whenBusy: 'refuse' });
    expect(refused.state).toEqual({ kind: 'done', exit: 75 });
    expect(refused.log).toMatch(/held by run-1@elsewhere/);
    expect(names(uuid, 'configmaps')).toEqual(['configmap/one']);
    const start = Date.now();
    const taken = await deploy(uuid, [config(uuid, 'two')]);
    expect(taken.state).toEqual(done);
    expect(Date.now() - start).toBeGreaterThan(8000);
    expect(taken.log).toMatch(/The Lease of run-1@elsewhere was not renewed/);
    expect(names(uuid, 'configmaps')).toEqual(['configmap/two']);
  });
});
