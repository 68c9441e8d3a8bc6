import { expect, it } from 'vitest';
import { startedContainers } from '../../../src/ui/host/startingPods';

const pod = (status: object): Parameters<typeof startedContainers>[0] => ({ metadata: { uid: 'u', name: 'web-1' }, status: { ...status } });

it('finds each start of each container, the init containers first, and none that waits', () => {
  expect(startedContainers(pod({
    initContainerStatuses: [{ name: 'copy', restartCount: 0, state: { terminated: { exitCode: 0 } } }],
    containerStatuses: [{ name: 'web', restartCount: 2, state: { running: {} } }, { name: 'side', restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }],
  }))).toEqual([{ name: 'copy', key: 'u/copy/0' }, { name: 'web', key: 'u/web/2' }]);
  expect(startedContainers(pod({}))).toEqual([]);
});
