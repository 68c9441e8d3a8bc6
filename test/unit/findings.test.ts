import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderCodes } from '../../src/engine/kubernetes/findingCodes';
import { defaultDestination } from '../../src/model/destination';
import type { Finding } from '../../src/model/finding';
import { findingCodes } from '../../src/stack/findings';
import { translateBundle, translateCompose } from '../../src/translate';
import { corpus, hasCorpus, readBundle, recordedBundles } from './bundles';

const root = path.join(import.meta.dirname, '../..');
interface Row { code: string; name: string; decisions: string[] }
const rows: Row[] = readFileSync(path.join(root, 'docs/findings.md'), 'utf8').split('\n').flatMap((line) => {
  const [code, name, decisions, about, todo] = line.split('|').slice(1, -1).map((cell) => cell.trim());
  return /^CK\d{4}$/.test(code ?? '') && about && todo ? [{ code: code ?? '', name: name ?? '', decisions: (decisions ?? '').split(', ') }] : [];
});
const codes = [...Object.entries(findingCodes), ...Object.entries(renderCodes)].map(([name, code]) => `${code} ${name}`);

/** Every call that makes a finding, as text: name and, where it is written out, decision. */
const calls = ['src/stack', 'src/engine/kubernetes'].flatMap((folder) => readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.ts')).map((name) => [folder, name, readFileSync(path.join(root, folder, name), 'utf8')] as const));

function undocumented(findings: readonly Finding[]): string[] {
  return findings.filter(({ code, decision }) => rows.find((row) => row.code === code)?.decisions.includes(decision) !== true).map(({ code, decision, message }) => `${code} ${decision}: ${message}`);
}

describe('docs/findings.md', () => {
  it('has one row for each code, and none left over', () => {
    expect(rows.map(({ code, name }) => `${code} ${name}`)).toEqual([...codes].sort());
    expect(new Set(rows.map(({ code }) => code)).size).toBe(rows.length);
  });

  it('lists decisions that exist', () => {
    for (const row of rows) expect(row.decisions.filter((decision) => !['translated', 'inferred', 'approximated', 'ignored', 'refused'].includes(decision)), row.code).toEqual([]);
  });

  it('lists every decision that the source writes out, and every name is used somewhere', () => {
    const used = new Set<string>();
    const missing: string[] = [];
    for (const [folder, file, text] of calls) {
      const table = folder === 'src/stack' ? 'CK1' : 'CK2';
      for (const [, name] of text.matchAll(/['"](\w+)['"]/g)) if (!/findings\.ts|findingCodes\.ts/.test(file)) used.add(`${table} ${name ?? ''}`);
      for (const [, name, decision] of text.matchAll(/(?:add|find|refuse|tell)\(\s*'(\w+)',\s*'(translated|inferred|approximated|ignored|refused)'/g)) {
        const row = rows.find((candidate) => candidate.name === name && candidate.code.startsWith(table));
        if (row !== undefined && !row.decisions.includes(decision ?? '')) missing.push(`${row.code} ${decision ?? ''} (${file})`);
      }
    }
    expect(missing).toEqual([]);
    // Kept for what is being built: custom run options and preview deployments.
    const reserved = ['CK1021', 'CK1023'];
    expect(rows.filter(({ code, name }) => !reserved.includes(code) && !used.has(`${code.slice(0, 3)} ${name}`)).map(({ code, name }) => `${code} ${name} is used nowhere`)).toEqual([]);
  });

  it('lists every decision that the fixtures and the corpora come to', () => {
    const bundles = [readBundle('service', 'lxfqj3enhnrybtrsndoijzpc'), readBundle('application', '85viaiw3m7q26jn7u6h95ibh'), readBundle('database', 'slpsrvzxg8zxfnkuvjzd1aqm'), ...(hasCorpus ? recordedBundles().filter((_bundle, index) => index % 5 === 0) : [])];
    const files = [path.join(root, 'test/fixtures/compose'), ...(hasCorpus ? [path.join(corpus, 'coolify-templates')] : [])].flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.yaml')).filter((_name, index) => index % 5 === 0).map((name) => path.join(folder, name)));
    const translations = [
      ...bundles.map((bundle) => translateBundle(bundle, defaultDestination)),
      ...files.map((file) => translateCompose(readFileSync(file, 'utf8'), { name: path.basename(file), source: file, seed: '1', destination: defaultDestination })),
    ];
    const findings = translations.flatMap((translation) => ('rendering' in translation ? translation.rendering.findings : []));
    expect(findings.length).toBeGreaterThan(50);
    expect([...new Set(undocumented(findings))].slice(0, 20)).toEqual([]);
    // What is refused says what to do instead.
    expect([...new Set(findings.filter(({ decision, fix }) => decision === 'refused' && fix === undefined).map(({ code, message }) => `${code}: ${message}`))]).toEqual([]);
    expect(findings.filter(({ message }) => !/^\S.*\.$/.test(message) || message.includes('\n')).map(({ message }) => message)).toEqual([]);
  });
});
