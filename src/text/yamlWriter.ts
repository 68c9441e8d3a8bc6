import { stringify } from 'yaml';
import type { Json } from './json';

const style = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;

/**
 * Block YAML, byte for byte as the `yaml` library writes it in this style. The library is asked for unusual texts only: its
 * document tree for a whole manifest takes longer than the translation.
 */
export function writeBlock(value: Json): string {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return stringify(value, style);
  const lines: string[] = [];
  return write(value, '', '', lines) ? `${lines.join('\n')}\n` : stringify(value, style);
}

/** Adds a value; its first line begins with `head`, the others with `indent`. False for a key that does not fit on a line. */
function write(value: Json, head: string, indent: string, lines: string[]): boolean {
  if (typeof value !== 'object' || value === null) {
    const [begin = '', ...rest] = scalar(value).split('\n');
    lines.push(head + begin, ...rest.map((line) => (line === '' ? '' : indent.slice(2) + line)));
    return true;
  }
  let first = head;
  if (Array.isArray(value)) {
    if (value.length === 0) lines.push(`${head}[]`);
    for (const item of value) {
      if (!write(item, `${first}- `, `${indent}  `, lines)) return false;
      first = indent;
    }
    return true;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) lines.push(`${head}{}`);
  for (const [key, item] of entries) {
    const name = keyText(key);
    if (name === undefined) return false;
    const inner = `${indent}  `;
    if (typeof item === 'object' && item !== null && Object.keys(item).length > 0) {
      lines.push(`${first}${name}:`);
      if (!write(item, inner, inner, lines)) return false;
    } else if (!write(item, `${first}${name}: `, inner, lines)) return false;
    first = indent;
  }
  return true;
}

/** Plain in every version of YAML: begins with a letter or a slash, and nothing inside ends it or begins a comment. */
const plain = /^[A-Za-z/][A-Za-z0-9_./@=+-]*(?:[ :][A-Za-z0-9_./@=+-]+)*$/;
/** Words that YAML 1.1 takes for something else. */
const word = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Characters that some reader takes for a line break, for a blank or for nothing: written as escapes, they are the same everywhere. */
const invisible = /(?![\n\t ])[\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff0-\uffff\ud800-\udfff]/u;
const invisibles = new RegExp(invisible.source, 'gu');

/** A text in double quotes, as JSON writes it; what is no Unicode (half a pair) becomes what UTF-8 makes of it. */
function escaped(text: string): string {
  return JSON.stringify(Buffer.from(text).toString()).replace(invisibles, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Texts that the library was asked for; the same ones (`"0755"`, a configuration file) come again and again. */
const asked = new Map<string, string>();
const mostAsked = 2000;

/** A scalar as the value of a key at the left margin: lines after the first are indented by two. */
function scalar(value: string | number | boolean | null): string {
  if (typeof value === 'string' && plain.test(value) && !word.test(value)) return value;
  if (typeof value === 'string') return invisible.test(value) || misread(value) ? escaped(value) : remembered(`v${value}`, () => stringify({ k: value }, style).slice(3, -1));
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0))) return stringify(value, style).slice(0, -1);
  return String(value);
}

/** What the library writes in a form of which some reader does not give the same text back: blank lines alone, a block that begins with a tab, octal numbers of YAML 1.2. */
function misread(text: string): boolean {
  return (text.includes('\n') && (/^\s*\t/.test(text) || (/^\s*$/.test(text) && text.includes(' ')))) || /^[-+]?0o[0-7]+$/.test(text);
}

function keyText(key: string): string | undefined {
  if (plain.test(key) && !word.test(key) && key.length < 100) return key;
  const text = remembered(`k${key}`, () => stringify({ [key]: 0 }, style));
  return text.endsWith(': 0\n') && text.indexOf('\n') === text.length - 1 && !text.startsWith('? ') ? text.slice(0, -4) : undefined;
}

function remembered(key: string, ask: () => string): string {
  const known = asked.get(key);
  if (known !== undefined) return known;
  if (asked.size >= mostAsked) asked.clear();
  const text = ask();
  asked.set(key, text);
  return text;
}
