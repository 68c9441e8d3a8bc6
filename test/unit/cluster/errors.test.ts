import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cluster, type ClusterError, isClusterError, openCluster } from '../../../src/cluster';
import { data, type Handler, json, kubeconfig, type StandIn, startStandIn, status, token } from './standIn';

const secret = 'page-with-a-secret-inside';

describe('what a person is told when an answer is not what it should be (against a stand-in server)', () => {
  let server: StandIn | undefined;
  let cluster: Cluster | undefined;
  afterEach(async () => { cluster?.close(); await server?.close(); server = undefined; });

  async function open(handler: Handler, { certificate, timeoutMs = 3000, changes }: { certificate?: string; timeoutMs?: number; changes?: Parameters<typeof kubeconfig>[1] } = {}): Promise<Cluster> {
    server = await startStandIn(handler, certificate);
    cluster = openCluster(kubeconfig(server.port, changes), { timeoutMs });
    return cluster;
  }
  async function failure(promise: Promise<unknown>): Promise<ClusterError> {
    const error: unknown = await promise.then(() => { throw new Error('it succeeded'); }, (reason: unknown) => reason);
    if (!isClusterError(error)) throw error;
    for (const text of [error.message, error.hint]) {
      expect(text).not.toContain(token);
      expect(text).not.toContain(secret);
      expect(text).not.toMatch(/\[object|undefined|<html|set-cookie/i);
    }
    expect(error.message).toMatch(/^[A-Z\d].*\.$/s);
    return error;
  }

  it('an expired certificate', async () => {
    const error = await failure((await open(() => undefined, { certificate: 'expired' })).version());
    expect(error).toMatchObject({ kind: 'certificate', message: expect.stringContaining('has expired') });
  });

  it('a certificate of another authority, and nothing is sent to that server', async () => {
    const error = await failure((await open((_request, response) => json(response, 200, {}), { changes: { cluster: { 'certificate-authority-data': data('other-ca.crt') } } })).version());
    expect(error).toMatchObject({ kind: 'certificate', message: expect.stringContaining('not signed by') });
    expect(server?.requests).toEqual([]);
  });

  it('a web page instead of JSON', async () => {
    const page: Handler = (_request, response) => { response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': secret }); response.end(`<html>${secret}</html>`); };
    const opened = await open(page);
    expect(await failure(opened.version())).toMatchObject({ kind: 'not-kubernetes' });
    expect(await failure(opened.list('v1', 'Pod'))).toMatchObject({ kind: 'not-kubernetes' });
  });

  it('other JSON, a redirect to a login page, and a proxy that has lost its server', async () => {
    expect(await failure((await open((_request, response) => json(response, 200, { hello: secret }))).version())).toMatchObject({ kind: 'not-kubernetes' });
    cluster?.close(); await server?.close();
    const redirect: Handler = (_request, response) => { response.writeHead(302, { location: `https://127.0.0.1:1/${secret}` }); response.end(); };
    expect(await failure((await open(redirect)).version())).toMatchObject({ kind: 'not-kubernetes', message: expect.stringContaining('redirect') });
    expect(server?.requests).toHaveLength(1);
    cluster?.close(); await server?.close();
    const proxy: Handler = (_request, response) => { response.writeHead(502, { 'content-type': 'text/html' }); response.end(secret); };
    expect(await failure((await open(proxy)).version())).toMatchObject({ kind: 'server-error', status: 502 });
  });

  it('half an answer: once more, then an error', async () => {
    const half: Handler = (_request, response) => { response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }); response.write('{"gitVersion":"v1'); setTimeout(() => response.destroy(), 20); };
    expect(await failure((await open(half)).version())).toMatchObject({ kind: 'lost' });
    expect(server?.requests).toHaveLength(2);
  });

  it('a connection that closed while idle costs nothing', async () => {
    const opened = await open((_request, response) => json(response, 200, { gitVersion: 'v1.34.0' }));
    await opened.version();
    server?.dropAll();
    expect(await opened.version()).toBe('v1.34.0');
  });

  it('too many requests: waits as long as the server asks, then goes on', async () => {
    let left = 1;
    const opened = await open((_request, response) => { if (left-- > 0) json(response, 429, status(429, 'slow down'), { 'retry-after': '1' }); else json(response, 200, { gitVersion: 'v1.34.0' }); });
    const started = Date.now();
    expect(await opened.version()).toBe('v1.34.0');
    expect(Date.now() - started).toBeGreaterThanOrEqual(950);
    expect(server?.requests).toHaveLength(2);
  });

  it('too many requests for longer than there is time: says so at once', async () => {
    const started = Date.now();
    const error = await failure((await open((_request, response) => json(response, 429, status(429, 'slow down'), { 'retry-after': '60' }))).version());
    expect(error).toMatchObject({ kind: 'too-many-requests', status: 429 });
    expect(Date.now() - started).toBeLessThan(2000);
    expect(server?.requests).toHaveLength(1);
  });

  it('no answer at all: within the time limit', async () => {
    const started = Date.now();
    expect(await failure((await open(() => undefined, { timeoutMs: 500 })).version())).toMatchObject({ kind: 'timeout' });
    expect(Date.now() - started).toBeLessThan(3000);
  });

  it('a body that never ends: within the time limit', async () => {
    const drip: Handler = (_request, response) => { response.writeHead(200, { 'content-type': 'application/json' }); const timer = setInterval(() => response.write(' '), 50); response.once('close', () => clearInterval(timer)); };
    expect(await failure((await open(drip, { timeoutMs: 500 })).version())).toMatchObject({ kind: 'timeout' });
  });

  it('a server that repeats the token, with control characters', async () => {
    const error = await failure((await open((_request, response) => json(response, 400, status(400, `bad \u001b[31m${token}\u202e header`)))).version());
    expect(error).toMatchObject({ kind: 'invalid' });
    expect(error.message).not.toMatch(/[\u001b\u202e]/);
  });

  it('each status with one clear sentence', async () => {
    let answer: [number, Record<string, unknown>] = [500, {}];
    const opened = await open((_request, response) => json(response, answer[0], answer[1]));
    const kindOf = async (code: number, body: Record<string, unknown>): Promise<string> => { answer = [code, body]; const error = await failure(opened.version()); expect(error.status).toBe(code); return error.kind; };
    expect(await kindOf(401, status(401, 'Unauthorized'))).toBe('unauthorized');
    expect(await kindOf(403, status(403, 'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "y"'))).toBe('forbidden');
    expect(await kindOf(403, status(403, 'pods "x" is forbidden: exceeded quota: small'))).toBe('forbidden');
    expect(await kindOf(403, status(403, 'unable to create new content in namespace y because it is being terminated'))).toBe('namespace-terminating');
    expect(await kindOf(404, status(404, 'not found'))).toBe('not-found');
    expect(await kindOf(404, { error: secret })).toBe('not-kubernetes');
    expect(await kindOf(409, status(409, 'the object has been modified.'))).toBe('conflict');
    expect(await kindOf(410, status(410, 'too old resource version'))).toBe('gone');
    expect(await kindOf(413, status(413, 'Request entity too large'))).toBe('invalid');
    expect(await kindOf(422, status(422, 'spec.replicas: Invalid value: -1.'))).toBe('invalid');
    expect(await kindOf(500, status(500, 'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://x": context deadline exceeded'))).toBe('webhook');
    expect(await kindOf(500, status(500, 'etcdserver: leader changed'))).toBe('server-error');
    expect(await kindOf(503, status(503, 'not ready'))).toBe('server-error');
  });

  it('a port that speaks plain HTTP, a name that is not known, and a port where nobody listens', async () => {
    const plain = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => plain.once('listening', resolve));
    const address = plain.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    cluster = openCluster(kubeconfig(port), { timeoutMs: 3000 });
    expect(await failure(cluster.version())).toMatchObject({ kind: 'not-kubernetes', message: expect.stringContaining('HTTPS') });
    cluster.close();
    await new Promise((resolve) => plain.close(resolve));
    cluster = openCluster(kubeconfig(port), { timeoutMs: 3000 });
    expect(await failure(cluster.version())).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('Nothing listens') });
    cluster.close();
    cluster = openCluster(kubeconfig(1, { cluster: { server: 'https://no-such-host.invalid:6443' } }), { timeoutMs: 10_000 });
    expect(await failure(cluster.version())).toMatchObject({ kind: 'unreachable' });
  });

  it('a cancelled request, before and while it runs, and a closed cluster', async () => {
    const opened = await open(() => undefined);
    expect((await opened.version(AbortSignal.abort()).catch((error: unknown) => error)) as ClusterError).toMatchObject({ kind: 'aborted' });
    expect((await opened.version(AbortSignal.timeout(100)).catch((error: unknown) => error)) as ClusterError).toMatchObject({ kind: 'aborted' });
    const waiting = opened.version();
    setTimeout(() => opened.close(), 50);
    await expect(waiting).rejects.toMatchObject({ kind: 'closed' });
  });

  it('a way to the server that fails in its own words', async () => {
    cluster = openCluster(kubeconfig(6443), { dial: () => Promise.reject(Object.assign(new Error('The tunnel is refused.'), { name: 'SshError', kind: 'forward-refused', hint: 'Allow it.' })) });
    await expect(cluster.version()).rejects.toMatchObject({ kind: 'unreachable', message: 'The tunnel is refused.', hint: 'Allow it.' });
    cluster.close();
    cluster = openCluster(kubeconfig(6000));
    expect(await failure(cluster.version())).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('reserved') });
  });
});
