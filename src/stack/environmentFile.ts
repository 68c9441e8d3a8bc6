import { interpolate } from './interpolation';
import type { Lookup } from './interpolation';

/** A line that Compose refuses; with it, it would refuse the whole file. */
export class EnvironmentFileError extends Error {}

/** `\p{L}` and `\p{N}` as Go's `unicode.IsLetter` and `IsNumber`, and what compose-go allows beside them. */
const keyCharacter = /[\p{L}\p{N}_.[\]-]/u;
const blank = /[\t\v\f\r \u0085\u00A0]/;

/**
 * A dotenv file as compose-go reads it (package dotenv): `KEY=value` and `KEY: value`, `export`, single quotes as they stand, double quotes
 * with escapes and interpolation, unquoted values up to the line's end or ` #`, interpolated. A key alone takes its value from outside.
 * @throws EnvironmentFileError for what compose-go refuses.
 */
export function readEnvironmentFile(text: string, lookup: Lookup = () => undefined): Map<string, string> {
  const values = new Map<string, string>();
  const resolve: Lookup = (name) => lookup(name) ?? values.get(name);
  let rest = statementStart(text.replaceAll('\r\n', '\n'));
  while (rest !== '') {
    const { key, after, inherited } = keyAt(rest);
    if (inherited) {
      const value = lookup(key);
      if (value !== undefined) values.set(key, value);
      rest = statementStart(after);
      continue;
    }
    const read = valueAt(after, resolve);
    values.set(key, read.value);
    rest = statementStart(read.after);
  }
  return values;
}

function statementStart(text: string): string {
  let rest = text.replace(/^\s+/, '');
  while (rest.startsWith('#')) rest = (rest.includes('\n') ? rest.slice(rest.indexOf('\n')) : '').replace(/^\s+/, '');
  return rest;
}

function keyAt(text: string): { key: string; after: string; inherited: boolean } {
  const source = text.replace(/^export\s+/, '');
  let end = 0;
  for (const character of source) {
    if (character === '=' || character === ':' || character === '\n') break;
    if (!blank.test(character) && !keyCharacter.test(character)) throw new EnvironmentFileError(`unexpected character "${character}" in a variable name`);
    end += character.length;
  }
  const separator = source.charAt(end);
  const key = source.slice(0, end).replace(/\s+$/, '');
  if (key.includes(' ')) throw new EnvironmentFileError('a variable name with a space');
  return { key, after: source.slice(end + 1).replace(/^[\t\v\f\r \u0085\u00A0]+/, ''), inherited: separator === '\n' || separator === '' };
}

function valueAt(text: string, lookup: Lookup): { value: string; after: string } {
  const quote = text.charAt(0);
  if (quote !== "'" && quote !== '"') {
    const end = text.indexOf('\n');
    const line = end < 0 ? text : text.slice(0, end);
    const [value = ''] = line.split(' #');
    return { value: interpolate(value.replace(/\s+$/, ''), lookup), after: end < 0 ? '' : text.slice(end + 1) };
  }
  let value = '';
  for (let i = 1; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\\' && i + 1 < text.length) {
      const next = text.charAt(i + 1);
      value += next === quote ? next : `\\${next}`;
      i += 1;
    } else if (c === quote) return { value: quote === '"' ? interpolate(unescaped(value), lookup) : value, after: text.slice(i + 1) };
    else value += c;
  }
  throw new EnvironmentFileError('a quoted value that does not end');
}

const escapes: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"' };

/** Escape sequences inside double quotes; `\$` stays for the interpolation, which takes it as it is. */
function unescaped(text: string): string {
  return text.replace(/\\(\$|[abcfnrtv\\"])/g, (all, c: string) => (c === '$' ? '$$' : escapes[c] ?? all));
}
