import { describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { plan } from '../../../src/engine/kubernetes/plan';
import { restartPlan, rollbackPlan, startPlan, stopPlan } from '../../../src/engine/kubernetes/planOperations';
import { pruned, readRevisions, revisionSecrets } from '../../../src/engine/kubernetes/planRevision';
import type { Json } from '../../../src/text/json';
import type { Manifest } from '../../../src/model/manifest';
import { stepsScript } from '../../../src/run/steps';

const object = (kind: string, name: string, more: Partial<Manifest> = {}): Manifest => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'shop' }, ...more });
const manifests = [object('Namespace', 'shop'), object('Secret', 's', { data: { K: 'c2VjcmV0' } }), object('Deployment', 'web'), object('Job', 'migrate')];
const planned = (more: { sudo?: boolean; kubeconfigPath?: string } = {}, objects = manifests) =>
  plan({ namespace: 'shop', manifests: objects, findings: [], hostReferences: [] }, { uuid: 'u', name: 'Shop' }, { id: 'run-1', kubectl: ['k3s', 'kubectl'], ...more });

describe('the plan of a Kubernetes deployment', () => {
  it('checks, applies and waits, in this order', () => {
    const { steps } = planned().plan;
    expect(steps.filter((s) => s.stage !== 'after').map((s) => `${s.stage}: ${s.id}`)).toEqual([
      'validate: guard', 'validate: namespace', 'validate: lease', 'validate: dry-run', 'apply: failed-jobs', 'apply: apply', 'roll out: ready', 'prune: prune']);
    expect(steps.find((s) => s.id === 'apply')?.argv).toEqual(['sh', 'retry.sh', '90', 'k3s', 'kubectl', 'apply', '--server-side', '--field-manager=coolify-kubernetes', '--force-conflicts=false', '-f', '-']);
    expect(steps.filter((s) => s.stage === 'after').every((s) => s.id === 'revision' || s.when?.exit === 'failed')).toBe(true);
  });

  it('applies only when something changes, and then waits, keeps the revision and prunes all the same', () => {
    const waiting = planned().plan.steps.filter((s) => s.when?.step === 'dry-run').map((s) => s.id);
    expect(waiting).toEqual(['failed-jobs', 'apply']);
    expect(planned().plan.steps.find((s) => s.id === 'namespace')?.when).toEqual({ step: 'guard', exit: 3 });
  });

  it('holds secrets in its files only', () => {
    const { plan: text, files } = planned();
    expect(files['manifests.json']).toContain('c2VjcmV0');
    expect(JSON.stringify(text) + stepsScript(text)).not.toContain('c2VjcmV0');
    expect(JSON.parse(files['namespace.json'] ?? '')).toMatchObject({ kind: 'List', items: [{ kind: 'Namespace' }] });
  });

  it('uses sudo and a kubeconfig where it is told to, and creates no namespace that is not rendered', () => {
    const { plan: text, files } = planned({ sudo: true, kubeconfigPath: '/etc/a b' }, manifests.slice(1));
    expect(text.steps.find((s) => s.id === 'dry-run')?.argv.slice(6)).toEqual(['sudo', '-n', 'k3s', 'kubectl', '--kubeconfig', '/etc/a b']);
    expect(Object.keys(files)).not.toContain('namespace.json');
  });

  it('gives what sudo asks for and the login of a registry to the run as files, never as words', () => {
    const { plan: text, files } = plan({ namespace: 'shop', manifests, findings: [], hostReferences: [] }, { uuid: 'u', name: 'Shop' }, {
      id: 'run-1', kubectl: ['kubectl'], sudo: true, sudoPassword: 'sudo-pw', registry: { host: 'r.example.org:5000/team', username: 'builder', password: 'registry-pw', pullSecret: 'pull' },
    });
    expect(files['sudo-password']).toBe('sudo-pw\n');
    expect(text.steps.find(({ id }) => id === 'apply')?.argv.slice(3, 6)).toEqual(['sudo', '-A', 'kubectl']);
    const [secret] = (JSON.parse(files['pull-secret.json'] ?? '') as { items: Manifest[] }).items;
    expect(secret).toMatchObject({ type: 'kubernetes.io/dockerconfigjson', metadata: { name: 'pull', namespace: 'shop' } });
    expect(JSON.stringify(secret?.metadata.labels)).not.toContain('"u"');
    const auths = JSON.parse(Buffer.from(String((secret?.['data'] as Record<string, string> | undefined)?.['.dockerconfigjson']), 'base64').toString()) as Json;
    expect(auths).toEqual({ auths: { 'r.example.org:5000': { username: 'builder', password: 'registry-pw', auth: Buffer.from('builder:registry-pw').toString('base64') } } });
    expect(JSON.stringify(text) + stepsScript(text)).not.toMatch(/sudo-pw|registry-pw/);
  });

  it('keeps revisions that can be read back, in parts where they are large, without one of which a part is missing', () => {
    const noise = Array.from({ length: 40_000 }, (_, i) => createHash('sha256').update(String(i)).digest('base64')).join('');
    const large = [...manifests, object('ConfigMap', 'big', { data: { noise } })];
    const secrets = revisionSecrets(large, { uuid: 'u' }, 'shop', 'run-7');
    expect(secrets.length).toBeGreaterThan(1);
    for (const secret of secrets) expect(JSON.stringify(secret).length).toBeLessThan(900_000);
    const stored = (items: Manifest[]): Json => ({ items: items.map((secret) => JSON.parse(JSON.stringify({ ...secret, metadata: { ...secret.metadata, creationTimestamp: '2026-01-01T00:00:00Z' } })) as Json) });
    expect(readRevisions(stored([...secrets].reverse()))).toMatchObject([{ run: 'run-7', manifests: large }]);
    expect(readRevisions(stored(secrets.slice(1)))).toEqual([]);
    expect(readRevisions('nonsense')).toEqual([]);
  });

  it('prunes what is gone, never namespaces, claims only when agreed to, and nothing when there is nothing new', () => {
    const before = [{ id: 'a', run: 'r', createdAt: '', manifests: [...manifests, object('PersistentVolumeClaim', 'data')] }];
    const now = [object('Deployment', 'api', { apiVersion: 'apps/v1' })];
    expect(pruned(before, now)).toEqual(['secret/s', 'deployment/web', 'job/migrate']);
    expect(pruned(before, now, { volumes: true })).toContain('persistentvolumeclaim/data');
    expect(pruned(before, [])).toEqual([]);
  });

  it('rolls back with the claims of today, stops at zero and starts as it was', () => {
    const deployment = object('Deployment', 'web', { apiVersion: 'apps/v1', spec: { replicas: 3 } });
    const claim = (size: string) => object('PersistentVolumeClaim', 'data', { spec: { size } });
    const revision = (size: string) => ({ id: size, run: 'r', createdAt: '', manifests: [object('Namespace', 'shop'), claim(size), deployment, object('Job', 'migrate')] });
    const resource = { uuid: 'u', name: 'Shop' };
    const options = { id: 'run-2', kubectl: ['kubectl'] };
    const back = rollbackPlan(revision('1Gi'), resource, options, revision('2Gi'));
    expect(back.files['manifests.json']).toContain('2Gi');
    expect(back.files['manifests.json']).not.toMatch(/1Gi|migrate/);
    expect(back.plan.steps.some((s) => s.id === 'revision')).toBe(true);
    expect(stopPlan(revision('1Gi'), resource, options).files['manifests.json']).toContain('"replicas":0');
    expect(startPlan(revision('1Gi'), resource, options).files['manifests.json']).toContain('"replicas":3');
    expect(restartPlan([deployment], 'shop', resource, options).plan.steps[0]?.argv).toEqual(['kubectl', '--namespace', 'shop', 'rollout', 'restart', 'deployment/web']);
  });

  it('has no template with a line break, which Go would not read inside quotes', () => {
    const scripts = Object.entries(planned().plan.scripts ?? {}).filter(([name]) => name.endsWith('.tmpl'));
    expect(scripts.map(([name]) => name)).toContain('jobs.tmpl');
    for (const [, text] of scripts) expect(text).not.toContain('\n');
  });
});
