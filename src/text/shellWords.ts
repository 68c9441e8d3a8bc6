/**
 * Splits a string into words as Compose does for `command`, `entrypoint` and `CMD` strings (mattn/go-shellwords): quotes and
 * backslashes, but no shell. What follows an operator (`;`, `&`, `|`, `<`, `>`) outside of quotes is dropped, as it is there, and
 * a backslash makes the next character plain everywhere but in single quotes.
 * @throws when a quote or a substitution is left open.
 */
export function splitShellWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  /** A word has begun, be it an empty one in quotes. */
  let begun = false;
  let escaped = false;
  /** The open quote: `'`, `"`, a backtick, or `(` of `$(`. */
  let open = '';
  for (const c of text) {
    if (escaped) { word += c; escaped = false; begun = true; continue; }
    if (c === '\\' && open !== "'") { escaped = true; continue; }
    if (open === '' && /[ \t\r\n]/.test(c)) {
      if (begun) words.push(word);
      word = '';
      begun = false;
      continue;
    }
    if ((c === "'" || c === '"') && (open === '' || open === c)) {
      begun ||= open === c;
      open = open === c ? '' : c;
      continue;
    }
    if (c === '`' && (open === '' || open === '`')) open = open === '`' ? '' : '`';
    else if (c === ')' && (open === '' || open === '(')) open = open === '(' ? '' : '(';
    else if (c === '(' && (open === '' || open === '(')) {
      if (open === '(' || !word.endsWith('$')) throw new Error('A ( stands outside of quotes.');
      open = '(';
      word += c;
      continue;
    } else if (open === '' && /[;&|<>]/.test(c)) {
      // The number before a redirection (`2>`) belongs to it.
      if (c === '>' && /^\d/.test(word)) begun = false;
      break;
    }
    word += c;
    begun = !(open !== '' && /[ \t\r\n]/.test(c) && !begun);
  }
  if (open !== '' || escaped) throw new Error(escaped ? 'A \\ stands at the end.' : `A ${open} is not closed.`);
  if (begun) words.push(word);
  return words;
}
