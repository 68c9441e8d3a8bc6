import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/engine/kubernetes/plan';
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
      'validate: namespace', 'validate: dry-run', 'apply: apply', 'roll out: ready']);
    expect(steps[2]?.argv).toEqual(['k3s', 'kubectl', 'apply', '--server-side', '--field-manager=coolify-kubernetes', '--force-conflicts=false', '-f', '-']);
    expect(steps.filter((s) => s.stage === 'after').every((s) => s.when?.exit === 'failed')).toBe(true);
  });

  it('holds secrets in its files only', () => {
    const { plan: text, files } = planned();
    expect(files['manifests.json']).toContain('c2VjcmV0');
    expect(JSON.stringify(text) + stepsScript(text)).not.toContain('c2VjcmV0');
    expect(JSON.parse(files['namespace.json'] ?? '')).toMatchObject({ kind: 'List', items: [{ kind: 'Namespace' }] });
  });

  it('uses sudo and a kubeconfig where it is told to, and creates no namespace that is not rendered', () => {
    const { plan: text, files } = planned({ sudo: true, kubeconfigPath: '/etc/a b' }, manifests.slice(1));
    expect(text.steps[0]?.argv.slice(0, 6)).toEqual(['sudo', '-n', 'k3s', 'kubectl', '--kubeconfig', '/etc/a b']);
    expect(Object.keys(files)).toEqual(['manifests.json']);
  });
});
