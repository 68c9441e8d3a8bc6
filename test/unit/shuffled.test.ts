import { readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportFiles } from '../../src/engine/kubernetes/exports';
import { defaultDestination } from '../../src/model/destination';
import type { Bundle } from '../../src/model/instance';
import { translateBundle } from '../../src/translate';
import { hasCorpus, readBundle, recordedBundles } from './bundles';

/** The same value with the keys of every object in an order that `next` draws. */
function shuffled(value: unknown, next: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, next));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]): [number, [string, unknown]] => [next(), [key, shuffled(item, next)]]).sort(([a], [b]) => a - b).map(([, entry]) => entry));
}

function written(bundle: Bundle, kind: 'traefik' | 'ingress' | 'gateway'): string {
  const made = translateBundle(bundle, { ...defaultDestination, ingress: { kind, className: 'nginx' }, tls: { kind: 'cert-manager', issuer: 'le' } });
  if (!('rendering' in made)) return made.message;
  return JSON.stringify([...exportFiles(made.rendering, 'x', 'plain'), ...exportFiles(made.rendering, 'x', 'helm'), made.rendering.findings]);
}

const own = readdirSync(path.join(import.meta.dirname, '../fixtures/coolify/root')).flatMap((file) => {
  const [, kind, uuid = ''] = /^(application|service|database)s__([a-z0-9]+)\.json$/.exec(file) ?? [];
  return kind === 'application' || kind === 'service' || kind === 'database' ? [readBundle(kind, uuid)] : [];
});

describe('the answers of Coolify', () => {
  it('give the same bytes and findings, whatever the order of the keys in them', () => {
    expect(own.length).toBeGreaterThan(0);
    const bundles = [...own, ...(hasCorpus ? recordedBundles().filter((_bundle, index) => index % 11 === 0) : [])];
    for (const bundle of bundles) {
      fc.assert(fc.property(fc.infiniteStream(fc.integer()), fc.constantFrom('traefik', 'ingress', 'gateway'), (order, kind) => {
        expect(written({ ...bundle, ...(shuffled(bundle, () => order.next().value) as Bundle) }, kind)).toBe(written(bundle, kind));
      }), { numRuns: 2 });
    }
  }, 60_000);
});
