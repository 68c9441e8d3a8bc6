import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escapeExpansion } from '../../../../src/engine/kubernetes/secrets';

/** k8s.io/kubernetes third_party/forked/golang/expansion, Expand(), with every variable defined. */
function expand(text: string): string {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    const next = text[at + 1];
    if (text[at] !== '$' || next === undefined) result += text[at] ?? '';
    else if (next === '$') { result += '$'; at++; }
    else if (next !== '(') { result += `$${next}`; at++; }
    else {
      const end = text.indexOf(')', at);
      if (end < 0) { result += '$('; at++; }
      else { result += 'EXPANDED'; at = end; }
    }
  }
  return result;
}

it('hands the process exactly the text that was given', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('$', '(', ')', 'A', '{', ' ') }), (text) => { expect(expand(escapeExpansion(text))).toBe(text); }), { numRuns: 2000 });
});
