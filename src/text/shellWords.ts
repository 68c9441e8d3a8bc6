/**
 * Splits a string into words as Compose does for `command`, `entrypoint` and `CMD` strings (go-shellwords: quotes and
 * backslashes, no globbing, pipes or substitution).
 * @throws when a quote is left open.
 */
export function splitShellWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  let quoteChar = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (quoteChar === "'") {
      if (c === "'") quoteChar = ''; else word += c;
    } else if (c === '\\') {
      const next = text.charAt(i + 1);
      i += 1;
      if (next === '\n') continue;
      word += quoteChar === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next;
      inWord = true;
    } else if (quoteChar === '"') {
      if (c === '"') quoteChar = ''; else word += c;
    } else if (c === "'" || c === '"') {
      quoteChar = c;
      inWord = true;
    } else if (/\s/.test(c)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
    } else {
      word += c;
      inWord = true;
    }
  }
  if (quoteChar !== '') throw new Error(`A ${quoteChar} is not closed.`);
  if (inWord) words.push(word);
  return words;
}
