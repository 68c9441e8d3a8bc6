import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/run/explain';
import { savedList } from '../../../src/run/explainRun';

const waiting = { containerStatuses: [{ name: 'web', image: 'x:1', ready: false, state: { waiting: { reason: 'InvalidImageName' } } }] };
const quota = (lastTimestamp: string) => ({ type: 'Warning', reason: 'FailedCreate', message: `exceeded quota at ${lastTimestamp}`, lastTimestamp, involvedObject: { kind: 'ReplicaSet', name: 'web-1' } });

describe('what a run kept of the cluster', () => {
  it('is explained, without events of an earlier run and without a line that was cut', () => {
    const text = ['start\t1000000', `pod\tweb-1-a\t${JSON.stringify(waiting)}`, 'pod\tweb-1-b\t{"containerStatu', `event\t${JSON.stringify(quota('1970-01-12T13:46:00Z'))}`, `event\t${JSON.stringify(quota('1970-01-12T12:00:00Z'))}`, ''].join('\n');
    expect(explain(savedList(text)).map(({ reason, message }) => [reason, message])).toEqual([
      ['InvalidImageName', 'x:1 is no valid image name.'], ['FailedCreate', 'The pods cannot be created: exceeded quota at 1970-01-12T13:46:00Z']]);
  });
  it('is nothing for a run that kept nothing', () => { expect(explain(savedList('start\t\n'))).toEqual([]); });
});
