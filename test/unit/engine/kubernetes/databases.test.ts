import { describe, expect, it } from 'vitest';
import { plan } from '../../../../src/engine/kubernetes/plan';
import { render } from '../../../../src/engine/kubernetes/render';
import { defaultDestination } from '../../../../src/model/destination';
import type { KubernetesDestination } from '../../../../src/model/destination';
import type { Bundle } from '../../../../src/model/instance';
import type { Rendering } from '../../../../src/model/rendering';
import { readDatabaseBundle } from '../../../../src/stack/database';
import { container, object, origin, stack } from './stacks';

const text = (value: unknown): string => JSON.stringify(value);
function database(resource: Record<string, unknown>, more: Partial<Bundle> = {}, destination: Partial<KubernetesDestination> = {}): Rendering {
  const read = readDatabaseBundle({ kind: 'database', resource: { uuid: 'dbabcdefghijklmnopqrstuv', name: 'main', status: 'running', ...resource }, envs: [], storages: {}, scheduledTasks: [], backups: [], ...more });
  if (!('containers' in read)) throw new Error(read.message);
  return render(read, { ...defaultDestination, ...destination }, new Map());
}
const postgres = { database_type: 'standalone-postgresql', image: 'postgres:18-alpine', postgres_user: 'shop', postgres_password: 'a-long-password-1', postgres_db: 'shopdb' };
const backup = (more: Record<string, unknown> = {}): Record<string, unknown> => ({ uuid: 'b1', enabled: true, frequency: 'daily', database_type: 'App\\Models\\StandalonePostgresql', databases_to_backup: 'shopdb,other', database_backup_retention_amount_locally: 5, timeout: 60, ...more });

describe('a database with SSL', () => {
  it('asks cert-manager for a certificate of its names, and only its group may read the key', () => {
    const rendering = database({ ...postgres, enable_ssl: true }, {}, { tls: { kind: 'cert-manager', issuer: 'internal' } });
    expect(object(rendering, 'Certificate')['spec']).toMatchObject({ issuerRef: { name: 'internal' }, dnsNames: expect.arrayContaining(['dbabcdefghijklmnopqrstuv']) as string[] });
    const pod = text(object(rendering, 'StatefulSet'));
    expect(pod).toContain('"mountPath":"/var/lib/postgresql/certs/server.key","subPath":"tls.key"');
    expect(pod).toContain('"defaultMode":416');
    expect(pod).toContain('"fsGroup":70');
    expect(pod).toContain('ssl=on');
  });
  it('runs without it, and says so, where nothing can issue one', () => {
    const rendering = database({ ...postgres, enable_ssl: true });
    expect(text(rendering.manifests)).not.toContain('ssl=on');
    expect(rendering.findings.filter(({ code }) => code === 'CK2031').map(({ decision }) => decision)).toEqual(['refused']);
  });
  it('is public on the port that speaks TLS', () => {
    const redis = { database_type: 'standalone-redis', image: 'redis:7', redis_password: 'a-long-password-2', enable_ssl: true, is_public: true, public_port: 16379 };
    const port = (rendering: Rendering): unknown => (object(rendering, 'Service', 'dbabcdefghijklmnopqrstuv-published')['spec'] as { ports: unknown }).ports;
    expect(port(database(redis, {}, { tls: { kind: 'secret', secretName: 'own' } }))).toMatchObject([{ port: 16379, targetPort: 6380 }]);
    expect(port(database(redis))).toMatchObject([{ port: 16379, targetPort: 6379 }]);
  });
});

