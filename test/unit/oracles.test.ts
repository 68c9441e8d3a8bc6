import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDotEnv } from '../../src/stack/composeService';
import { interpolate } from '../../src/stack/interpolation';
import { parseDockerBytes, parseDuration } from '../../src/text/quantities';
import { splitShellWords } from '../../src/text/shellWords';
import { composeModelProgram, composeModels, type ComposeAnswer, type ComposeService } from '../harness/composeModel';

/** What Docker's own library (compose-go) and a real shell make of generated text, beside what we make of it. */
const program = composeModelProgram();
const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-oracles-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

function needProgram(context: { skip(note: string): void }): void {
  const note = 'skipped, because there is no Go to build compose-go with';
  if (program === undefined && process.env['REQUIRE'] === 'full') throw new Error(note);
  if (program === undefined) context.skip(note);
}

const environment = { A: 'value', EMPTY: '', B2: 'b c', _u: '$A' };

/** Most services of one file: reading a file costs compose-go some milliseconds, however small it is. */
const together = 16;

/** One service for each text, asked in one process; where a file is refused for one of its texts, each is asked alone. */
function ask(texts: readonly string[], service: (text: string) => object): (ComposeService | { refused: string })[] {
  const groups = Array.from({ length: Math.ceil(texts.length / together) }, (_, index) => texts.slice(index * together, (index + 1) * together));
  const fileOf = (group: readonly string[]): string => JSON.stringify({ services: Object.fromEntries(group.map((text, index) => [`x${String(index)}`, { image: 'x', ...service(text) }])) });
  const answers = composeModels(program ?? '', groups.map((group) => ({ name: 'oracle', folder, environment, text: fileOf(group) })));
  const alone = groups.flatMap((group, index) => (answers[index]?.project === undefined ? group : []));
  const single = new Map(composeModels(program ?? '', alone.map((text) => ({ name: 'oracle', folder, environment, text: fileOf([text]) }))).map((answer, index): [string, ComposeAnswer] => [alone[index] ?? '', answer]));
  return groups.flatMap((group, index) => group.map((text, at) => answers[index]?.project?.services?.[`x${String(at)}`] ?? single.get(text)?.project?.services?.['x0'] ?? { refused: single.get(text)?.error ?? 'no answer' }));
}

function samples(parts: readonly string[], length: number, count = 300): string[] {
  const text = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: length }).map((all) => all.join(''));
  return [...new Set(fc.sample(text, { numRuns: count, seed: 20 }))];
}

/** Compares where both have an answer, and gives the first differences and how many were compared. */
function compare<T>(texts: readonly string[], theirs: readonly (T | undefined)[], ours: (text: string) => T | undefined): { compared: number; different: unknown[] } {
  const different: unknown[] = [];
  let compared = 0;
  texts.forEach((text, index) => {
    const expected = theirs[index];
    if (expected === undefined) return;
    compared += 1;
    const got = ours(text);
    if (JSON.stringify(got) !== JSON.stringify(expected) && different.length < 5) different.push({ text, 'compose-go': expected, ours: got });
  });
  return { compared, different };
}

