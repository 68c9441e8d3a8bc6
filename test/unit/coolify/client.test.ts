import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CoolifyClient } from '../../../src/coolify/client';
import { isCoolifyError } from '../../../src/coolify/errors';
import { defaultFolder, fixtures, startCoolify, tokens, type StandIn, type StandInOptions } from '../../harness/coolify';

const rabbitmq = 'lxfqj3enhnrybtrsndoijzpc';
const image = '85viaiw3m7q26jn7u6h95ibh';
const postgres = 'slpsrvzxg8zxfnkuvjzd1aqm';

async function failure(promise: Promise<unknown>): Promise<{ kind: string; message: string }> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  if (!isCoolifyError(error)) throw new Error(`expected a CoolifyError, got ${String(error)}`);
  return error;
}

describe.each([...new Set([fixtures, defaultFolder()])])('an instance answering from %s', (folder) => {
  let coolify: StandIn;
  const as = (role: keyof typeof tokens): CoolifyClient => new CoolifyClient({ url: coolify.url, token: tokens[role] });
  beforeAll(async () => { coolify = await startCoolify({ folder }); });
  afterAll(() => coolify.stop());

  it('tells version, team and what the token sees', async () => {
    expect(await as('sensitive').checkAccess()).toEqual({ version: '4.3.11', team: 'Root Team', sensitive: true });
    const read = await as('read').checkAccess();
    expect(read.sensitive).toBe(false);
    expect(read.warning).toContain('read:sensitive');
  });

  it('lists servers and destinations', async () => {
    const servers = await as('root').servers();
    expect(servers[0]).toMatchObject({ name: 'localhost', ip: 'host.docker.internal', port: 22, user: 'root', reachable: true, coolifyHost: true, timezone: 'UTC' });
    const destinations = await as('root').destinations();
    expect(new Set(destinations.map((d) => d.kind))).toEqual(new Set(['standalone', 'swarm']));
    expect(destinations.every((d) => servers.some((s) => s.uuid === d.serverUuid))).toBe(true);
  });

  it('knows server, destination, project and environment of every resource', async () => {
    const resources = await as('root').resources();
    for (const resource of resources) {
      expect(resource, resource.name).toMatchObject({ serverUuid: expect.any(String), destinationUuid: expect.any(String), projectName: expect.any(String), environmentName: expect.any(String) });
    }
    expect(resources.find((r) => r.uuid === image)).toMatchObject({ kind: 'application', name: 'image-basic', status: { state: 'running', health: 'healthy', excluded: false }, projectName: 'Shop', environmentName: 'production' });
    expect(resources.find((r) => r.uuid === rabbitmq)).toMatchObject({ kind: 'service', type: 'service' });
    expect(resources.find((r) => r.uuid === postgres)).toMatchObject({ kind: 'database', type: 'standalone-postgresql' });
  });

  it.each([['application', image], ['service', rabbitmq], ['database', postgres]] as const)('bundles a whole %s', async (kind, uuid) => {
    const bundle = await as('sensitive').bundle(kind, uuid);
    expect(bundle).toMatchObject({ kind, resource: { uuid }, scheduledTasks: [], backups: [] });
    expect(bundle.storages).toHaveProperty('persistent_storages');
    expect(Array.isArray(bundle.envs)).toBe(true);
  });

  it('gives the key with which Coolify logs in to a server, if the token may read it', async () => {
    const server = 'f9nxrr7a9psina9p4muyck4g';
    expect(await as('sensitive').serverPrivateKey(server)).toEqual({ name: "localhost's key", text: expect.stringMatching(/^-----BEGIN OPENSSH PRIVATE KEY-----\n[^]*-----END OPENSSH PRIVATE KEY-----\n$/) });
    expect(await as('read').serverPrivateKey(server)).toBeUndefined();
    expect(await as('root').serverPrivateKey('doesnotexist')).toBeUndefined();
  });

  it('says what is not there', async () => {
    expect(await failure(as('root').application('doesnotexist'))).toMatchObject({ kind: 'notFound' });
  });
});