describe('scheduled backups', () => {
  it('dump through the Service with the client of the same image, and keep as many as Coolify would', () => {
    const rendering = database(postgres, { backups: [backup(), backup({ uuid: 'other', database_type: 'App\\Models\\StandaloneMysql' })] });
    const jobs = rendering.manifests.filter(({ kind }) => kind === 'CronJob');
    expect(jobs).toHaveLength(1);
    const job = text(jobs[0]?.['spec']);
    expect(jobs[0]?.['spec']).toMatchObject({ schedule: '0 0 * * *', concurrencyPolicy: 'Forbid', suspend: false, jobTemplate: { spec: { activeDeadlineSeconds: 60 } } });
    expect(job).toContain('"dump","shopdb","other"');
    expect(job).toContain('"image":"postgres:18-alpine"');
    expect(job).toContain('"keep","5","0"');
    expect(job).toContain('{"name":"HOST","value":"dbabcdefghijklmnopqrstuv"}');
    expect(job).not.toContain('a-long-password-1');
    object(rendering, 'PersistentVolumeClaim', 'dbabcdefghijklmnopqrstuv-backups');
  });
  it('go to S3 with keys that stand in a Secret', () => {
    const bundle = { backups: [backup({ save_s3: true, s3_storage_id: 1, disable_local_backup: true, database_backup_retention_days_s3: 9 })], s3Storages: [{ endpoint: 'https://s3.example.com', bucket: 'b', key: 'AK', secret: 's3secret/+x', region: 'eu' }] };
    const rendering = database(postgres, bundle);
    const job = text(rendering.manifests.find(({ kind }) => kind === 'CronJob'));
    expect(job).toContain('"upload","9","0"');
    expect(job).toContain('{"name":"S3_ENDPOINT","value":"https://s3.example.com"}');
    const secret = rendering.manifests.find(({ kind, metadata }) => kind === 'Secret' && metadata.name.endsWith('-s3'))?.['data'] as Record<string, string> | undefined;
    expect(Buffer.from(secret?.['secret'] ?? '', 'base64').toString()).toBe('s3secret/+x');
    expect(job).not.toContain('s3secret');
    expect(rendering.manifests.some(({ kind, metadata }) => kind === 'PersistentVolumeClaim' && metadata.name.endsWith('-backups'))).toBe(false);
    expect(rendering.findings.some(({ decision }) => decision === 'refused')).toBe(false);
    expect(database(postgres, { ...bundle, s3Storages: [] }).findings.filter(({ decision }) => decision === 'refused').map(({ origin: { path } }) => path)).toEqual(['backups.b1.s3']);
  });
});

describe('what the API says of a database', () => {
  const decision = (rendering: Rendering, path: string): string | undefined => rendering.findings.find(({ origin: { path: at } }) => at === path)?.decision;
  it('keeps its data where the storages say, in one place only', () => {
    const rendering = database({ ...postgres, image: 'postgres:17' }, { storages: { persistent_storages: [{ uuid: 's', name: 'x', mount_path: '/var/lib/postgresql/data', host_path: '/mnt/pg' }] } });
    expect(rendering.manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name)).toEqual(['mnt-pg']);
    expect(text(object(rendering, 'StatefulSet')).match(/"mountPath":"\/var\/lib\/postgresql\/data"/g)).toHaveLength(1);
  });
  it('is not opened to the world when its port is open to the server alone, and keeps protocols apart', () => {
    const rendering = database({ ...postgres, ports_mappings: '127.0.0.1:5433:5432,5000:5000/udp' });
    expect(object(rendering, 'Service', 'dbabcdefghijklmnopqrstuv-published')['spec']).toMatchObject({ ports: [{ port: 5000, protocol: 'UDP' }] });
    expect(decision(rendering, 'ports_mappings.5432')).toBe('approximated');
    expect(object(database({ ...postgres, ports_mappings: '5433:5432' }), 'Service', 'dbabcdefghijklmnopqrstuv-published')['spec']).toMatchObject({ ports: [{ port: 5433, targetPort: 5432 }] });
  });
  it('is told where it has no counterpart', () => {
    const rendering = database({ ...postgres, custom_docker_run_options: '--shm-size=1g --user 1 -v /a:/b --ulimit nofile=1:2', limits_memory: 'lots', ssl_mode: 'require' });
    expect(['custom_docker_run_options', 'custom_docker_run_options.dropped', 'custom_docker_run_options.ulimits', 'limits_memory', 'ssl_mode'].map((path) => decision(rendering, path))).toEqual(['translated', 'ignored', 'ignored', 'refused', 'ignored']);
    expect(rendering.findings.find(({ origin: { path } }) => path === 'custom_docker_run_options.dropped')?.message).toContain('--user, -v');
    expect(decision(database({ database_type: 'standalone-clickhouse', image: 'clickhouse/clickhouse-server:25', clickhouse_admin_user: 'u', clickhouse_admin_password: 'a-long-password-3', enable_ssl: true }), 'enable_ssl')).toBe('ignored');
  });
  it('lets everybody read a file whose owner is not root', () => {
    const file = (more: Record<string, unknown>): string => text(database(postgres, { storages: { file_storages: [{ uuid: 'f', fs_path: '/x', mount_path: '/etc/x.conf', content: 'a', chmod: '0640', ...more }] } }).manifests.find(({ kind }) => kind === 'StatefulSet'));
    expect(file({})).toContain(`"defaultMode":${String(0o640)}`);
    expect(file({ chown: '999:999' })).toContain(`"defaultMode":${String(0o644)}`);
  });
  it('dumps MongoDB over TLS where it insists on it', () => {
    const mongo = { database_type: 'standalone-mongodb', image: 'mongo:7', mongo_initdb_root_username: 'u', mongo_initdb_root_password: 'a-long-password-4', enable_ssl: true };
    const job = (destination: Partial<KubernetesDestination>): string => text(object(database(mongo, { backups: [backup({ database_type: 'App\\Models\\StandaloneMongodb' })] }, destination), 'CronJob'));
    expect(job({ tls: { kind: 'secret', secretName: 'own' } })).toContain('{"name":"TLS_OPTIONS","value":"--ssl --tlsInsecure"}');
    expect(job({})).toContain('{"name":"TLS_OPTIONS","value":""}');
  });
});