describe('as compose-go has it', { timeout: 300_000 }, () => {
  it('interpolation', (context) => {
    needProgram(context);
    const texts = samples(['$A', '${A}', '$EMPTY', '${EMPTY}', '$GONE', '${GONE}', '${A:-x}', '${EMPTY:-d}', '${EMPTY-d}', '${GONE-d e}', '${GONE:-}', '${GONE:-${A}}', '${GONE:-${GONE2:-$A}}', '${A:+alt}', '${EMPTY:+alt}', '${EMPTY+alt}', '${GONE+alt}', '${A:?needed}', '$$', '$$A', '$${A}', '$_u', '${B2}', ' ', 'x', '-', ':', '/', '{', '}', '"', '\\', 'ü', '5'], 6);
    // Of a mapping's value, a label is the one that nothing else reads.
    const theirs = ask(texts, (text) => ({ labels: { t: text } })).map((answer) => ('refused' in answer ? undefined : (answer as { labels?: Record<string, string> }).labels?.['t']));
    const result = compare(texts, theirs, (text) => interpolate(text, (name) => new Map(Object.entries(environment)).get(name)));
    expect(result.different).toEqual([]);
    expect(result.compared).toBeGreaterThan(texts.length / 2);
  });

  it('words of a command', (context) => {
    needProgram(context);
    const texts = samples(['a', 'b c', ' ', '  ', '\t', '\n', '"', "'", '"q r"', "'s t'", '\\', '\\ ', '\\"', '\\n', '--x=', '-', 'ü', '#', '*', '~', '{', '}', '(', ')', '!', '=', ',', '2', '>', '|', '&', ';', '$', '`'], 7);
    const theirs = ask(texts, (text) => ({ command: text.replaceAll('$', '$$$$') })).map((answer) => ('refused' in answer ? undefined : answer.command ?? []));
    const result = compare<readonly string[]>(texts, theirs, (text) => { try { return splitShellWords(text); } catch { return undefined; } });
    expect(result.different).toEqual([]);
    expect(result.compared).toBeGreaterThan(texts.length / 3);
  });

  it('sizes', (context) => {
    needProgram(context);
    const texts = samples(['1', '5', '12', '0', '.5', ' ', 'k', 'K', 'm', 'M', 'g', 'G', 't', 'b', 'B', 'kb', 'MB', 'iB', 'GiB', 'x'], 3).filter((text) => /\d/.test(text));
    const theirs = ask(texts, (text) => ({ mem_limit: text })).map((answer) => ('refused' in answer ? undefined : Number(answer.mem_limit ?? 0)));
    const result = compare(texts, theirs, parseDockerBytes);
    expect(result.different).toEqual([]);
    expect(result.compared).toBeGreaterThan(20);
  });

  it('durations', (context) => {
    needProgram(context);
    const texts = samples(['1s', '90s', '30m', '1.5h', '7h', '500ms', '0.25s', '9us', '2d', '1w', '10', 's', ' '], 3).filter((text) => /^\d/.test(text));
    const theirs = ask(texts, (text) => ({ stop_grace_period: text })).map((answer) => ('refused' in answer ? undefined : goDuration(answer.stop_grace_period ?? '')));
    const result = compare(texts, theirs, (text) => { const seconds = parseDuration(text); return seconds === undefined ? undefined : Math.round(seconds * 1e9) / 1e9; });
    expect(result.different).toEqual([]);
    expect(result.compared).toBeGreaterThan(30);
  });

  it('lines of a .env file', (context) => {
    needProgram(context);
    const values = samples(['a', 'b c', ' ', '"', "'", '\\n', '\\"', '#', ' # note', '=', ':', 'ü', '$$', '\\', 'é/', '"q"', "'s'"], 6, 60);
    const requests = values.map((value, index) => {
      const file = `v${String(index)}.env`;
      writeFileSync(path.join(folder, file), `BEFORE=1\nV=${value}\nAFTER=2\n`);
      return { name: 'e', folder, environment: {}, text: JSON.stringify({ services: { x: { image: 'x', env_file: [file] } } }) };
    });
    const theirs = composeModels(program ?? '', requests).map((answer) => {
      const all = answer.project?.services?.['x']?.environment;
      return all === undefined ? undefined : { BEFORE: all['BEFORE'], V: all['V'], AFTER: all['AFTER'] };
    });
    // Dollars are interpolated there in the same pass; here by the reader of the file.
    const result = compare(values, theirs, (value) => {
      const all = new Map(parseDotEnv(`BEFORE=1\nV=${value}\nAFTER=2\n`));
      return { BEFORE: all.get('BEFORE'), V: all.get('V')?.replaceAll('$$', '$'), AFTER: all.get('AFTER') };
    });
    expect(result.different).toEqual([]);
    expect(result.compared).toBeGreaterThan(20);
  });
});

/** Go's own spelling of a duration (`1m30.5s`) in seconds. */
function goDuration(text: string): number {
  const unit: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, 'µs': 1e-6, ns: 1e-9 };
  const seconds = [...text.matchAll(/([\d.]+)(ms|µs|ns|h|m|s)/g)].reduce((all, [, number, name]) => all + Number(number) * (unit[name ?? ''] ?? 0), 0);
  return Math.round(seconds * 1e9) / 1e9;
}

describe('as a real shell has it', () => {
  it('words without anything that a shell would expand', (context) => {
    if (process.platform === 'win32') context.skip('skipped, because there is no POSIX shell');
    const texts = samples(['a', 'b', ' ', '\t', "'", '"q r"', "'s t'", '\\ ', '\\"', "\\'", '--x=', 'ü', '""', "''"], 8).filter((text) => {
      try { splitShellWords(text); return true; } catch { return false; }
    });
    const script = texts.map((text) => `for word in ${text}; do printf '%s\\0' "$word"; done; printf '\\1\\0'`).join('\n');
    const { stdout, status } = spawnSync('/bin/sh', ['-s'], { input: script, encoding: 'utf8', maxBuffer: 1 << 26 });
    expect(status).toBe(0);
    const theirs = stdout.split('\u0001\0').slice(0, -1).map((part) => part.split('\0').slice(0, -1));
    const result = compare<readonly string[]>(texts, theirs, splitShellWords);
    expect(result.different).toEqual([]);
    expect(result.compared).toBe(texts.length);
  });
});
