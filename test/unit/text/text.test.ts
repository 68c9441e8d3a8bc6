import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mask, maskText } from '../../../src/text/masking';
import { parseDockerBytes, parseDuration } from '../../../src/text/quantities';
import { quote } from '../../../src/text/shellQuoting';
import { splitShellWords } from '../../../src/text/shellWords';
import { readYaml, writeYaml } from '../../../src/text/yaml';

describe('quote', () => {
  it('gives every text back through a real shell', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0') && Buffer.from(text).toString() === text), (text) => {
      expect(execFileSync('/bin/sh', ['-c', `printf %s ${quote(text)}`], { encoding: 'utf8' })).toBe(text);
    }), { numRuns: 60 });
  });
  it('refuses what no argument can carry', () => { expect(() => quote('a\0b')).toThrow(/NUL/); });
});

describe('masking', () => {
  const secret = 'pa$$w0rd/with"quotes';
  it('masks a secret at every split of the stream', () => {
    const text = `before ${secret} after`;
    for (let at = 0; at <= text.length; at++) {
      const masker = new Mask([secret]).stream();
      const shown = masker.push(text.slice(0, at)) + masker.push(text.slice(at)) + masker.flush();
      expect(shown).toBe('before •••••• after');
    }
  });
  it('masks the spellings in which tools print it', () => {
    for (const spelling of [encodeURIComponent(secret), JSON.stringify(secret), Buffer.from(secret).toString('base64')]) expect(maskText(`x ${spelling} y`, [secret])).not.toContain(spelling);
  });
  it('leaves short words alone', () => { expect(maskText('root is root', ['root'])).toBe('root is root'); });
});

describe('splitShellWords', () => {
  it.each([
    ['redis-server --requirepass "a b" --x', ['redis-server', '--requirepass', 'a b', '--x']],
    ["sh -c 'echo $HOME | cat'", ['sh', '-c', 'echo $HOME | cat']],
    ['a\\ b c', ['a b', 'c']], ['a "" b', ['a', '', 'b']], ['one\n  two', ['one', 'two']],
  ])('%s', (text, words) => { expect(splitShellWords(text)).toEqual(words); });
  it('says which quote is open', () => { expect(() => splitShellWords("a 'b")).toThrow(/not closed/); });
});

describe('quantities', () => {
  it.each([['512m', 536870912], ['1.5g', 1610612736], ['64kb', 65536], ['100', 100], ['2GiB', 2147483648]])('%s is %d bytes', (text, bytes) => { expect(parseDockerBytes(text)).toBe(bytes); });
  it.each([['1m30s', 90], ['500ms', 0.5], ['5', 5], ['2h', 7200]])('%s is %d seconds', (text, seconds) => { expect(parseDuration(text)).toBe(seconds); });
  it('knows what is none', () => { expect([parseDockerBytes('much'), parseDuration('soon')]).toEqual([undefined, undefined]); });
});

describe('YAML', () => {
  const value = (text: string): unknown => { const read = readYaml(text); return 'kind' in read ? read.message : read.value; };
  it('reads as Coolify does: `no` is a word, a mode octal', () => { expect(value('restart: no\nmode: 0755\n')).toEqual({ restart: 'no', mode: 493 }); });
  it('merges maps and lists', () => {
    expect(value('a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: &c [A=1, B]\nd: {<<: *c}\n')).toEqual({ a: { x: 1 }, b: { x: 1, y: 2 }, c: ['A=1', 'B'], d: { A: '1', B: null } });
  });
  it('stops at an alias bomb', () => {
    const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]', ...Array.from({ length: 8 }, (_, i) => `a${String(i + 1)}: &a${String(i + 1)} [${Array(10).fill(`*a${String(i)}`).join(',')}]`)].join('\n');
    expect(value(bomb)).toMatch(/alias bomb/);
  });
  it('writes strings that a YAML 1.1 reader would misread in quotes', () => {
    expect(writeYaml({ a: 'yes', b: '0755', c: '12:30', d: 'on' })).toBe('a: "yes"\nb: "0755"\nc: "12:30"\nd: "on"\n');
  });
});
