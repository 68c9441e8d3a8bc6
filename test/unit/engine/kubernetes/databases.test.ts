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
    expect(job).toContain('"upload","9"');
    expect(job).not.toContain('s3secret');
    expect(rendering.manifests.some(({ kind, metadata }) => kind === 'PersistentVolumeClaim' && metadata.name.endsWith('-backups'))).toBe(false);
    expect(rendering.findings.some(({ decision }) => decision === 'refused')).toBe(false);
    expect(database(postgres, { ...bundle, s3Storages: [] }).findings.filter(({ decision }) => decision === 'refused').map(({ origin: { path } }) => path)).toEqual(['backups.b1.s3']);
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