it('keeps the data of PostgreSQL 18 one folder up', () => { expect(text(object(database(postgres), 'StatefulSet'))).toMatch(/"mountPath":"\/var\/lib\/postgresql"/); });

describe('scale', () => {
  const scale = { autoscale: { minimum: 2, maximum: 5, cpuPercent: 70 }, disruptionBudget: true, nodeSelector: { zone: 'eu' } };
  const scaled = (more = {}): Rendering => render(stack([container('web', { resources: { cpuLimit: 500 }, ...more })]), { ...defaultDestination, scale }, new Map());
  it('never has a number of replicas beside an autoscaler', () => {
    expect(object(scaled(), 'Deployment')['spec']).not.toHaveProperty('replicas');
    expect(object(scaled(), 'HorizontalPodAutoscaler')['spec']).toMatchObject({ minReplicas: 2, maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'web' } });
    expect(object(scaled(), 'PodDisruptionBudget')['spec']).toMatchObject({ maxUnavailable: 1 });
    expect(text(object(scaled(), 'Deployment'))).toContain('"nodeSelector":{"zone":"eu"}');
    expect(scaled().findings.some(({ code }) => code === 'CK2033')).toBe(false);
  });
  it('leaves alone what keeps data, and says when nothing can be measured', () => {
    const kept = render(stack([container('db', { mounts: [{ kind: 'volume', volume: 'data', target: '/data', readOnly: false, origin }] })], { volumes: [{ name: 'data', origin }] }), { ...defaultDestination, scale }, new Map());
    expect(kept.manifests.some(({ kind }) => kind === 'HorizontalPodAutoscaler')).toBe(false);
    expect(object(kept, 'StatefulSet')['spec']).toMatchObject({ replicas: 1 });
    expect(scaled({ resources: {} }).findings.some(({ code, decision }) => code === 'CK2033' && decision === 'approximated')).toBe(true);
  });
});

it('runs commands around a deployment from stdin, the first in the pod that is there', () => {
  const rendering = render(stack([container('web')], { hooks: { before: { command: 'migrate --token s3cret', container: 'web', origin }, after: { command: 'warm', container: 'web', origin } } }), defaultDestination, new Map());
  const { plan: made, files } = plan(rendering, { uuid: 'u', name: 'n' }, { id: 'r', kubectl: ['kubectl'] });
  const at = (id: string): number => made.steps.findIndex((step) => step.id === id);
  expect(at('before-deployment')).toBeGreaterThan(at('dry-run'));
  expect(at('before-deployment')).toBeLessThan(at('apply'));
  expect(at('after-deployment')).toBeGreaterThan(at('ready'));
  expect(made.steps[at('before-deployment')]).toMatchObject({ argv: ['sh', 'hook.sh', 'before', 'deployment/web', 'web', 'kubectl', '--namespace', rendering.namespace], stdin: 'before-deployment.txt' });
  expect(files['before-deployment.txt']).toBe('migrate --token s3cret');
  expect(text(made)).not.toContain('s3cret');
});
