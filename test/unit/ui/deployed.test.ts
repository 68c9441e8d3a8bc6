import { describe, expect, it } from 'vitest';
import { deployedIn } from '../../../src/ui/tree/deployed';

const label = 'coolify-kubernetes/resource';
const labels = (uuid: string) => ({ labels: { [label]: uuid } });
const pod = (name: string, uuid: string, status: object, more: object = {}) => ({ metadata: { name, namespace: 'shop', ...labels(uuid), ...more }, spec: { containers: [{ name: 'web', ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }] }] }, status }) as never;
const running = (ready: boolean, restartCount = 0) => ({ phase: 'Running', containerStatuses: [{ ready, restartCount, state: { running: {} } }] });
const waiting = (reason: string) => ({ phase: 'Pending', containerStatuses: [{ ready: false, restartCount: 2, state: { waiting: { reason } } }] });

describe('what of a resource is in a cluster', () => {
  it('counts workloads and names the state of each pod in one word', () => {
    const workloads = [
      { metadata: { name: 'web', namespace: 'shop', ...labels('a') }, spec: { replicas: 2 }, status: { readyReplicas: 1 } },
      { metadata: { name: 'agent', namespace: 'shop', ...labels('a') }, spec: {}, status: { desiredNumberScheduled: 3, numberReady: 3 } },
      { metadata: { name: 'db', namespace: 'other', ...labels('b') }, spec: { replicas: 0 }, status: {} },
      { metadata: { name: 'foreign', namespace: 'other' }, spec: { replicas: 1 }, status: {} },
    ];
    const pods = [
      pod('web-1', 'a', running(true)), pod('web-2', 'a', running(false, 3)), pod('web-3', 'a', waiting('ImagePullBackOff')), pod('web-4', 'a', waiting('ContainerCreating')),
      pod('web-5', 'a', { phase: 'Succeeded' }), pod('web-6', 'a', running(true), { deletionTimestamp: '2026-01-01T00:00:00Z' }), pod('web-7', 'a', { phase: 'Failed', reason: 'Evicted' }),
    ];
    const found = deployedIn({ pods, workloads }, label);
    expect(found.map(({ uuid, ready, desired }) => ({ uuid, ready, desired }))).toEqual([{ uuid: 'b', ready: 0, desired: 0 }, { uuid: 'a', ready: 4, desired: 5 }]);
    expect(found[1]?.pods.map(({ name, state, ready, restarts }) => [name, state, ready, restarts])).toEqual([
      ['web-1', 'Ready', true, 0], ['web-2', 'Not ready', false, 3], ['web-3', 'ImagePullBackOff', false, 2], ['web-4', 'Pending', false, 2],
      ['web-5', 'Completed', false, 0], ['web-6', 'Terminating', true, 0], ['web-7', 'Evicted', false, 0],
    ]);
    expect(found[1]?.pods[0]?.ports).toEqual([80]);
  });
  it('takes objects of any shape', () => {
    expect(deployedIn({ pods: [{}, { metadata: null }, { metadata: { labels: { [label]: 'x' } } }], workloads: [{}] }, label)).toMatchObject([{ uuid: 'x', pods: [{ state: 'Unknown', ready: false }] }]);
  });
});
