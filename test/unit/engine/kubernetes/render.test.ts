import { describe, expect, it } from 'vitest';
import { render } from '../../../../src/engine/kubernetes/render';
import { defaultDestination } from '../../../../src/model/destination';
import type { Container, Mount, Route } from '../../../../src/model/stack';
import { container, object, origin, stack, variable } from './stacks';

const volume = (name: string): Mount => ({ kind: 'volume', volume: name, target: '/data', readOnly: false, origin });
const rendered = (containers: Container[], destination = defaultDestination): ReturnType<typeof render> => render(stack(containers), destination, new Map([['other-db', { namespace: 'else', service: 'db' }]]));

describe('workloads', () => {
  it('keeps what only one container mounts in a StatefulSet, without claim templates', () => {
    const rendering = rendered([container('db', { mounts: [volume('data')] })]);
    expect(object(rendering, 'StatefulSet')['spec']).toMatchObject({ replicas: 1, serviceName: 'db' });
    expect(JSON.stringify(object(rendering, 'StatefulSet'))).not.toContain('volumeClaimTemplates');
    expect(object(rendering, 'PersistentVolumeClaim').metadata.name).toBe('data');
  });

  it('puts containers that share a claim on one node', () => {
    const rendering = rendered([container('a', { mounts: [volume('data')] }), container('b', { mounts: [volume('data')] })]);
    expect(object(rendering, 'Deployment', 'a')['spec']).toMatchObject({ strategy: { type: 'Recreate' } });
    expect(JSON.stringify(object(rendering, 'Deployment', 'b'))).toContain('podAffinity');
    const shared = rendered([container('a', { mounts: [volume('data')] }), container('b', { mounts: [volume('data')] })], { ...defaultDestination, storage: { sizeGi: 1, sharedClassName: 'nfs' } });
    expect(JSON.stringify(shared.manifests)).not.toContain('podAffinity');
    expect(object(shared, 'PersistentVolumeClaim')['spec']).toMatchObject({ accessModes: ['ReadWriteMany'], storageClassName: 'nfs' });
  });

  it('renders a stopped resource with no replicas', () => {
    const rendering = render(stack([container('web'), container('once', { lifecycle: { kind: 'job', retries: 0 } })], { running: false }), defaultDestination, new Map());
    expect(object(rendering, 'Deployment')['spec']).toMatchObject({ replicas: 0 });
    expect(object(rendering, 'Job')['spec']).toMatchObject({ suspend: true, backoffLimit: 0 });
  });

  it('applies what a pod needs before it, and dependencies first', () => {
    const rendering = rendered([container('web', { dependsOn: [{ container: 'db', condition: 'healthy', required: true }], env: [variable('KEY', 'secret-value', true)] }), container('db')]);
    expect(rendering.manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Namespace my-app-0kw8abc', 'Secret web-env', 'Service web', 'Service db', 'Deployment db', 'Deployment web']);
  });
});

describe('environment', () => {
  it('keeps a secret out of everything but Secrets, wherever it stands', () => {
    const secret = 'hunter2hunter2';
    const rendering = rendered([container('web', {
      env: [variable('PASSWORD', secret, true), variable('URL', `redis://:${secret}@cache`)], command: ['serve', `--password=$${secret}`],
      mounts: [{ kind: 'file', content: `p=${secret}`, target: '/etc/x', readOnly: true, secret: false, origin }],
    })]);
    expect(JSON.stringify(rendering.manifests)).not.toContain(secret);
    expect(JSON.stringify(object(rendering, 'Deployment'))).toContain('--password=$$$(PASSWORD)');
    expect(JSON.stringify(rendering.findings)).not.toContain(secret);
  });
});

describe('names', () => {
  it('rewrites a name that no Service can have, in host positions only', () => {
    const rendering = rendered([container('my_db', { image: 'postgres:16' }), container('web', { env: [variable('DATABASE_URL', 'postgres://my_db@my_db:5432/my_db')] })]);
    expect(object(rendering, 'Service', 'my-db')['spec']).toMatchObject({ ports: [{ name: 'p5432-tcp', port: 5432 }] });
    expect(JSON.stringify(object(rendering, 'Deployment', 'web'))).toContain('postgres://my_db@my-db:5432/my_db');
  });

  it('leads to neighbours only where they are referred to', () => {
    expect(object(rendered([container('web', { env: [variable('DB', 'other-db')] })]), 'Service', 'other-db')['spec']).toEqual({ type: 'ExternalName', externalName: 'db.else.svc.cluster.local' });
    expect(rendered([container('web')]).manifests.some(({ metadata }) => metadata.name === 'other-db')).toBe(false);
  });

  it('reports a host that nothing answers to', () => {
    expect(rendered([container('web', { env: [variable('URL', 'http://nobody:8080')] })]).hostReferences).toEqual([{ container: 'web', where: 'env.URL', host: 'nobody', port: 8080, resolved: false }]);
  });
});

describe('routes', () => {
  const route: Route = { scheme: 'https', host: 'a.example.com', path: '/', port: 3000, forceHttps: true, stripPrefix: true, gzip: true, redirect: 'both', noindex: false, basicAuth: { username: 'u', password: 'a-long-password' }, origin };

  it('refuses what the Ingress API does not have', () => {
    const rendering = rendered([container('web', { routes: [route] })]);
    expect(rendering.findings.filter((finding) => finding.decision === 'refused')).toHaveLength(1);
    expect(JSON.stringify(object(rendering, 'Ingress'))).toContain('"port":{"number":3000}');
  });

  it('uses middlewares under Traefik', () => {
    const rendering = rendered([container('web', { routes: [route] })], { ...defaultDestination, ingress: { kind: 'traefik' } });
    expect(rendering.manifests.filter(({ kind }) => kind === 'Middleware')).toHaveLength(3);
    expect(JSON.stringify(rendering.manifests)).not.toContain('a-long-password');
  });
});

it('gives the same bytes for the same input and leaves the input alone', () => {
  const input = stack([container('my_db'), container('web', { env: [variable('DB', 'my_db')] })]);
  const before = JSON.stringify(input);
  expect(JSON.stringify(render(input, defaultDestination, new Map()))).toBe(JSON.stringify(render(input, defaultDestination, new Map())));
  expect(JSON.stringify(input)).toBe(before);
});
