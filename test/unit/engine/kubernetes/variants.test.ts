import { describe, expect, it } from 'vitest';
import { inMode } from '../../../../src/engine/kubernetes/variants';
import type { Manifest } from '../../../../src/model/manifest';

const object = (kind: string, spec: object): Manifest => ({ apiVersion: 'x/v1', kind, metadata: { name: kind.toLowerCase() }, spec: spec as never });
const rendering = {
  namespace: 'n', findings: [], hostReferences: [],
  manifests: [object('Service', { ports: [] }), object('Deployment', { replicas: 2, template: {} }), object('StatefulSet', { template: {} }), object('DaemonSet', { template: { spec: { containers: [] } } }), object('Job', { template: {} }), object('CronJob', { schedule: '* * * * *' }), object('HorizontalPodAutoscaler', {})],
};
const specs = (mode: Parameters<typeof inMode>[1]) => Object.fromEntries(inMode(rendering, mode).manifests.map(({ kind, spec }) => [kind, spec]));

describe('modes of a deployment', () => {
  it('scaled to 0: nothing runs, nothing is scheduled, nothing scales it up', () => {
    expect(specs('scaledToZero')).toEqual({
      Service: { ports: [] }, Deployment: { replicas: 0, template: {} }, StatefulSet: { replicas: 0, template: {} },
      DaemonSet: { template: { spec: { containers: [], nodeSelector: { 'coolify-kubernetes/stopped': 'true' } } } }, Job: { suspend: true, template: {} }, CronJob: { suspend: true, schedule: '* * * * *' },
    });
  });
  it('a trial: only what is scheduled sleeps', () => {
    expect(specs('trial')).toEqual({ ...specs('run'), CronJob: { suspend: true, schedule: '* * * * *' } });
  });
  it('changes nothing of what it was given', () => {
    const before = JSON.stringify(rendering);
    inMode(rendering, 'scaledToZero');
    expect(inMode(rendering, 'run')).toBe(rendering);
    expect(JSON.stringify(rendering)).toBe(before);
  });
});
