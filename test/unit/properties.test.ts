import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Placeholders } from '../../src/diff/mask';
import { labelValue, namespaceName, objectName, objectNames } from '../../src/engine/kubernetes/naming';
import { defaultDestination } from '../../src/model/destination';
import type { Manifest } from '../../src/model/manifest';
import { isObject, type JsonObject } from '../../src/text/json';
import { readYaml, writeYaml } from '../../src/text/yaml';
import { translateCompose } from '../../src/translate';

const anyName = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 90 }), fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '_', '.', ' ', 'ü'), maxLength: 90 }));
const uuid = fc.string({ unit: fc.constantFrom(...'abcxyz0189'), minLength: 24, maxLength: 24 });

describe('a name', () => {
  it('is always a legal label, stays as it is when legal, and is made once', () => {
    fc.assert(fc.property(anyName, fc.integer({ min: 20, max: 63 }), (name, most) => {
      const made = objectName(name, most);
      expect(made).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
      expect(made.length).toBeLessThanOrEqual(most);
      expect(objectName(made, most)).toBe(made);
      if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) && !name.includes('--') && name.length <= most) expect(made).toBe(name);
    }), { numRuns: 500 });
  });
  it('is given to one of several only, whatever their order', () => {
    fc.assert(fc.property(fc.uniqueArray(anyName, { maxLength: 12 }), (names) => {
      const made = objectNames(names, 40, '-x');
      expect([...made.keys()].sort()).toEqual([...names].sort());
      expect(new Set(made.values()).size).toBe(names.length);
      for (const name of made.values()) expect(name).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?-x$/);
    }), { numRuns: 300 });
  });
  it('of a namespace is legal and holds the uuid, and a label value is legal', () => {
    fc.assert(fc.property(anyName, uuid, (name, id) => {
      expect(namespaceName(name, id)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      expect(namespaceName(name, id)).toContain(id);
      expect(labelValue(name)).toMatch(/^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/);
    }), { numRuns: 500 });
  });
});

function translate(text: string): Manifest[] {
  const result = translateCompose(text, { name: 'demo', source: 'demo.yaml', seed: '1', destination: defaultDestination });
  if (!('rendering' in result)) throw new Error(result.message);
  return result.rendering.manifests;
}

/** k8s.io/kubernetes third_party/forked/golang/expansion: what a container gets of a value, with no variable defined. */
function expand(text: string): string {
  return text.replace(/\$\$|\$\([^)]*\)/g, (found) => (found === '$$' ? '$' : found));
}

interface PodTemplate { spec: { containers: { env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[]; args?: string[]; command?: string[] }[] } }

/** The first container's environment and words, as the process in it sees them. */
function process1(manifests: readonly Manifest[]): { env: Record<string, string>; args: string[] } {
  const workload = manifests.find(({ kind }) => kind === 'Deployment');
  const { spec } = (workload as unknown as { spec: { template: PodTemplate } }).spec.template;
  const secrets = new Map(manifests.filter(({ kind }) => kind === 'Secret').map((secret): [string, JsonObject] => [secret.metadata.name, isObject(secret['data']) ? secret['data'] : {}]));
  const [container] = spec.containers;
  const env = Object.fromEntries((container?.env ?? []).map(({ name, value, valueFrom }) => {
    const key = valueFrom?.secretKeyRef;
    return [name, key === undefined ? expand(value ?? '') : Buffer.from(String(secrets.get(key.name)?.[key.key]), 'base64').toString()];
  }));
  return { env, args: (container?.args ?? []).map((word) => word.replace(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => (found === '$$' ? '$' : env[name ?? ''] ?? found))) };
}

/** Text that a process can hold, with much of what is special somewhere. */
const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.string({ unit: fc.constantFrom('$', '(', ')', '{', '}', 'A', "'", '"', '\\', '\n', ' ', '#', ':', '%', '\t'), maxLength: 25 }))
  .filter((text) => Buffer.from(text).toString() === text && !/[\0\uFEFF\u0085\u2028\u2029]|[\uD800-\uDFFF]/u.test(text));