describe('each failure is one sentence', () => {
  async function check(options: StandInOptions, token: string = tokens.sensitive): Promise<{ kind: string; message: string }> {
    const coolify = await startCoolify({ folder: fixtures, ...options });
    const error = await failure(new CoolifyClient({ url: coolify.url, token, timeout: 300, patience: 2 }).checkAccess());
    await coolify.stop();
    return error;
  }

  it.each([
    ['API off', { mode: 'apiDisabled' }, undefined, 'apiDisabled'],
    ['address not allowed', { mode: 'addressNotAllowed' }, undefined, 'addressNotAllowed'],
    ['wrong token', {}, '999|nope-nope-nope', 'badToken'],
    ['no read', {}, tokens.deploy, 'missingAbility'],
    ['not Coolify', { mode: 'notCoolify' }, undefined, 'notCoolify'],
    ['no answer', { mode: 'silent' }, undefined, 'timeout'],
    ['a redirect', { mode: 'redirect' }, undefined, 'moved'],
    ['a long throttle', { rateLimited: 9, retryAfter: 60 }, undefined, 'rateLimited'],
  ] satisfies [string, StandInOptions, string | undefined, string][])('%s', async (_name, options, token, kind) => {
    const error = await check(options, token);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(/^[^\n]{20,}\.$/);
    expect(error.message).not.toContain(token ?? tokens.sensitive);
  });

  it('not reachable', async () => {
    const coolify = await startCoolify();
    await coolify.stop();
    expect(await failure(new CoolifyClient({ url: coolify.url, token: tokens.read }).version())).toMatchObject({ kind: 'unreachable' });
  });

  it('TLS', async () => {
    const coolify = await startCoolify();
    expect(await failure(new CoolifyClient({ url: coolify.url.replace('http', 'https'), token: tokens.read }).version())).toMatchObject({ kind: 'tls' });
    await coolify.stop();
  });

  it('a token that no header can carry', async () => {
    expect(await failure(new CoolifyClient({ url: 'http://127.0.0.1:1', token: 'a\nb' }).version())).toMatchObject({ kind: 'badUrl' });
  });
});

describe('patience', () => {
  it('waits out a short throttle', async () => {
    const coolify = await startCoolify({ folder: fixtures, rateLimited: 1, retryAfter: 1 });
    expect(await new CoolifyClient({ url: coolify.url, token: tokens.read }).version()).toBe('4.3.11');
    expect(coolify.requests).toHaveLength(2);
    await coolify.stop();
  });

  it('ends at once when cancelled, also while waiting', async () => {
    const coolify = await startCoolify({ folder: fixtures, rateLimited: 1, retryAfter: 30 });
    const abort = new AbortController();
    setTimeout(() => { abort.abort(); }, 50);
    expect(await failure(new CoolifyClient({ url: coolify.url, token: tokens.read }).version(abort.signal))).toMatchObject({ kind: 'cancelled' });
    await coolify.stop();
  });
});

describe('backups that go to S3', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coolify-s3-'));
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  it('come with the storages that they go to, which are asked for only then', async () => {
    const record = (name: string, body: unknown): void => { writeFileSync(path.join(folder, 'root', `${name}.json`), JSON.stringify({ status: 200, headers: { 'Content-Type': 'application/json' }, body })); };
    mkdirSync(path.join(folder, 'root'));
    record('databases__one', { uuid: 'one', database_type: 'standalone-postgresql' });
    for (const part of ['envs', 'storages']) record(`databases__one__${part}`, part === 'envs' ? [] : {});
    record('databases__one__backups', [{ uuid: 'b', save_s3: false }]);
    record('s3-storages', [{ uuid: 's', bucket: 'dumps' }]);
    const coolify = await startCoolify({ folder });
    try {
      const client = new CoolifyClient({ url: coolify.url, token: tokens.root });
      expect(await client.bundle('database', 'one')).not.toHaveProperty('s3Storages');
      record('databases__one__backups', [{ uuid: 'b', save_s3: true }]);
      client.forget();
      expect(await client.bundle('database', 'one')).toMatchObject({ s3Storages: [{ bucket: 'dumps' }] });
    } finally {
      await coolify.stop();
    }
  });
});
