/** ssh_config as text becomes a tree: directives in order, with included files in the place of their Include. Pure; see ssh_config(5). */
export interface Directive {
  /** In lower case; keywords are case-insensitive. */
  keyword: string;
  args: string[];
  /** For messages: `file:line`. */
  at: string;
  /** Of an Include: the directives of each file that it named. */
  included?: Directive[][];
}

/** Gives the files that an Include's patterns name. */
export type Include = (patterns: readonly string[]) => readonly { path: string; directives: Directive[] }[];

/** @throws nothing; a line that cannot be read is kept as the keyword `` with the reason as its argument. */
export function parseConfig(text: string, path: string, include: Include): Directive[] {
  return text.replace(/^\ufeff/, '').split(/\r?\n/).flatMap((line, index) => {
    const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+|$)(.*)$/.exec(line);
    const at = `${path}:${index + 1}`;
    if (match === null) return /^\s*(#|$)/.test(line) ? [] : [{ keyword: '', args: ['is no setting'], at }];
    const keyword = (match[1] ?? '').toLowerCase();
    const args = words(match[2] ?? '');
    if (args === undefined) return [{ keyword: '', args: ['has a quotation mark without its pair'], at }];
    if (args.length === 0) return [{ keyword: '', args: [`names no value for ${match[1] ?? ''}`], at }];
    const directive = { keyword, args, at };
    return [keyword === 'include' ? { ...directive, included: include(args).map((file) => file.directives) } : directive];
  });
}

/** Arguments as OpenSSH splits them: quotes of both kinds, a backslash before a quote, a backslash or a space, `#` begins a comment. */
function words(text: string): string[] | undefined {
  const found: string[] = [];
  for (let at = 0; ;) {
    while (/\s/.test(text[at] ?? '')) at++;
    if (at >= text.length || text[at] === '#') return found;
    let word = '';
    let quote = '';
    for (; at < text.length && (quote !== '' || !/\s/.test(text[at] ?? '')); at++) {
      const char = text[at] ?? '';
      const next = text[at + 1] ?? '';
      if (char === '\\' && (/["'\\]/.test(next) || (quote === '' && next === ' '))) { word += next; at++; }
      else if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
      else word += char;
    }
    if (quote !== '') return undefined;
    found.push(word);
  }
}

/** A pattern of ssh_config(5): `*` and `?`. */
export function matchesPattern(text: string, pattern: string): boolean {
  const source = pattern.replace(/[^*?]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`).replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su').test(text);
}

/** A list of patterns: one must match, and none that is negated with `!`. */
export function matchesList(text: string, patterns: readonly string[]): boolean {
  if (patterns.some((pattern) => pattern.startsWith('!') && matchesPattern(text, pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(text, pattern));
}
