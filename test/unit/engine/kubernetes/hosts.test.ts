import { describe, expect, it } from 'vitest';
import { hostsIn } from '../../../../src/engine/kubernetes/hosts';
import { defaultDestination } from '../../../../src/model/destination';
import { render } from '../../../../src/engine/kubernetes/render';
import { translateCompose } from '../../../../src/translate';
import { container, stack, variable } from './stacks';

describe('a host in a text', () => {
  const known = new Set(['db', 'cache']);
  it.each([
    ['postgres://app:pw@db:5432/shop', 'db', 5432], ['postgres://app:p@ss\'w"ord@db/shop', 'db', 5432], ['redis://cache', 'cache', 6379], ['db:3306', 'db', 3306], ['user:pw@tcp(db)/x', 'db', undefined], ['a,db;c', 'db', undefined],
  ])('%s', (text, host, port) => {
    expect(hostsIn(text, known)).toContainEqual(expect.objectContaining({ host, ...(port === undefined ? {} : { port }) }));
    expect(hostsIn(text, known).every((found) => found.host === host)).toBe(true);
  });
  it('is no image, no path and no part of a longer word', () => {
    expect(hostsIn('docker://db /srv/db mydb:5432 db.example.com:80 sub-db:1', known)).toEqual([]);
  });
});

it('answers for the hostname of a container, as Docker does, unless it is a name of the wide world', () => {
  const text = 'services:\n  web: {image: "w:1", environment: {EXECUTOR: "http://the_executor/v1", MAIL: "https://mail.example.com"}}\n  runner: {image: "r:1", hostname: the_executor}\n  mail: {image: "m:1", hostname: mail.example.com}\n';
  const result = translateCompose(text, { name: 'demo', source: 'demo.yaml', seed: '1', destination: defaultDestination });
  if (!('rendering' in result)) throw new Error(result.message);
  const output = JSON.stringify(result.rendering.manifests);
  expect(result.rendering.hostReferences).toEqual([expect.objectContaining({ host: 'the_executor', resolved: true })]);
  expect(output).toContain('"http://the-executor/v1"');
  expect(output).toContain('"https://mail.example.com"');
  expect(result.rendering.manifests.filter((manifest) => manifest.kind === 'Service').map((manifest) => manifest.metadata.name)).toContain('the-executor');
});

it('leaves an uuid as it is, also where a container answers to it under a name that Kubernetes does not allow', () => {
  const uuid = '85viaiw3m7q26jn7u6h95ibh';
  const app = container(uuid, { env: [variable('COOLIFY_RESOURCE_UUID', uuid), variable('COOLIFY_CONTAINER_NAME', uuid), variable('UPSTREAM', uuid)] });
  const { manifests } = render(stack([app], { kind: 'application', uuid }), defaultDestination, new Map());
  const env = JSON.stringify(manifests.find(({ kind }) => kind === 'Deployment'));
  expect(env).toContain(`{"name":"COOLIFY_RESOURCE_UUID","value":"${uuid}"}`);
  for (const name of ['COOLIFY_CONTAINER_NAME', 'UPSTREAM']) expect(env).toContain(`{"name":"${name}","value":"s-${uuid}"}`);
});
