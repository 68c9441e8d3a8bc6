import { describe, expect, it } from 'vitest';
import { defaultDestination } from '../../src/model/destination';
import type { Bundle } from '../../src/model/instance';
import { neighboursOf } from '../../src/neighbours';
import { isObject } from '../../src/text/json';
import { translateBundle } from '../../src/translate';
import { hasCorpus, readBundle, recordedBundles } from './bundles';

const image = readBundle('application', '85viaiw3m7q26jn7u6h95ibh');
const postgres = readBundle('database', 'slpsrvzxg8zxfnkuvjzd1aqm');
const rabbitmq = readBundle('service', 'lxfqj3enhnrybtrsndoijzpc');
const withEnv = (bundle: Bundle, key: string, value: string): Bundle => ({ ...bundle, envs: [{ uuid: 'e', key, value, real_value: value, is_preview: false, is_runtime: true, is_buildtime: false, is_literal: true, is_multiline: false, is_shown_once: false }] });
const network = ({ resource }: Bundle): string => (isObject(resource) && isObject(resource['destination']) && typeof resource['destination']['uuid'] === 'string' ? resource['destination']['uuid'] : '');

describe('neighbours', () => {
  it('are databases and applications by all their names, and services by those that hold the uuid', () => {
    const aliased: Bundle = { ...image, resource: { ...(isObject(image.resource) ? image.resource : {}), custom_network_aliases: 'shop,Front' } };
    const neighbours = neighboursOf([aliased, postgres, rabbitmq], defaultDestination);
    expect([...neighbours.keys()]).toEqual(expect.arrayContaining(['85viaiw3m7q26jn7u6h95ibh', 'shop', 'slpsrvzxg8zxfnkuvjzd1aqm', 'rabbitmq-lxfqj3enhnrybtrsndoijzpc']));
    expect(neighbours.has('rabbitmq')).toBe(false);
    // Each leads to a Service that the neighbour really has.
    for (const bundle of [aliased, postgres, rabbitmq]) {
      const translation = translateBundle(bundle, defaultDestination);
      if (!('rendering' in translation)) throw new Error(translation.message);
      const services = translation.rendering.manifests.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name);
      const named = [...neighbours.values()].filter(({ namespace }) => namespace === translation.rendering.namespace);
      expect(named.length).toBeGreaterThan(0);
      for (const { service } of named) expect(services).toContain(service);
    }
  });

  it('are reached by their old names', () => {
    const translation = translateBundle(withEnv(image, 'DATABASE_URL', 'postgres://u:p@slpsrvzxg8zxfnkuvjzd1aqm:5432/x'), defaultDestination, neighboursOf([postgres], defaultDestination));
    if (!('rendering' in translation)) throw new Error(translation.message);
    expect(translation.rendering.hostReferences).toContainEqual(expect.objectContaining({ host: 'slpsrvzxg8zxfnkuvjzd1aqm', resolved: true }));
    expect(JSON.stringify(translation.rendering.manifests)).toMatch(/"type":"ExternalName","externalName":"slpsrvzxg8zxfnkuvjzd1aqm\.[^"]*slpsrvzxg8zxfnkuvjzd1aqm\.svc\.cluster\.local"/);
  });

  it('answer to every host of the recorded resources that anything in Docker answers to', { timeout: 300_000 }, (context) => {
    if (!hasCorpus) context.skip('skipped, because the corpus of recorded answers is not beside the repository');
    const networks = new Map<string, Bundle[]>();
    for (const bundle of recordedBundles()) networks.set(network(bundle), [...(networks.get(network(bundle)) ?? []), bundle]);
    const unresolved: string[] = [];
    let all = 0;
    for (const bundles of networks.values()) {
      const neighbours = neighboursOf(bundles, defaultDestination);
      for (const bundle of bundles) {
        const translation = translateBundle(bundle, defaultDestination, neighbours);
        if (!('rendering' in translation)) continue;
        for (const reference of translation.rendering.hostReferences) {
          all += 1;
          if (!reference.resolved) unresolved.push(`${reference.host} (${reference.where})`);
        }
      }
    }
    expect(all).toBeGreaterThan(2500);
    // In Docker nothing answers to these either: a default that names a service which the template does not have, and two made-up addresses.
    expect([...new Set(unresolved)].filter((one) => !['rabbitmq (env.RABBITMQ_URI)', 'x (env.SERVICE_URL_FAKE)', 'db (env.DATABASE_URL)'].includes(one))).toEqual([]);
    expect((all - unresolved.length) / all).toBeGreaterThan(0.999);
  });
});
