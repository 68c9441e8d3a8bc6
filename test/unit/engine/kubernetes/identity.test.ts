import { expect, it } from 'vitest';
import { render } from '../../../../src/engine/kubernetes/render';
import { defaultDestination } from '../../../../src/model/destination';
import { container, origin, stack } from './stacks';

const example = stack([
  container('2_Web', { hostNames: ['2_Web', 'front'], ports: [{ port: 80, protocol: 'TCP', evidence: 'ports', origin }] }),
  container('db', { image: 'postgres:16', mounts: [{ kind: 'volume', volume: 'db_data', target: '/var/lib/postgresql/data', readOnly: false, origin }] }),
]);

const identities = (namespace?: string): unknown => render(example, { ...defaultDestination, ...(namespace === undefined ? {} : { namespace }) }, new Map())
  .manifests.map(({ kind, metadata, spec }) => [kind, metadata.name, metadata.namespace, metadata.labels, (spec as { selector?: unknown } | undefined)?.selector]);

it('never changes what objects are called and selected by', () => {
  expect(identities()).toMatchSnapshot();
});

it('tells resources apart in a fixed namespace', () => {
  expect(identities('apps')).toMatchSnapshot();
});
