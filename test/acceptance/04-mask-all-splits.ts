// Secrets in all spellings, at every split, on two streams: none is shown.
import { randomBytes } from 'node:crypto';
import { parseEvent } from '../../src/run/events';
import { Mask } from '../../src/text/masking';
import { spellings } from '../../src/text/secretSpellings';
import { full, verdict } from './check.ts';

const special = ['aab'.repeat(4), 'abab'.repeat(3), "quote'\"$x y", 'line one\nline two\nline three', 'ümläut-漢字-secret', 'p%40ss/w+rd=='];
const secrets = [...special, ...Array.from({ length: full ? 40 : 14 }, () => randomBytes(12).toString('base64'))];
const mask = new Mask(secrets);
const shown = '••••••';
let cases = 0;
let leaks = 0;
for (const spelling of spellings(secrets)) {
  const text = `x ${spelling} y`;
  for (let at = 0; at <= text.length; at++) {
    const [out, err] = [mask.stream(), mask.stream()];
    // The two streams take turns; a state that both shared would lose the word.
    const result = ['', ''];
    for (const part of [text.slice(0, at), text.slice(at)]) { result[0] += out.push(part); result[1] += err.push(part); }
    result[0] += out.flush();
    result[1] += err.flush();
    cases += 2;
    leaks += result.filter((end) => end.includes(spelling) || !end.includes(shown)).length;
    // With a terminal escape in the middle, as an event of a run.
    if (at > 2 && at < text.length - 2 && !spelling.includes('\u001b') && !/[\n\r\t]/.test(spelling)) {
      const event = parseEvent(`1\toutput\ts\t${text.slice(0, at)}\u001b[31m${text.slice(at)}`, 1, (line) => mask.text(line));
      cases += 1;
      if (JSON.stringify(event).includes(spelling) || event?.type !== 'output' || !event.text.includes(shown)) leaks += 1;
    }
  }
}
verdict('04', leaks === 0 && cases > 5000, `${leaks} leaks in ${cases} splits of ${secrets.length} secrets`);
