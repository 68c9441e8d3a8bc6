import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CoolifyClient } from '../../../src/coolify/client';
import { isCoolifyError, type CoolifyError } from '../../../src/coolify/errors';
import type { Connection } from '../../../src/coolify/http';

const token = '7|a-token-of-a-test';

async function serving<T>(server: Server & { closeAllConnections?: () => void }, work: (port: number) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  try {
    return await work(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    server.closeAllConnections?.();
    await new Promise((resolve) => { server.close(resolve); });
  }
}

async function failure(promise: Promise<unknown>): Promise<CoolifyError> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  if (!isCoolifyError(error)) throw new Error(`expected a CoolifyError, got ${String(error)}`);
  return error;
}

function answering(listener: RequestListener, options: Partial<Connection> = {}): Promise<CoolifyError> {
  return serving(createServer(listener), (port) => failure(new CoolifyClient({ url: `http://127.0.0.1:${String(port)}`, token, timeout: 400, patience: 1, ...options }).checkAccess()));
}

const html = (status: number, headers: Record<string, string> = {}): RequestListener => (_request, response) => { response.writeHead(status, { 'Content-Type': 'text/html', ...headers }).end('<!doctype html><h1>Hello</h1>'); };
const json = (status: number, body: string, headers: Record<string, string> = {}): RequestListener => (_request, response) => { response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body); };

describe('an answer that is not as it should be is told in one sentence', () => {
  it.each<[string, RequestListener, CoolifyError['kind'], RegExp]>([
    ['a web page', html(200), 'notCoolify', /dashboard/], ['an empty page', json(200, ''), 'notCoolify', /dashboard/], ['another API', json(200, '{"name": "grafana"}'), 'notCoolify', /dashboard/], ['half of a JSON', json(200, '{"a": '), 'notCoolify', /dashboard/],
    ['a number', json(200, '4.3'), 'notCoolify', /./], ['a page of a proxy', (_request, response) => { response.writeHead(404, { 'Content-Type': 'text/plain' }).end('404 page not found\n'); }, 'notCoolify', /HTTP 404/],
    ['a login page', html(302, { Location: '/login' }), 'notCoolify', /login/], ['a login elsewhere', html(302, { Location: 'https://team.cloudflareaccess.com/cdn-cgi/access/login/x?kid=1' }), 'notCoolify', /login/],
    ['basic authentication', html(401, { 'WWW-Authenticate': 'Basic realm="x"' }), 'notCoolify', /login/], ['a page that forbids', html(403), 'notCoolify', /HTTP 403/],
    ['https instead', html(301, { Location: 'https://coolify.example.com/api/v1/version' }), 'moved', /https:\/\/coolify\.example\.com/], ['a redirect to nowhere', html(301), 'moved', /another address|127/], ['a redirect to a program', html(302, { Location: 'javascript:alert(1)' }), 'moved', /another address/],
    ['a proxy without an instance', html(502), 'serverError', /HTTP 502/], ['an update under way', json(503, '{"message": "Service Unavailable"}'), 'serverError', /again/], ['an error of Coolify', json(500, '{"message": "Server Error", "trace": []}'), 'serverError', /log/],
    ['a wrong token', json(401, '{"message": "Unauthenticated."}'), 'badToken', /Keys & Tokens/], ['no team', json(400, '{"message": "Invalid\\n token.\\u001b[31m"}'), 'badAnswer', /Invalid token\. ?\[31m\.$/], ['its own token', json(403, JSON.stringify({ message: `no ${token} here` })), 'forbidden', /no \S+ here/],
    ['a role that is gone', json(403, '{"message": "Missing required team role."}'), 'missingRole', /administrator/], ['a policy', json(403, '{"message": "You are not authorized to perform this action.", "error": "Unauthorized"}'), 'forbidden', /not authorized/],
    ['patience until a date', json(429, '{}', { 'Retry-After': 'Wed, 21 Oct 2099 07:28:00 GMT' }), 'rateLimited', /again in/],
  ])('%s', async (_name, listener, kind, message) => {
    const error = await answering(listener);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^[^\n\p{Cc}]{20,}\.$/u);
    expect(error.message).not.toMatch(/a-token-of-a-test|\[object|undefined|<h1>/);
  });
});

describe('a server that does not play along', () => {
  const slow = /did not answer in time/;
  it.each<[string, RequestListener, RegExp]>([
    ['says nothing', () => undefined, slow],
    ['stops after the head', (_request, response) => { response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders(); }, slow],
    ['stops half way', (_request, response) => { response.writeHead(200, { 'Content-Length': '100' }).write('{"a":'); }, slow],
    ['drips', (_request, response) => { response.writeHead(200); const drip = setInterval(() => { response.write(' '); }, 20); response.on('close', () => { clearInterval(drip); }); }, slow],
    ['hangs up', (request) => { request.socket.destroy(); }, /cannot be reached/],
    ['hangs up half way', (_request, response) => { response.writeHead(200, { 'Content-Length': '100' }).write('{"a":'); setTimeout(() => { response.destroy(); }, 30); }, /cannot be reached/],
    ['talks nonsense', (request) => { request.socket.end('nonsense\r\n\r\n'); }, /cannot be reached/],
    ['packs badly', (_request, response) => { response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('not packed'); }, /cannot be reached/],
  ])('%s', async (_name, listener, message) => {
    const error = await answering(listener);
    expect(['timeout', 'unreachable']).toContain(error.kind);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^[^\n]{20,}\.$/);
  });

  it('packs a flood into a small answer', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    const error = await answering((_request, response) => { response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb); }, { timeout: 20_000, mostBytes: 4 * 1024 * 1024 });
    expect(error).toMatchObject({ kind: 'badAnswer', message: expect.stringMatching(/larger than 4 MiB/) });
  });
});

describe('an address', () => {
  it.each<[string, CoolifyError['kind'], RegExp]>([
    ['ftp://127.0.0.1', 'badUrl', /https:\/\//], ['coolify.example.com', 'badUrl', /https:\/\//], ['', 'badUrl', /https:\/\//], ['https://admin:secret@127.0.0.1', 'badUrl', /password/],
    ['http://127.0.0.1:1', 'unreachable', /./], ['http://no-such-host.invalid', 'unreachable', /./],
  ])('%s', async (url, kind, message) => {
    const error = await failure(new CoolifyClient({ url, token, timeout: 5000 }).version());
    expect(error).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(error.message).not.toContain('secret@');
  });

  it('may have slashes, a query or the API’s own path at its end', async () => {
    await serving(createServer((request, response) => { response.end(request.url === '/api/v1/version' ? '4.3.11' : 'no'); }), async (port) => {
      for (const end of ['', '/', '//', '/?x=1#y', '/api/v1', '/api/v1/']) expect(await new CoolifyClient({ url: `http://127.0.0.1:${String(port)}${end}`, token }).version(), end).toBe('4.3.11');
    });
  });

  it('with a certificate that nobody vouches for', async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-tls-'));
    const file = (name: string): string => path.join(folder, name);
    try {
      const { status } = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=other.example.com', '-keyout', file('key'), '-out', file('cert')]);
      if (status !== 0) context.skip('skipped, because there is no openssl to make a certificate with');
      const error = await serving(createTlsServer({ key: readFileSync(file('key')), cert: readFileSync(file('cert')) }), (port) => failure(new CoolifyClient({ url: `https://127.0.0.1:${String(port)}`, token }).version()));
      expect(error).toMatchObject({ kind: 'tls', message: expect.stringMatching(/certificate of 127\.0\.0\.1:\d+ .*\.$/) });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
