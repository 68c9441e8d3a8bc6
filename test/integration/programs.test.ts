import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultDestination } from '../../src/model/destination';
import type { Bundle, ResourceKind } from '../../src/model/instance';
import { stackOfBundle, translateBundle } from '../../src/translate';
import type { Run } from '../harness/images.ts';
import { missingForPrograms, pushProgramImages } from '../harness/images-programs.ts';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { hasCorpus, readBundle, recorded } from '../unit/bundles';
import { deployerOf, eventually, runOf } from './deployer';
import type { Deployer } from './deployer';

const images = ['postgres:16-alpine', 'redis:7.2', 'rabbitmq:3-management', 'nginx:1.27-alpine'];

/** A field of the recorded answer, read past the translator, so that it checks what the translator made of it. */
function field(body: unknown, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  if (typeof value !== 'string' || value === '') throw new Error(`the recording has no ${name}`);
  return value;
}
function variable(bundle: Bundle, key: string): string {
  const found: unknown = Array.isArray(bundle.envs) ? bundle.envs.find((env: unknown) => typeof env === 'object' && env !== null && 'key' in env && env.key === key) : undefined;
  return field(found, 'real_value');
}

describe('what was recorded from Coolify, deployed with its real programs', () => {
  const reason = missingForServer() ?? missingForPrograms(images);
  const dir = mkdtempSync(join(tmpdir(), 'programs-'));
  let server: TestServer | undefined;
  let deployer: Deployer | undefined;
  let run: Run = () => '';
  const inClient = (...argv: string[]): string => run(['kubectl', '-n', 'client', 'exec', 'client', '--', ...argv]);
  const inPostgres = (...argv: string[]): string => run(['kubectl', '-n', 'client', 'exec', 'postgres', '--', ...argv]);

  beforeAll(async () => {
    if (reason !== undefined) return;
    server = await startServer({ dir });
    run = runOf(server);
    pushProgramImages(run, images, (line) => { console.log(line); });
    deployer = await deployerOf(server);
    run(['kubectl', 'create', 'namespace', 'client']);
    run(['kubectl', '-n', 'client', 'run', 'client', '--image=busybox:1.35', '--command', '--', 'sleep', '86400']);
    run(['kubectl', '-n', 'client', 'run', 'postgres', '--image=postgres:16-alpine', '--command', '--', 'sleep', '86400']);
    run(['kubectl', '-n', 'client', 'wait', '--for=condition=Ready', 'pod/client', 'pod/postgres', '--timeout=180s']);
  });
  afterAll(async () => {
    deployer?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Deploys a recorded resource, expects success, and gives where it answers. */
  async function up(kind: ResourceKind, uuid: string, more: Partial<Bundle> = {}): Promise<{ bundle: Bundle; namespace: string; workload: string; host: string }> {
    const bundle = { ...(hasCorpus ? readBundle(kind, uuid, recorded) : readBundle(kind, uuid)), ...more };
    const stack = stackOfBundle(bundle);
    const translation = translateBundle(bundle, { ...defaultDestination, storage: { sizeGi: 1 } });
    if (!('rendering' in translation) || !('containers' in stack) || deployer === undefined) throw new Error(JSON.stringify(translation));
    const { rendering } = translation;
    const { state, events, seconds } = await deployer.deploy(rendering, { uuid, name: stack.name });
    console.log(`${stack.name} was ready after ${seconds} s`);
    expect(state, JSON.stringify(events)).toEqual({ kind: 'done', exit: 0 });
    const named = (name: RegExp): string => rendering.manifests.find((manifest) => name.test(manifest.kind))?.metadata.name ?? '';
    const workload = rendering.manifests.find(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment');
    return { bundle, namespace: rendering.namespace, workload: `${workload?.kind.toLowerCase() ?? ''}/${workload?.metadata.name ?? ''}`, host: `${named(/^Service$/)}.${rendering.namespace}` };
  }
  const restart = (namespace: string, workload: string): void => {
    run(['kubectl', '-n', namespace, 'rollout', 'restart', workload]);
    run(['kubectl', '-n', namespace, 'rollout', 'status', workload, '--timeout=180s']);
  };
  const needed = (context: { skip(note: string): void }): void => {
    if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`);
    expect(reason).toBeUndefined();
  };

  it('RabbitMQ takes the user that Coolify made, serves its management page, and keeps what was made in it', { timeout: 600_000 }, async (context) => {
    needed(context);
    const { bundle, namespace, workload, host } = await up('service', 'lxfqj3enhnrybtrsndoijzpc');
    const user = variable(bundle, 'SERVICE_USER_RABBITMQ');
    const password = variable(bundle, 'SERVICE_PASSWORD_RABBITMQ');
    const exec = (...argv: string[]): string => run(['kubectl', '-n', namespace, 'exec', workload, '--', ...argv]);
    // Each rabbitmqctl starts a virtual machine of its own, so what can be asked over HTTP is.
    const api = (path: string, secret = password): string =>
      inClient('wget', '-q', '-O-', '--header', `Authorization: Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`, `http://${host}:15672/api/${path}`);
    expect(JSON.parse(await eventually(() => api('whoami'), 180))).toMatchObject({ name: user, tags: ['administrator'] });
    expect(() => api('whoami', `${password}x`)).toThrow(/401/);
    expect(exec('rabbitmqctl', 'authenticate_user', user, password)).toContain('Success');
    exec('rabbitmqctl', 'add_vhost', 'kept');
    restart(namespace, workload);
    expect(JSON.parse(await eventually(() => api('vhosts/kept'), 180))).toMatchObject({ name: 'kept' });
  });

  it('nginx answers through its Service', { timeout: 600_000 }, async (context) => {
    needed(context);
    const { host } = await up('application', '85viaiw3m7q26jn7u6h95ibh');
    expect(await eventually(() => inClient('wget', '-q', '-O-', `http://${host}/`))).toContain('Welcome to nginx!');
  });

  it('PostgreSQL takes the password that Coolify made, refuses another, keeps its data, and is backed up', { timeout: 600_000 }, async (context) => {
    needed(context);
    const daily = { uuid: 'nightly', enabled: true, frequency: 'daily', database_type: 'App\\Models\\StandalonePostgresql', database_backup_retention_amount_locally: 2, timeout: 300 };
    const { bundle, namespace, workload, host } = await up('database', 'slpsrvzxg8zxfnkuvjzd1aqm', { backups: [daily] });
    const psql = (password: string, sql: string): string => inPostgres('env', `PGPASSWORD=${password}`, 'psql', '-At', '-h', host, '-U', field(bundle.resource, 'postgres_user'), field(bundle.resource, 'postgres_db'), '-c', sql);
    const password = field(bundle.resource, 'postgres_password');
    expect(await eventually(() => psql(password, `CREATE TABLE kept AS SELECT 'once' AS word; SELECT current_user`))).toContain('postgres');
    expect(() => psql('wrong', 'SELECT 1')).toThrow(/password authentication failed/);
    restart(namespace, workload);
    expect((await eventually(() => psql(password, 'SELECT word FROM kept'))).trim()).toBe('once');

    // Three backups of which two are kept; what is in the last one is put into a database of another name.
    const kubectl = (...argv: string[]): string => run(['kubectl', '-n', namespace, ...argv]);
    const cronJob = kubectl('get', 'cronjobs', '-o', 'name').trim();
    for (const job of ['first', 'second', 'third']) {
      kubectl('create', 'job', job, `--from=${cronJob}`);
      kubectl('wait', '--for=condition=complete', `job/${job}`, '--timeout=120s');
    }
    const claim = kubectl('get', cronJob, '-o', 'jsonpath={.spec.jobTemplate.spec.template.spec.volumes[?(@.persistentVolumeClaim)].persistentVolumeClaim.claimName}');
    const reader = { containers: [{ name: 'reader', image: 'postgres:16-alpine', command: ['sleep', '86400'], volumeMounts: [{ name: 'backups', mountPath: '/backups' }] }], volumes: [{ name: 'backups', persistentVolumeClaim: { claimName: claim } }] };
    kubectl('run', 'reader', '--image=postgres:16-alpine', `--overrides=${JSON.stringify({ spec: reader })}`);
    kubectl('wait', '--for=condition=Ready', 'pod/reader', '--timeout=120s');
    const files = kubectl('exec', 'reader', '--', 'ls', '/backups/nightly').trim().split('\n');
    expect(files.filter((name) => /^pg-dump-.+-\d+\.dmp$/.test(name))).toHaveLength(2);
    psql(password, 'CREATE DATABASE restored');
    kubectl('exec', 'reader', '--', 'env', `PGPASSWORD=${password}`, 'pg_restore', '-h', host, '-U', field(bundle.resource, 'postgres_user'), '-d', 'restored', `/backups/nightly/${files.at(-1) ?? ''}`);
    expect(inPostgres('env', `PGPASSWORD=${password}`, 'psql', '-At', '-h', host, '-U', field(bundle.resource, 'postgres_user'), 'restored', '-c', 'SELECT word FROM kept').trim()).toBe('once');
  });

  it('Redis takes the password that Coolify made and nothing without it, and keeps its data', { timeout: 600_000 }, async (context) => {
    needed(context);
    const { bundle, namespace, workload, host } = await up('database', '8ykhaxvce5wazl17jdpkwsuz');
    const talk = (...lines: string[]): string => inClient('sh', '-c', '(for line; do printf "%s\\r\\n" "$line"; done; sleep 1) | nc "$0" 6379', host, ...lines);
    expect(talk('PING')).toMatch(/^-NOAUTH/);
    const password = variable(bundle, 'REDIS_PASSWORD');
    expect(await eventually(() => talk(`AUTH default ${password}`, 'PING', 'SET kept once', 'SAVE'))).toBe('+OK\r\n+PONG\r\n+OK\r\n+OK\r\n');
    restart(namespace, workload);
    expect(await eventually(() => talk(`AUTH default ${password}`, 'GET kept'))).toBe('+OK\r\n$4\r\nonce\r\n');
  });
});
