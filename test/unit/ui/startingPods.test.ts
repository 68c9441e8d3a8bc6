import { expect, it, vi } from 'vitest';
import { followStartingPods, startedContainers } from '../../../src/ui/host/startingPods';

// The same code, from its sources: there are no bundles beside them.
vi.mock('../../../src/ui/host/bundles', async () => {
  const [core, remote] = [await import('../../../src/core'), await import('../../../src/remote')];
  return { loadCore: () => core, loadRemote: () => remote };
});

const pod = (status: object): Parameters<typeof startedContainers>[0] => ({ metadata: { uid: 'u', name: 'web-1' }, status: { ...status } });

it('finds each start of each container, the init containers first, and none that waits', () => {
  expect(startedContainers(pod({
    initContainerStatuses: [{ name: 'copy', restartCount: 0, state: { terminated: { exitCode: 0 } } }],
    containerStatuses: [{ name: 'web', restartCount: 2, state: { running: {} } }, { name: 'side', restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }],
  }))).toEqual([{ name: 'copy', key: 'u/copy/0' }, { name: 'web', key: 'u/web/2' }]);
  expect(startedContainers(pod({}))).toEqual([]);
});

it('asks again for a log that the node does not have yet, and tells nothing twice', async () => {
  const abort = new AbortController();
  const shown: string[] = [];
  let asked = 0;
  const slowNode: Parameters<typeof followStartingPods>[0] = {
    watch: (_version, _kind, _options, onChange) => { for (let i = 0; i < 3; i++) onChange([pod({ containerStatuses: [{ name: 'web', state: { running: {} } }] })]); return Promise.resolve(); },
    logs: (_pod, _options, onText) => {
      asked += 1;
      if (asked < 3) return Promise.reject(new Error('container not found'));
      onText('hello\nbye');
      return Promise.resolve();
    },
  };
  await followStartingPods(slowNode, { namespace: 'n', selector: 's', secrets: [], signal: abort.signal }, (line) => shown.push(line));
  await expect.poll(() => shown, { timeout: 5000 }).toEqual(['  web │ hello', '  web │ bye']);
  expect(asked).toBe(3);
});
