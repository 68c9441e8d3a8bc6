import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { runCli } from '../../../src/cli/run';

const schema = (name: string): object => JSON.parse(readFileSync(path.join(import.meta.dirname, `../../../schemas/${name}.schema.json`), 'utf8')) as object;

it('writes a report that keeps to its schema', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-report-'));
  try {
    const file = path.join(folder, 'report.json');
    await runCli(['translate', path.join(import.meta.dirname, '../../fixtures/compose'), '--seed', '1', '--report', file], { out: () => undefined, error: () => undefined });
    const ajv = new Ajv();
    const validate = ajv.compile(schema('report'));
    validate(JSON.parse(readFileSync(file, 'utf8')));
    expect(validate.errors).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('has a schema for destinations that takes a full one and refuses a misspelt one', () => {
  const validate = new Ajv({ keywords: ['patternErrorMessage'] }).compile(schema('destination'));
  expect(validate({ name: 'k3s', ingress: { kind: 'traefik', className: 'traefik' }, tls: { kind: 'cert-manager', issuer: 'letsencrypt' }, storage: { sizeGi: 5 } })).toBe(true);
  expect(validate({ ingres: {} })).toBe(false);
});
