import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dialTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cluster, openCluster, roleFor, rulesFor } from '../../src/cluster';
import type { Manifest } from '../../src/model/manifest';
import { type Connection, forward, runScript } from '../../src/ssh';
import type { JsonObject } from '../../src/text/json';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { connectAsRoot } from './connectAsRoot';

const reason = missingForServer();
const fieldManager = 'coolify-kubernetes';
const configMap = (namespace: string, more: Record<string, unknown> = {}): Manifest => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace }, data: { colour: 'blue' }, ...more });
const deployment = (spec: Record<string, unknown> = {}, pod: Record<string, unknown> = {}): Manifest => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
  spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'busybox:1.35' }], ...pod } }, ...spec } as Manifest['spec'],
});

const pod = (name: string, command: string): Manifest => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'busybox:1.35', command: ['sh', '-c', command] }] },
});
const namesOf = (items: readonly JsonObject[]): string[] => items.map((item) => (item['metadata'] as { name: string }).name).sort();
async function until(condition: () => boolean, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !condition();) {
    if (Date.now() > end) throw new Error(`not so after ${seconds} s: ${condition.toString()}`);
    await sleep(50);
  }
}

describe('the API server through an SSH tunnel', () => {
  const dir = mkdtempSync(join(tmpdir(), 'cluster-'));
  let server: TestServer;
  let connection: Connection;
  let cluster: Cluster;
  let dials = 0;

  const kubectl = (args: string[], stdin?: string): string => {
    const { code, stdout, stderr } = server.kubectl(args, stdin);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const apply = (manifest: Manifest, manager = fieldManager): string => kubectl(['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], JSON.stringify(manifest));

  beforeAll(async () => {
    if (reason !== undefined) return;
    server = await startServer({ dir });
    connection = await connectAsRoot(server);
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

  it('follows pods while they come and go, and while the SSH connection and the API server are killed', { timeout: 180_000 }, async () => {
    let own: Promise<Connection> | undefined;
    const dial = async (host: string, port: number) => {
      own = own?.then((c) => (c.isOpen() ? c : connectAsRoot(server)), () => connectAsRoot(server)) ?? connectAsRoot(server);
      return forward(await own, host, port);
    };
    const watching = openCluster(server.kubeconfig, { dial });
    const stop = new AbortController();
    const reports: { at: number; names: string[] }[] = [];
    const states: string[] = [];
    const ended = watching.watch('v1', 'ConfigMap', { namespace: 'default', labelSelector: 'watched=yes', signal: stop.signal, onState: (state) => states.push(state) }, (items) => {
      reports.push({ at: Date.now(), names: namesOf(items) });
    });
    const seen = (): string => reports.at(-1)?.names.join(' ') ?? 'nothing yet';
    const put = (name: string): string => kubectl(['apply', '-f', '-'], JSON.stringify({ ...configMap('default'), metadata: { name, namespace: 'default', labels: { watched: 'yes' } } }));
    await until(() => seen() === '');
    put('one');
    await until(() => seen() === 'one');
    put('two');
    kubectl(['delete', 'configmap', 'one']);
    await until(() => seen() === 'two');

    await runScript(await own!, 'kill -9 "$PPID"; sleep 1', []);
    put('three');
    await until(() => seen() === 'three two');
    expect(states).toEqual(['live', 'retrying', 'live']);

    const restarted = restartApiServer();
    await until(() => states.length === 4);
    await restarted;
    put('four');
    kubectl(['delete', 'configmap', 'two']);
    await until(() => seen() === 'four three');
    await until(() => states.at(-1) === 'live');

    // Many changes at once are few reports, and the last one is whole.
    const before = reports.length;
    const many = Array.from({ length: 40 }, (_, n) => ({ ...configMap('default'), metadata: { name: `many-${n}`, labels: { watched: 'yes' } } }));
    const started = Date.now();
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: many }));
    await until(() => reports.at(-1)?.names.length === 42);
    expect(reports.length - before).toBeLessThanOrEqual(Math.ceil((Date.now() - started) / 200) + 1);
    kubectl(['delete', 'configmap', '-l', 'watched=yes']);
    await until(() => seen() === '');
    stop.abort();
    await ended;
    watching.close();
    (await own)?.close();
  });

  /** Kills the API server and starts it again two seconds later, with the same arguments. */
  async function restartApiServer(): Promise<void> {
    const pidFile = join(dir, 'run/apiserver.pid');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    process.kill(pid, 'SIGKILL');
    await sleep(2000);
    const child = spawn('nsenter', [`--net=/run/netns/${basename(dir)}`, '--', ...argv], { cwd: dir, detached: true, stdio: 'ignore' });
    writeFileSync(pidFile, String(child.pid));
    child.unref();
    await until(() => server.kubectl(['get', '--raw', '/readyz']).code === 0);
  }

  it('says within its time limit that an API server hangs, and works again when it goes on', async () => {
    const impatient = openCluster(server.kubeconfig, { dial: (host, port) => forward(connection, host, port), timeoutMs: 1000 });
    await impatient.version();
    const pid = Number(readFileSync(join(dir, 'run/apiserver.pid'), 'utf8'));
    process.kill(pid, 'SIGSTOP');
    try {
      const started = Date.now();
      await expect(impatient.version()).rejects.toMatchObject({ kind: 'timeout' });
      expect(Date.now() - started).toBeLessThan(3000);
      await expect(impatient.version(AbortSignal.timeout(200))).rejects.toMatchObject({ kind: 'aborted' });
    } finally { process.kill(pid, 'SIGCONT'); }
    await expect(impatient.version()).resolves.toMatch(/^v1\./);
    impatient.close();
    await expect(impatient.version()).rejects.toMatchObject({ kind: 'closed' });
  });

  it('follows a log to its end, and reads the end of it later', { timeout: 120_000 }, async () => {
    apply(pod('talker', 'n=0; while [ $n -lt 30 ]; do n=$((n+1)); echo "line $n – ü"; sleep 0.1; done'));
    kubectl(['wait', '--for=jsonpath={.status.phase}=Running', 'pod/talker', '--timeout=60s']);
    const arrivals: number[] = [];
    let text = '';
    await cluster.logs({ namespace: 'default', name: 'talker' }, { follow: true }, (part) => { arrivals.push(Date.now()); text += part; });
    expect(text).toBe(Array.from({ length: 30 }, (_, n) => `line ${n + 1} – ü\n`).join(''));
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(1000);
    let tail = '';
    await cluster.logs({ namespace: 'default', name: 'talker', container: 'main' }, { tailLines: 2, timestamps: true }, (part) => { tail += part; });
    expect(tail).toMatch(/^\d{4}-\S+Z line 29 – ü\n\d{4}-\S+Z line 30 – ü\n$/);
    await expect(cluster.logs({ namespace: 'default', name: 'talker', container: 'other' }, {}, () => undefined)).rejects.toMatchObject({ kind: 'invalid' });
    await expect(cluster.logs({ namespace: 'default', name: 'nobody' }, {}, () => undefined)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('ends a followed log when it is cancelled', { timeout: 120_000 }, async () => {
    apply(pod('endless', 'while :; do echo again; sleep 0.1; done'));
    kubectl(['wait', '--for=jsonpath={.status.phase}=Running', 'pod/endless', '--timeout=60s']);
    const stop = new AbortController();
    let text = '';
    const ended = cluster.logs({ namespace: 'default', name: 'endless' }, { follow: true, signal: stop.signal }, (part) => { text += part; if (text.length > 20) stop.abort(); });
    await ended;
    expect(text).toContain('again');
    kubectl(['delete', 'pod', 'endless']);
  });

  it('forwards a port of a pod: many requests side by side, a large answer, and a closed port', { timeout: 120_000 }, async () => {
    apply(pod('site', 'mkdir /www && cd /www && echo hello >hello && head -c 3000000 /dev/urandom >large && exec httpd -f -p 8080'));
    kubectl(['wait', '--for=jsonpath={.status.phase}=Running', 'pod/site', '--timeout=60s']);
    const problems: string[] = [];
    const forwarded = await cluster.forwardPort({ namespace: 'default', pod: 'site', port: 8080 }, { onProblem: (problem) => problems.push(problem) });
    const get = async (path: string): Promise<Buffer> => Buffer.from(await (await fetch(`http://127.0.0.1:${forwarded.port}/${path}`)).arrayBuffer());
    await until(() => server.kubectl(['exec', 'site', '--', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/hello']).code === 0);
    const answers = await Promise.all(Array.from({ length: 8 }, () => get('hello')));
    expect(answers.map(String)).toEqual(Array.from({ length: 8 }, () => 'hello\n'));
    const sum = kubectl(['exec', 'site', '--', 'sha256sum', '/www/large']).split(' ')[0];
    expect(createHash('sha256').update(await get('large')).digest('hex')).toBe(sum);
    expect(problems).toEqual([]);
    await forwarded.close();
    await expect(get('hello')).rejects.toThrow();

    const closed = await cluster.forwardPort({ namespace: 'default', pod: 'site', port: 9 }, { onProblem: (problem) => problems.push(problem) });
    await expect(fetch(`http://127.0.0.1:${closed.port}/`)).rejects.toThrow();
    expect(problems.join()).toMatch(/refused/);
    await closed.close();
    await expect(cluster.forwardPort({ namespace: 'default', pod: 'nobody', port: 1 })).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('carries what a client sends', { timeout: 120_000 }, async () => {
    apply(pod('echo', 'while :; do nc -l -p 7000 -e cat; done'));
    kubectl(['wait', '--for=jsonpath={.status.phase}=Running', 'pod/echo', '--timeout=60s']);
    const forwarded = await cluster.forwardPort({ namespace: 'default', pod: 'echo', port: 7000 });
    const sent = randomBytes(2_000_000);
    const socket = dialTcp(forwarded.port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.write(sent);
    await until(() => received.reduce((sum, { length }) => sum + length, 0) === sent.length);
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    socket.destroy();
    await forwarded.close();
  });

  it('finds what an account may not do, and makes the role that is enough', async () => {
    kubectl(['create', 'namespace', 'shop']);
    kubectl(['-n', 'shop', 'create', 'serviceaccount', 'deployer']);
    const token = kubectl(['-n', 'shop', 'create', 'token', 'deployer']).trim();
    const ca = /certificate-authority-data: ([^\s}]+)/.exec(server.kubeconfig)?.[1] ?? '';
    const kubeconfig = JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': ca } }], users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'shop' } }], 'current-context': 'x',
    });
    const limited = openCluster(kubeconfig, { dial: (host, port) => forward(connection, host, port) });
    const objects = [{ ...deployment(), metadata: { name: 'web', namespace: 'shop' } }, configMap('shop')];
    const rules = rulesFor(objects);
    expect(await limited.missingPermissions(rules)).toEqual(rules);
    const before = await limited.dryRun(objects[1]!, { fieldManager });
    expect(before).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(before)).toContain('system:serviceaccount:shop:deployer may not patch configmaps in the namespace shop');
    await expect(limited.watch('v1', 'Pod', { namespace: 'shop', signal: AbortSignal.timeout(10_000) }, () => undefined)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(limited.list('v1', 'Pod', { namespace: 'shop' })).rejects.toMatchObject({ kind: 'forbidden', message: expect.stringContaining('may not list pods in the namespace shop') });

    for (const role of roleFor(rules, 'shop')) apply(role);
    kubectl(['-n', 'shop', 'create', 'rolebinding', 'deployer', '--role=coolify-kubernetes', '--serviceaccount=shop:deployer']);
    await expect.poll(() => limited.missingPermissions(rules), { timeout: 10_000 }).toEqual([]);
    expect(await limited.dryRun(objects[0]!, { fieldManager })).toMatchObject({ kind: 'ok' });
    expect(await limited.list('v1', 'Pod', { namespace: 'shop' })).toEqual([]);
    limited.close();

    const stranger = openCluster(kubeconfig.replace(token, `${token.slice(0, -4)}AAAA`), { dial: (host, port) => forward(connection, host, port) });
    await expect(stranger.version()).rejects.toMatchObject({ kind: 'unauthorized' });
    stranger.close();
  });

  it('says that a namespace is being deleted', async () => {
    apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'leaving' } });
    apply({ ...configMap('leaving'), metadata: { name: 'anchor', namespace: 'leaving', finalizers: ['example.com/stay'] } as Manifest['metadata'] });
    kubectl(['delete', 'namespace', 'leaving', '--wait=false']);
    const answer = await cluster.dryRun(configMap('leaving'), { fieldManager });
    expect(answer).toMatchObject({ kind: 'refused', message: expect.stringContaining('namespace leaving is being deleted') });
    kubectl(['-n', 'leaving', 'patch', 'configmap', 'anchor', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
  });

  it('names the admission webhook that does not answer', async () => {
    apply({
      apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'down' },
      webhooks: [{
        name: 'policy.example.com', admissionReviewVersions: ['v1'], sideEffects: 'None', failurePolicy: 'Fail', clientConfig: { url: 'https://127.0.0.1:1/check' },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['serviceaccounts'] }],
      }],
    });
    const account: Manifest = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } };
    await expect.poll(() => cluster.dryRun(account, { fieldManager }), { timeout: 10_000 }).toMatchObject({ kind: 'refused', message: expect.stringContaining('policy.example.com') });
    kubectl(['delete', 'validatingwebhookconfiguration', 'down']);
  });

  it('tells a wrong certificate authority, a wrong name and a port where nothing listens', async () => {
    const ca = /certificate-authority-data: ([^\s}]+)/.exec(server.kubeconfig)?.[1] ?? '';
    const opened = (change: (text: string) => string, port?: number): Cluster => openCluster(change(server.kubeconfig), { dial: (host, p) => forward(connection, host, port ?? p) });
    const clientCertificate = /client-certificate-data: ([^\s,}]+)/.exec(server.kubeconfig)?.[1] ?? '';
    await expect(opened((text) => text.replace(ca, clientCertificate)).version()).rejects.toMatchObject({ kind: 'certificate', message: expect.stringContaining('not signed by') });
    await expect(opened((text) => text.replace('https://127.0.0.1:6443', 'https://cluster.example.com:6443')).version()).rejects.toMatchObject({ kind: 'unreachable' });
    const renamed = openCluster(server.kubeconfig.replace('https://127.0.0.1:6443', 'https://cluster.example.com:6443'), { dial: (_host, port) => forward(connection, '127.0.0.1', port) });
    await expect(renamed.version()).rejects.toMatchObject({ kind: 'certificate', message: expect.stringContaining('DNS:kubernetes') });
    const named = openCluster(server.kubeconfig.replace('https://127.0.0.1:6443', 'https://cluster.example.com:6443, tls-server-name: kubernetes'), { dial: (_host, port) => forward(connection, '127.0.0.1', port) });
    await expect(named.version()).resolves.toMatch(/^v1\./);
    await expect(opened((text) => text, 1).version()).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(opened((text) => text, 5000).version()).rejects.toMatchObject({ kind: 'not-kubernetes' });
    named.close();
  });
});