describe('a value', () => {
  it('of the environment reaches the process as it was, through YAML, interpolation and escaping, secret or not', () => {
    fc.assert(fc.property(value, value, (plain, secret) => {
      const compose = writeYaml({ services: { web: { image: 'nginx:1', environment: { PLAIN: plain.replaceAll('$', '$$$$'), API_PASSWORD: secret.replaceAll('$', '$$$$') } } } });
      expect(process1(translate(compose)).env).toMatchObject({ PLAIN: plain, API_PASSWORD: secret });
    }), { numRuns: 100 });
  });
  it('of a command reaches the process as it was, also where it holds a secret', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (words) => {
      const escaped = words.map((word) => word.replaceAll('$', '$$$$'));
      const compose = writeYaml({ services: { web: { image: 'nginx:1', environment: { API_PASSWORD: 'hunter2hunter2' }, command: [...escaped, 'x-hunter2hunter2-y'] } } });
      const manifests = translate(compose);
      expect(process1(manifests).args).toEqual([...words, 'x-hunter2hunter2-y']);
      expect(JSON.stringify(manifests.filter(({ kind }) => kind !== 'Secret'))).not.toContain('hunter2hunter2');
    }), { numRuns: 60 });
  });
  it('is the same after writing and reading YAML', () => {
    fc.assert(fc.property(fc.oneof(value, fc.constantFrom('yes', 'no', '0755', '1e3', '12:30', '~', 'null', '=', '<<', '2001-01-01', '0x1f', '.inf', '- a', 'a: b', '&a', '*a', '!x', '|', '>', '%', '@', '`')), (text) => {
      const read = readYaml(writeYaml({ key: text, [text === '<<' ? 'x' : text]: [text] }));
      expect('kind' in read ? read.message : read.value).toEqual({ key: text, [text === '<<' ? 'x' : text]: [text] });
    }), { numRuns: 150 });
  });
});

describe('the same input', () => {
  const services = {
    web: { image: 'nginx:1', ports: ['8080:80'], depends_on: ['db'], environment: { A: '1', SERVICE_URL_WEB_80: '', DB: 'postgres://u:p@db:5432/x' }, volumes: ['data:/data'], restart: 'always' },
    db: { image: 'postgres:17', environment: { POSTGRES_PASSWORD: '$SERVICE_PASSWORD_DB' }, volumes: ['pg:/var/lib/postgresql/data'], healthcheck: { test: ['CMD', 'pg_isready'], interval: '5s' } },
    job: { image: 'busybox:1', restart: 'no', command: ['true'], labels: { a: 'b', c: 'd' } },
  };
  const top = { services, volumes: { data: {}, pg: {} }, networks: { default: {} } };
  const shuffled = (object: object): fc.Arbitrary<Record<string, unknown>> => fc.shuffledSubarray(Object.entries(object), { minLength: Object.keys(object).length }).map((entries) => Object.fromEntries(entries));
  const reordered = fc.tuple(shuffled(top), shuffled(services.web), shuffled(services.db), shuffled(services.job)).map(([all, web, db, job]) => ({ ...all, services: { web, db, job } }));
  const bytes = (compose: object): string => translate(JSON.stringify(compose)).map((manifest) => writeYaml(JSON.parse(JSON.stringify(manifest)) as never)).join('---\n');
  const sorted = (item: unknown): unknown => (Array.isArray(item) ? item.map(sorted) : isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)])) : item);

  it('gives the same bytes, whatever the order of the keys of a service', () => {
    const expected = bytes(top);
    fc.assert(fc.property(reordered, (compose) => { expect(bytes(compose)).toBe(expected); }), { numRuns: 10 });
  });
  it('gives the same objects, whatever the order of the services', () => {
    const objects = (compose: object): string[] => translate(JSON.stringify(compose)).map((manifest) => JSON.stringify(sorted(manifest))).sort();
    const expected = objects(top);
    fc.assert(fc.property(shuffled(services), (other) => { expect(objects({ ...top, services: other })).toEqual(expected); }), { numRuns: 8 });
  });
});

describe('placeholders', () => {
  const secret = fc.string({ unit: fc.constantFrom(...'abcXYZ0189$/+"'), minLength: 8, maxLength: 20 });
  it('never show a secret, and give equal values equal numbers', () => {
    fc.assert(fc.property(fc.uniqueArray(secret, { minLength: 1, maxLength: 5 }), fc.string({ maxLength: 20 }), (secrets, around) => {
      const placeholders = new Placeholders();
      const text = secrets.map((one) => `${around} ${one}`).join('\n');
      const shown = placeholders.text(text, secrets);
      for (const one of secrets) if (!around.includes(one)) expect(shown).not.toContain(one);
      expect(placeholders.text(text, secrets)).toBe(shown);
      const [first = ''] = secrets;
      const data = placeholders.secret({ a: Buffer.from(first).toString('base64'), b: Buffer.from(first).toString('base64'), c: Buffer.from(`${first}!`).toString('base64') });
      expect(isObject(data) && data['a'] === data['b'] && data['a'] !== data['c']).toBe(true);
      expect(JSON.stringify(data)).not.toContain(first);
    }), { numRuns: 200 });
  });
});
