import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../src/run/events';
import { Mask, maskText } from '../../../src/text/masking';
import { spellings } from '../../../src/text/secretSpellings';

const hidden = '••••••';
const streamed = (mask: Mask, ...chunks: string[]): string => {
  const masker = mask.stream();
  return chunks.map((chunk) => masker.push(chunk)).join('') + masker.flush();
};
const secrets = ['pa$$w0rd/with"quotes', "it's <b>&\\n", 'two words here', '-----BEGIN KEY-----\nMIIBdeadbeef+/==\nabcdefgh\n-----END KEY-----', 'grüße-ß-漢字', 'a+b c%d/e?f', 'tab\tand\u001bescape'];

describe('masking a stream', () => {
  it('hides every spelling of every secret at every split', () => {
    const mask = new Mask(secrets);
    let cases = 0;
    for (const spelling of spellings(secrets)) {
      const text = `<${spelling}>`;
      for (let at = 0; at <= text.length; at++) {
        expect(streamed(mask, text.slice(0, at), text.slice(at))).toBe(`<${hidden}>`);
        cases++;
      }
    }
    expect(cases).toBeGreaterThan(1000);
  });

  it('says the same for any division into chunks, and the same as for the whole text', () => {
    const words = ['aab', 'aaab', 'abab', 'ab!!', 'needle', 'dlenee'].map((word) => word.repeat(3));
    const mask = new Mask(words);
    const piece = fc.oneof(fc.constantFrom(...words), fc.constantFrom('a', 'b', 'aab', 'abab', '!', 'nee', 'dle', ' '));
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), fc.infiniteStream(fc.integer({ min: 1, max: 5 })), (pieces, sizes) => {
      const text = pieces.join('');
      const chunks: string[] = [];
      let at = 0;
      for (const size of sizes) {
        if (at >= text.length) break;
        chunks.push(text.slice(at, at + size));
        at += size;
      }
      const shown = streamed(mask, ...chunks);
      expect(shown).toBe(mask.text(text));
      for (const word of words) expect(shown).not.toContain(word);
    }), { numRuns: 500 });
  });

  it.each([
    ['overlapping itself', ['ababac!!'], 'x abababac!! y', `x ab${hidden} y`],
    ['overlapping another', ['secret-one', 'one-secret-two'], 'a secret-one-secret-two b', `a ${hidden} b`],
    ['being the start of another', ['prefix-1', 'prefix-1-and-more'], 'prefix-1 prefix-1-and-more', `${hidden} ${hidden}`],
    ['standing inside another', ['outer-inner-outer', 'inner-'], 'outer-inner-outex outer-inner-outer', `outer-${hidden}outex ${hidden}`],
    ['ending the text', ['at-the-end'], 'x at-the-end', `x ${hidden}`],
    ['repeating one letter', ['aaaaaaaa'], `${'a'.repeat(50)} b`, `${hidden} b`],
  ])('hides a secret %s', (_, words, text, expected) => {
    const mask = new Mask(words);
    expect(mask.text(text)).toBe(expected);
    for (let at = 0; at <= text.length; at++) expect(streamed(mask, text.slice(0, at), text.slice(at))).toBe(expected);
  });

  it('hides what base64 makes of a text with the secret in it, at each offset', () => {
    const secret = 'correct-horse-battery';
    for (const before of ['', 'a', 'ab', 'abc']) for (const after of ['', 'x', 'xy', 'xyz']) {
      const shown = maskText(Buffer.from(`${before}${secret}${after}`).toString('base64'), [secret]);
      expect(shown).toContain(hidden);
      expect(Buffer.from(shown.replace(hidden, ''), 'base64').toString()).not.toMatch(/correct|horse|battery/);
    }
  });

  it('holds nothing back that cannot become a secret', () => {
    const masker = new Mask(['secret-value']).stream();
    expect(masker.push('a line\n')).toBe('a line\n');
    expect(masker.push('then secret-')).toBe('then ');
    expect(masker.push('santa')).toBe('secret-santa');
  });

  it('keeps its memory bounded for long secrets', () => {
    const long = Array.from({ length: 40 }, (_, i) => `${i}-${'x'.repeat(i)}${'0123456789abcdef'.repeat(200)}`);
    const before = process.memoryUsage().arrayBuffers;
    const mask = new Mask(long);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
    expect(mask.text(`a ${long[7] ?? ''} b`)).toBe(`a ${hidden} b`);
  });
});

describe('an event of a run', () => {
  const mask = new Mask(['hunter2hunter2']);
  const text = (line: string) => parseEvent(`1\toutput\ts\t${line}`, 1, (t) => mask.text(t));
  it('hides a secret with terminal escapes inside', () => { expect(text('hunter2\u001b[1mhunter2')).toMatchObject({ text: hidden }); });
  it('hides a secret that stands where a long line is cut', () => {
    const event = text(`${'x'.repeat(7995)}hunter2hunter2 and more`);
    expect(JSON.stringify(event)).not.toMatch(/hunte/);
  });
});
