import { describe, expect, it } from 'vitest';
import { plan } from '../../../../src/engine/kubernetes/plan';
import { waves } from '../../../../src/engine/kubernetes/planWaves';
import { render } from '../../../../src/engine/kubernetes/render';
import { defaultDestination } from '../../../../src/model/destination';
import type { Container } from '../../../../src/model/stack';
import { container, stack } from './stacks';

const job = (name: string, more: Partial<Container> = {}): Container => container(name, { lifecycle: { kind: 'job', retries: 3 }, ...more });
const after = (name: string, condition: 'completed' | 'healthy' = 'completed'): Container['dependsOn'] => [{ container: name, condition, required: true }];
const rendered = (containers: Container[]): ReturnType<typeof render> => render(stack(containers), defaultDestination, new Map());
const kinds = (containers: Container[]): string[][] => waves(rendered(containers).manifests).map((wave) => [...wave.manifests.filter(({ kind }) => ['Deployment', 'Job'].includes(kind)).map(({ metadata }) => metadata.name.replace(/-[0-9a-f]{8}$/, '')), ...wave.jobs.map((name) => name.replace(/-[0-9a-f]{8}$/, ''))]);

describe('what waits for the end of a Job', () => {
  it('is applied after it', () => { expect(kinds([container('app', { dependsOn: after('migrate') }), job('migrate'), container('db')])).toEqual([['migrate', 'db', 'job/migrate']]); });
  it('comes in as many waves as Jobs wait for one another', () => {
    expect(kinds([job('one'), job('two', { dependsOn: after('one') }), container('app', { dependsOn: after('two') })])).toEqual([['one', 'job/one'], ['one', 'two', 'job/two']]);
  });
  it('makes no wave without such a dependency, nor for a Job that nobody waits for', () => { expect(kinds([container('app', { dependsOn: after('db', 'healthy') }), container('db'), job('seed')])).toEqual([]); });
  it('ends when Jobs wait for one another in a circle', () => { expect(kinds([job('one', { dependsOn: after('two') }), job('two', { dependsOn: after('one') })])).toEqual([]); });
  it('is waited for in the plan, with what a failure needs', () => {
    const { plan: { steps }, files } = plan(rendered([container('app', { dependsOn: after('migrate') }), job('migrate')]), { uuid: '0kw8abc', name: 'My App' }, { id: 'run-1', kubectl: ['kubectl'] });
    const ids = steps.filter(({ stage }) => stage === 'apply' || stage === 'roll out').map(({ id }) => id);
    expect(ids).toEqual(['failed-jobs', 'wave-1', 'done-1', 'apply', 'ready']);
    expect(steps.find(({ id }) => id === 'done-1')?.argv.join(' ')).toMatch(/rollout\.sh .* 1 job\/migrate-[0-9a-f]{8} kubectl/);
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
    expect(files['wave-1.json']).not.toContain('"Deployment"');
    expect(files['manifests.json']).toContain('"Deployment"');
  });
});
