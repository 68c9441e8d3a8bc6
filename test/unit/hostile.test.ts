import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/run';
import { corpus, hasCorpus } from './bundles';

/** Real files, damaged in ways that people and machines damage them: the command line may refuse them, but never breaks. */
const root = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-hostile-'));
afterAll(() => { rmSync(root, { recursive: true }); });

const fixtures = path.join(import.meta.dirname, '../fixtures/compose');
const folder = hasCorpus ? path.join(corpus, 'coolify-templates') : fixtures;
const sources = readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort().map((name) => readFileSync(path.join(folder, name), 'utf8')).filter((text) => text.length < 8000);
const lines = [...new Set(sources.flatMap((text) => text.split('\n')))];

/** Values that a key may be given by mistake or on purpose. */
const strange = ['null', '~', '[]', '{}', '-1', '1e309', '.nan', '.inf', '"\\0"', "''", '[[[]]]', '{a: {b: {c: []}}}', '!!binary aGk=', '!!set {a}', '2001-12-14t21:59:43.10-05:00', '${', '${A', '${A:', '$', '${A:-${B:-${C}}}', '"${}"', '9'.repeat(400), 'x'.repeat(5000), '"__proto__"', '{__proto__: {a: 1}, constructor: 2}', '&a [*a]', '<<', '"\\ud800"', '../../../etc/passwd', '/', ':', '::', 'a:b:c:d:e', '[1, null, {}, [], true]'];
const keys = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '"a.b"', '"a b"', 'x-', '0', 'null', '"\\n"', '/', '..'];

type Damage = (text: string, random: (below: number) => number) => string;
const withLines = (change: (all: string[], random: (below: number) => number) => void): Damage => (text, random) => {
  const all = text.split('\n');
  change(all, random);
  return all.join('\n');
};
const damages: Damage[] = [
  withLines((all, random) => { all.splice(random(all.length), 1 + random(3)); }),
  withLines((all, random) => { const at = random(all.length); all.splice(at, 0, all[random(all.length)] ?? ''); }),
  withLines((all, random) => { all.splice(random(all.length), 0, lines[random(lines.length)] ?? ''); }),
  withLines((all, random) => { const at = random(all.length); all[at] = (all[at] ?? '').replace(/:.*$/, `: ${strange[random(strange.length)] ?? ''}`); }),
  withLines((all, random) => { const at = random(all.length); all[at] = (all[at] ?? '').replace(/^(\s*)(- )?.*$/, (_all, space: string, dash: string | undefined) => `${space}${dash ?? ''}${strange[random(strange.length)] ?? ''}`); }),
  withLines((all, random) => { const at = random(all.length); all[at] = (all[at] ?? '').replace(/^(\s*)[\w-]+:/, (_all, space: string) => `${space}${keys[random(keys.length)] ?? ''}:`); }),
  withLines((all, random) => { const at = random(all.length); all[at] = random(2) === 0 ? ` ${all[at] ?? ''}` : (all[at] ?? '').replace(/^ /, ''); }),
  (text, random) => text.slice(0, random(text.length)),
  (text, random) => { const at = random(text.length); return text.slice(0, at) + String.fromCodePoint(random(0x2_0000)) + text.slice(at + 1); },
  (text) => text.replaceAll('\n', '\r\n'),
];

const damaged = fc.tuple(fc.nat(sources.length - 1), fc.array(fc.tuple(fc.nat(damages.length - 1), fc.infiniteStream(fc.nat(1_000_000))), { minLength: 1, maxLength: 4 })).map(([source, steps]) =>
  steps.reduce((text, [kind, stream]) => damages[kind]?.(text, (below) => (stream.next().value ?? 0) % Math.max(1, below)) ?? text, sources[source] ?? ''));

async function outcome(argv: string[]): Promise<{ exit: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const exit = await runCli(argv, { out: (text) => { out += text; }, error: (text) => { error += text; } });
  return { exit, out, error };
}

const together = 25;

describe('damaged files', { timeout: 300_000 }, () => {
  it('are translated, refused or bad, and never a fault of ours', async () => {
    let run = 0;
    await fc.assert(fc.asyncProperty(fc.array(damaged, { minLength: together, maxLength: together }), async (texts) => {
      const files = path.join(root, `run-${String(run++)}`);
      mkdirSync(files);
      texts.forEach((text, index) => { writeFileSync(path.join(files, `f${String(index).padStart(2, '0')}.yaml`), text); });
      const { exit, error } = await outcome(['translate', files, '--seed', '1', '--out', path.join(root, 'out'), '--report', path.join(root, 'report.json')]);
      expect(exit, error).not.toBe(1);
      expect(error).not.toMatch(/inside the program|^\s+at |\[object |node:internal/m);
      for (const line of error.trim().split('\n')) if (line !== '') expect(line).toMatch(/^(skipped: )?\S*f\d\d\.yaml: .|^skipped: \d+ more/);
      const report = readFileSync(path.join(root, 'report.json'), 'utf8');
      expect((JSON.parse(report) as { files: unknown[] }).files).toHaveLength(together);
      expect(report).not.toMatch(/\[object Object\]/);
      rmSync(files, { recursive: true });
    }), { numRuns: process.env['REQUIRE'] === 'full' ? 12 : 5, seed: Number(process.env['FUZZ_SEED'] ?? '1'), endOnFailure: true });
  });

  it('are scored without a fault', async () => {
    const files = path.join(root, 'scored');
    mkdirSync(files);
    fc.sample(damaged, { numRuns: together, seed: 3 }).forEach((text, index) => { writeFileSync(path.join(files, `f${String(index)}.yaml`), text); });
    const { exit, out, error } = await outcome(['scoreboard', files, '--json']);
    expect([0, 2, 3], error).toContain(exit);
    const { files: scores } = JSON.parse(out) as { files: { file: string; rendered: string; schemaValid?: boolean; reasons: string[] }[] };
    // Whatever comes in, what goes out is what Kubernetes can read.
    expect(scores.filter(({ schemaValid }) => schemaValid === false).map(({ file, reasons }) => `${file}: ${reasons.join(' ')}`)).toEqual([]);
    expect(scores.filter(({ rendered, reasons }) => rendered !== 'rendered' && reasons.length === 0)).toEqual([]);
  });
});
