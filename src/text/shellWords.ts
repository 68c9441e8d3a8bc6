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
  // They are told apart, since backticks do not keep quotes from counting.
  let [single, double, backtick, parenthesis] = [false, false, false, false];
  for (const c of text) {
    if (escaped) { word += c; escaped = false; begun = true; continue; }
    if (c === '\\' && !single) { escaped = true; continue; }
    if (/[ \t\r\n]/.test(c)) {
      if (single || double || backtick || parenthesis) word += c;
      else {
        if (begun) words.push(word);
        if (begun) word = '';
        begun = false;
      }
      continue;
    }
    if (c === "'" && !double && !parenthesis) { begun ||= single; single = !single; continue; }
    if (c === '"' && !single && !parenthesis) { begun ||= double; double = !double; continue; }
    if (c === '`' && !single && !double && !parenthesis) backtick = !backtick;
    else if (c === ')' && !single && !double && !backtick) parenthesis = !parenthesis;
    else if (c === '(' && !single && !double && !backtick) {
      if (parenthesis || !word.endsWith('$')) throw new Error('A ( stands outside of quotes.');
      parenthesis = true;
      word += c;
      continue;
    } else if (/[;&|<>]/.test(c) && !single && !double && !backtick && !parenthesis) {
      // The number before a redirection (`2>`) belongs to it.
      if (c === '>' && /^\d/.test(word)) begun = false;
      break;
    }
    word += c;
    begun = true;
  }
  if (escaped) throw new Error('A \\ stands at the end.');
  if (single || double || backtick || parenthesis) throw new Error(`A ${single ? "'" : double ? '"' : backtick ? '`' : '('} is not closed.`);
  if (begun) words.push(word);
  return words;
}
