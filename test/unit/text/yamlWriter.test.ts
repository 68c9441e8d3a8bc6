import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { defaultDestination } from '../../../src/model/destination';
import type { Json } from '../../../src/text/json';
import { writeBlock } from '../../../src/text/yamlWriter';
import { translateCompose } from '../../../src/translate';
import { findTool } from '../../harness/tools';
import { corpus, hasCorpus } from '../bundles';

const asLibrary = (value: unknown): string => stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
/** Texts that are written in another way than the library does, since some reader would not give them back. */
const own = (value: string): boolean => /\u0007/.test(value) || (value.includes('\n') && (/^\s*\t/.test(value) || (/^\s*$/.test(value) && value.includes(' '))));
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'B', '1', ' ', '  ', '\n', '\t', ':', ': ', '#', ' #', '-', '- ', '"', "'", '\\', '/', '=', '$', '{', ']', ',', '|', '&', '!', '%', '@', '.', '~', 'ü', '\u0007'), maxLength: 12 }),
  fc.constantFrom('yes', 'No', 'null', '~', '', '0755', '1e3', '12:30', '2001-01-01', '<<', '=', '- a', '? a', 'a:', 'y', '.inf', '0x1f', '1_000', 'http://a:80/b?c=d#e', '\n', '\n\n', 'a\n', 'a\n\n', ' a\nb', 'a\n \nb', 'x'.repeat(300)),
).filter((value) => !own(value));
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(text, tie('value'), { maxKeys: 4 })),
})).value;

describe('the writer of YAML', () => {
  it('writes what the library writes, byte for byte', () => {
    fc.assert(fc.property(json, (value) => { expect(writeBlock(value)).toBe(asLibrary(value)); }), { numRuns: 1500 });
  });

  it('keeps the spaces of blank lines, which the library does not', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(' ', '\n', '\t'), maxLength: 6 }), (value) => { expect(parse(writeBlock({ k: [value] }), { version: '1.1' })).toEqual({ k: [value] }); }));
  });

  it('writes texts that kubectl reads as they were', (context) => {
    const kubectl = findTool('kubectl');
    if (kubectl === undefined) { if (process.env['REQUIRE'] === 'full') throw new Error('kubectl is not installed'); context.skip('skipped, because kubectl is not installed'); return; }
    const pieces = ['a', 'b: c', ': ', '#', ' #x', '\n', '\n\n', '  ', '\t', '\r', '\r\n', '\u2028', '\u2029', '\u0085', '\ufeff', '\u0007', '\u0000', '\u007f', '\u00a0', 'é', '😀', '---', '...', '- ', '? ', '!x', '&a', '*b', '%', '@', '`', '"', "'", '{', '}', '[', '|', '>', '~', 'null', '0o7', '1e3', '0x1', '12:30', '2001-01-01', '=', '<<', '+1', '_', '\\', '{{', 'y', 'No'];
    const texts = fc.sample(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')), { numRuns: 3000, seed: 7 });
    const data = Object.fromEntries([...pieces, ...texts].map((value, index) => [`k${String(index)}`, value]));
    const input = writeBlock({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data });
    const read: unknown = JSON.parse(execFileSync(kubectl, ['label', '--local', '--filename=-', 'a=b', '--output=json'], { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }));
    expect(read).toMatchObject({ data });
  }, 60_000);

  it('does so for manifests', () => {
    const folder = hasCorpus ? path.join(corpus, 'coolify-templates') : path.join(import.meta.dirname, '../../fixtures/compose');
    let written = 0;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml')).filter((_name, index) => index % 8 === 0)) {
      const translation = translateCompose(readFileSync(path.join(folder, file), 'utf8'), { name: file, source: file, seed: '1', destination: defaultDestination });
      if (!('rendering' in translation)) continue;
      for (const manifest of translation.rendering.manifests) {
        const plain = JSON.parse(JSON.stringify(manifest)) as Json;
        const yaml = writeBlock(plain);
        expect(yaml).toBe(asLibrary(plain));
        expect(parse(yaml, { version: '1.1' })).toEqual(plain);
        written += 1;
      }
    }
    expect(written).toBeGreaterThan(3);
  });
});
