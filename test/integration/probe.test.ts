import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultsFrom, noClusterAdvice, probeServer, readFiles, readKubeconfig } from '../../src/run';
import { connect, type Connection, memoryHostKeys } from '../../src/ssh';
import { missingForServer, startServer, type TestServer } from '../harness/server.ts';
import { missingSshd, startSshd, type Sshd } from '../harness/sshd.ts';

const dial = (port: number, user: string, key: string): Promise<Connection> => connect({
  host: '127.0.0.1', port, user, hostKeys: memoryHostKeys(), confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'test key', text: key }] },
});

const missing = missingSshd();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

describe.skipIf(missing !== undefined)('the probe of a server without a working cluster', () => {
  const home = mkdtempSync(join(tmpdir(), 'probe-'));
  const silent = createServer(() => undefined);
  let sshd: Sshd;
  let connection: Connection;
  beforeAll(async () => {
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const config = `apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{name: a, cluster: {server: "https://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]\nusers: [{name: a, user: {token: t}}]\n`;
    for (const name of ["odd $(touch PWNED) 'name' ü", 'two\nlines']) writeFileSync(join(home, name), config);
    mkdirSync(join(home, '.kube'));
    writeFileSync(join(home, '.kube/config'), config.replace(/127.0.0.1:\d+/, '127.0.0.1:1'));
    sshd = await startSshd([`SetEnv HOME=${home} KUBECONFIG=${join(home, 'none')}:${join(home, 'two\nlines').replace('\n', '')}`]);
    connection = await dial(sshd.port, sshd.user, sshd.privateKey);
  });
  afterAll(async () => { connection.close(); silent.close(); await sshd.stop(); rmSync(home, { recursive: true, force: true }); });

  it('says for each kubeconfig why it does not work, within seconds of a dead API server', async () => {
    const path = join(home, "odd $(touch PWNED) 'name' ü");
    const start = Date.now();
    const probe = await probeServer(connection, { kubeconfigPath: path });
    expect(Date.now() - start).toBeLessThan(10_000);
    expect(probe.kubeconfigs[0]).toMatchObject({ source: 'setting', path, state: 'readable', works: false });
    expect(probe.kubeconfigs[0]?.reason).toMatch(/kubectl|time|exceeded|handshake/i);
    expect(probe.kubeconfigs.map((one) => one.source).slice(0, 3)).toEqual(['setting', 'environment', 'environment']);
    expect(probe.cluster).toBeUndefined();
    expect(probe.system).toMatchObject({ user: sshd.user, root: process.getuid?.() === 0 });
    expect(probe.clockSkewSeconds).toBe(0);
    expect(probe.disks.map((one) => one.purpose)).toEqual(expect.arrayContaining(['home', 'temporary']));
    expect(defaultsFrom(probe)).toMatchObject({ applyWith: 'preview' });
    expect(noClusterAdvice(probe)).not.toEqual([]);
    expect(existsSync('PWNED') || existsSync(join(home, 'PWNED'))).toBe(false);
    expect(readdirSync('/dev/shm').filter((name) => name.startsWith('coolify-kubernetes-probe.'))).toEqual([]);
  });

  it('takes a path whole, whatever it holds', async () => {
    const path = join(home, 'two\nlines');
    expect((await probeServer(connection, { kubeconfigPath: path })).kubeconfigs[0]).toMatchObject({ path, state: 'readable' });
    expect((await probeServer(connection, { kubeconfigPath: '-x; id' })).kubeconfigs[0]).toMatchObject({ path: '-x; id', state: 'missing' });
    expect(await readKubeconfig(connection, path)).toBe(readFileSync(path, 'utf8'));
  });

  it('reads files whole and says what is wrong with others', async () => {
    const files = { 'a.pem': 'no newline at the end', 'b.pem': 'text\n\n', empty: '' };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
    const found = await readFiles(connection, Object.keys(files).map((name) => join(home, name)));
    expect([...found.values()]).toEqual(Object.values(files));
    writeFileSync(join(home, 'large'), 'x'.repeat(1_000_001));
    writeFileSync(join(home, 'binary'), Buffer.from([0x30, 0x82, 0xff, 0x00]));
    await expect(readFiles(connection, [join(home, 'large')])).rejects.toMatchObject({ kind: 'too-large' });
    await expect(readFiles(connection, [join(home, 'binary')])).rejects.toMatchObject({ kind: 'not-text' });
    await expect(readFiles(connection, [join(home, 'absent')])).rejects.toMatchObject({ kind: 'missing' });
    await expect(readKubeconfig(connection, join(home, '.kube'))).rejects.toMatchObject({ kind: 'unreadable' });
  });
});

describe('the probe of a server with a cluster', () => {
  const reason = missingForServer();
  const dir = mkdtempSync(join(tmpdir(), 'probe-'));
  let server: TestServer | undefined;
  let connection: Connection | undefined;
  beforeAll(async () => {
    if (reason !== undefined) return;
    server = await startServer({ dir });
    connection = await dial(server.sshPort, 'root', readFileSync(server.privateKeyPath, 'utf8'));
  });
  afterAll(async () => { connection?.close(); await server?.stop(); rmSync(dir, { recursive: true, force: true }); });

  it('finds the cluster, its classes, Docker and the tools', { timeout: 120_000 }, async (context) => {
    if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`);
    if (server === undefined || connection === undefined) throw new Error(reason);
    const path = join(dir, 'admin.conf');
    server.kubectl(['apply', '-f', '-'], `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: public, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: v1
kind: Service
metadata: {name: balancer, namespace: default}
spec: {type: LoadBalancer, selector: {app: none}, ports: [{port: 443}]}
`);
    chmodSync(path, 0o600);
    const start = Date.now();
    const probe = await probeServer(connection, { kubeconfigPath: path });
    console.info(`probe: ${Date.now() - start} ms`);
    expect(probe.kubeconfigs[0]).toEqual({ source: 'setting', path, state: 'readable', sudo: false, needsSudo: false, works: true });
    expect(probe.kubectl?.argv[0]).toMatch(/\/kubectl$/);
    expect(probe.kubectl?.version).toMatch(/^v1\.\d+/);
    expect(probe.cluster).toMatchObject({
      kubeconfigPath: path, version: 'v1.34.4', unread: [],
      ingressClasses: [{ name: 'public', controller: 'k8s.io/ingress-nginx', isDefault: true }],
      storageClasses: [{ name: 'local-path', provisioner: 'rancher.io/local-path', isDefault: true }],
      loadBalancers: [{ namespace: 'default', name: 'balancer', ports: [443] }],
    });
    expect(probe.cluster?.apiGroups).toEqual(expect.arrayContaining(['apps', 'networking.k8s.io']));
    expect(probe.docker?.serverVersion).toMatch(/^\d+\.\d+/);
    expect(probe.tools.git ?? probe.tools.setsid).toBeDefined();
    expect(probe.ports).toEqual([{ port: 443, service: 'default/balancer' }]);
    expect(defaultsFrom(probe)).toEqual({
      applyWith: 'server', kubeconfigPath: path, ingress: { kind: 'ingress', className: 'public' }, tls: { kind: 'none' }, storage: { sizeGi: 10, className: 'local-path' },
    });
    expect(noClusterAdvice(probe)).toEqual([]);
    expect(await readKubeconfig(connection, path)).toBe(server.kubeconfig);
  });
});
