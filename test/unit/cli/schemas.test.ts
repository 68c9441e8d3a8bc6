import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { readDestinationFile } from '../../../src/cli/destinationFile';
import { findInputs } from '../../../src/cli/inputs';
import { runCli } from '../../../src/cli/run';
import { hasCorpus, readBundle, recordedBundles } from '../bundles';

const schemaOf = (name: string): object => JSON.parse(readFileSync(path.join(import.meta.dirname, `../../../schemas/${name}.schema.json`), 'utf8')) as object;
const compile = (name: string): ReturnType<Ajv['compile']> => new Ajv({ allowUnionTypes: true, keywords: ['patternErrorMessage'] }).compile(schemaOf(name));
const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-schemas-'));
const write = (name: string, value: unknown): string => { const file = path.join(folder, name); writeFileSync(file, JSON.stringify(value)); return file; };
afterAll(() => { rmSync(folder, { recursive: true }); });

describe('the schema of a bundle', () => {
  const validate = compile('bundle');
  const bundle = JSON.parse(JSON.stringify(readBundle('application', '85viaiw3m7q26jn7u6h95ibh'))) as Record<string, unknown>;
  it('takes what the API answers, and the CLI reads it', () => {
    expect(validate(bundle), JSON.stringify(validate.errors)).toBe(true);
    expect([...findInputs([write('bundle.json', bundle)])]).toMatchObject([{ kind: 'bundle', bundle: { kind: 'application' } }]);
    const more = { ...bundle, preview: { pull_request_id: 7 }, s3Storages: [{ bucket: 'b' }], envs: { 3: { key: 'A' } } };
    expect(validate(more)).toBe(true);
    expect([...findInputs([write('more.json', more)])]).toMatchObject([{ bundle: { preview: { pull_request_id: 7 }, s3Storages: [{ bucket: 'b' }] } }]);
  });
  it('takes every recorded resource', (context) => {
    if (!hasCorpus) context.skip('skipped, because the recordings are not beside the repository');
    for (const recorded of recordedBundles()) expect(validate(JSON.parse(JSON.stringify(recorded))), JSON.stringify(validate.errors)).toBe(true);
  });
  it.each([['no kind', { resource: { uuid: 'a' } }], ['an unknown kind', { ...bundle, kind: 'server' }], ['no uuid', { kind: 'service', resource: {} }], ['an unknown member', { ...bundle, env: [] }], ['a list that is text', { ...bundle, envs: 'A=1' }]])('refuses %s', (_name, value) => { expect(validate(value)).toBe(false); });
});

describe('the schema of a scoreboard', () => {
  const validate = compile('scoreboard');
  it('takes what the CLI writes', async () => {
    let text = '';
    await runCli(['scoreboard', path.join(import.meta.dirname, '../../fixtures/compose'), '--json'], { out: (part) => { text += part; }, error: () => undefined });
    const written = JSON.parse(text) as { files: object[] };
    expect(validate(written), JSON.stringify(validate.errors)).toBe(true);
    expect(written.files.length).toBeGreaterThan(0);
    expect(validate({ ...written, files: [{ ...written.files[0], rendered: 'yes' }] })).toBe(false);
    expect(validate({ ...written, version: 2 })).toBe(false);
    expect(validate({ ...written, totals: {} })).toBe(false);
    // The scoreboard compiles the schemas of Kubernetes, which a busy machine takes its time for.
  }, 180_000);
});

describe('the schema of a destination', () => {
  const validate = compile('destination');
  const full = {
    name: 'k3s', namespace: 'apps', ingress: { kind: 'gateway', className: 'traefik', gateway: { name: 'edge', namespace: 'infra' } }, tls: { kind: 'cert-manager', issuer: 'letsencrypt' }, storage: { sizeGi: 5, className: 'fast', sharedClassName: 'nfs' },
    registry: { host: 'registry.example.com', pullSecret: 'pull' }, scale: { autoscale: { minimum: 2, maximum: 5, cpuPercent: 70 }, disruptionBudget: true, nodeSelector: { zone: 'eu' } },
  };
  it('takes all that the CLI reads, and the CLI reads all of it', () => {
    expect(validate(full), JSON.stringify(validate.errors)).toBe(true);
    expect(readDestinationFile(write('full.json', full))).toMatchObject(full);
  });
  it('uses only what our own reader of schemas knows', () => {
    const known = new Set(['type', 'const', 'enum', 'pattern', 'patternErrorMessage', 'minLength', 'minimum', 'maximum', 'required', 'properties', 'additionalProperties', 'description', 'default', 'title', '$schema']);
    const keywords = (shape: object): string[] => Object.entries(shape).flatMap(([key, value]) => [key, ...(key === 'properties' ? Object.values(value as object).flatMap(keywords) : key === 'additionalProperties' && typeof value === 'object' ? keywords(value as object) : [])]);
    expect(keywords(schemaOf('destination')).filter((key) => !known.has(key))).toEqual([]);
  });
  it.each([
    ['a misspelt key', { ...full, ingres: {} }], ['an unknown kind', { ingress: { kind: 'haproxy' } }], ['a gateway without name', { ingress: { kind: 'gateway', gateway: {} } }], ['half a gibibyte', { storage: { sizeGi: 0.5 } }],
    ['an autoscaler without maximum', { scale: { autoscale: { minimum: 1 } } }], ['an unknown scale', { scale: { autoscale: { maximum: 3, gpuPercent: 1 } } }], ['a budget that is text', { scale: { disruptionBudget: 'yes' } }], ['a namespace in capitals', { namespace: 'Apps' }],
    ['no host', { ssh: { user: 'root' } }], ['a port that is none', { ssh: { host: 'h', port: 65536 } }], ['a registry with a scheme', { registry: { host: 'https://registry.example.com' } }],
  ])('refuses %s, and so does the CLI, in one sentence', (_name, value) => {
    expect(validate(value)).toBe(false);
    expect(readDestinationFile(write('wrong.json', value))).toMatch(/^.*wrong\.json: .+\.$/);
  });
});
