import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cluster, openCluster } from '../../src/cluster';
import type { Manifest } from '../../src/model/manifest';
import { connect, type Connection, type ConnectOptions, forward, memoryHostKeys } from '../../src/ssh';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';

const reason = missingForServer();
const fieldManager = 'coolify-kubernetes';
const configMap = (namespace: string, more: Record<string, unknown> = {}): Manifest => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace }, data: { colour: 'blue' }, ...more });
const deployment = (spec: Record<string, unknown> = {}, pod: Record<string, unknown> = {}): Manifest => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
  spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'busybox:1.35' }], ...pod } }, ...spec } as Manifest['spec'],
});

describe('the API server through an SSH tunnel', () => {
  const dir = mkdtempSync(join(tmpdir(), 'cluster-'));
  let server: TestServer;
  let connection: Connection;
  let cluster: Cluster;
  let dials = 0;

  const sshOptions = (): ConnectOptions => ({
    host: '127.0.0.1', port: server.sshPort, user: 'root', auth: { keys: [{ name: 'test', text: readFileSync(server.privateKeyPath, 'utf8') }] }, hostKeys: memoryHostKeys(),
    confirmHostKey: (fingerprint) => Promise.resolve(fingerprint === server.hostKeyFingerprint),
  });
  const kubectl = (args: string[], stdin?: string): string => {
    const { code, stdout, stderr } = server.kubectl(args, stdin);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const apply = (manifest: Manifest, manager = fieldManager): string => kubectl(['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], JSON.stringify(manifest));

  beforeAll(async () => {
    if (reason !== undefined) return;
    server = await startServer({ dir });
    connection = await connect(sshOptions());
    cluster = openCluster(server.kubeconfig, { dial: (host, port) => { dials += 1; return forward(connection, host, port); } });
  });
  afterAll(async () => {
    if (reason !== undefined) return;
    cluster.close();
    connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach((context) => { if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`); });

  it('reads the version and objects, and tells what is not there', async () => {
    expect(await cluster.version()).toBe(JSON.parse(kubectl(['version', '-o', 'json'])).serverVersion.gitVersion);
    apply(configMap('default'));
    const object = await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'settings', namespace: 'default' });
    expect(object).toMatchObject({ data: { colour: 'blue' }, metadata: { name: 'settings' } });
    expect(object?.metadata).not.toHaveProperty('managedFields');
    expect(await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'nothing', namespace: 'default' })).toBeUndefined();
    expect(await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'nothing', namespace: 'nowhere' })).toBeUndefined();
    expect(await cluster.get({ apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', name: 'nothing', namespace: 'default' })).toBeUndefined();
  });

  it('shows what an apply would do and changes nothing', async () => {
    const answer = await cluster.dryRun({ ...configMap('default'), metadata: { name: 'fresh', namespace: 'default' } }, { fieldManager });
    expect(answer).toMatchObject({ kind: 'ok', object: { data: { colour: 'blue' }, metadata: { namespace: 'default' } } });
    expect(server.kubectl(['get', 'configmap', 'fresh']).code).not.toBe(0);
    const filled = await cluster.dryRun(deployment(), { fieldManager });
    expect(filled).toMatchObject({ object: { spec: { strategy: { type: 'RollingUpdate' } } } });
    expect(await cluster.dryRun(configMap('not-yet'), { fieldManager })).toEqual({ kind: 'noNamespace' });
    expect(await cluster.dryRun({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'not-yet' } }, { fieldManager })).toMatchObject({ kind: 'ok' });
  });

  it('refuses what the API server refuses, and names the field', async () => {
    const refusal = async (manifest: Manifest): Promise<string> => {
      const answer = await cluster.dryRun(manifest, { fieldManager });
      return answer.kind === 'refused' ? answer.message : answer.kind;
    };
    expect(await refusal(deployment({ brandNewField: 1 }))).toContain('.spec.brandNewField: field not declared in schema');
    expect(await refusal(deployment({}, { futureThing: {} }))).toContain('.spec.template.spec.futureThing');
    expect(await refusal(deployment({ replicas: -1 }))).toContain('spec.replicas');
    expect(await refusal({ apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', metadata: { name: 'x', namespace: 'default' } })).toContain('Middleware of traefik.io/v1alpha1');
    const secret = await refusal({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x', namespace: 'default' }, data: ['hunter2-hunter2'] });
    expect(secret).toContain('.data');
    expect(secret).not.toContain('hunter2');
  });

  it('names the other field manager of a conflict', async () => {
    apply(deployment({ replicas: 0 }), 'autoscaler');
    const answer = await cluster.dryRun(deployment({ replicas: 2 }), { fieldManager });
    expect(answer).toMatchObject({ kind: 'refused', conflict: { owner: 'autoscaler', fields: ['.spec.replicas'] } });
    expect(JSON.stringify(answer)).toContain('owned by autoscaler');
  });

  it('makes few connections for many calls', async () => {
    const before = dials;
    for (let n = 0; n < 50; n++) await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'default' });
    await Promise.all(Array.from({ length: 50 }, () => cluster.version()));
    expect(dials - before).toBeLessThanOrEqual(4);
    expect(dials).toBeLessThanOrEqual(4);
  });
});
