import { isObject } from '../../text/json';
import type { Json, JsonObject } from '../../text/json';
import { writeYaml } from '../../text/yaml';

type Kind = 'inline' | 'block' | 'optional' | 'optionalBlock';

/** The values of a chart, and places in its objects that take them: a token stands there until the text is written. */
export class HelmValues {
  readonly values: JsonObject = {};
  private readonly tokens = new Map<string, { kind: Kind; expression: string }>();
  private readonly stem: string;
  private readonly anyToken: RegExp;

  /** `text` is all that the objects hold: no token may occur in it. */
  constructor(text: string) {
    let stem = 'HELMTOKEN';
    while (text.includes(stem)) stem += 'X';
    this.stem = stem;
    this.anyToken = new RegExp(`${stem}\\d{6}X`, 'g');
  }

  /** Text that Helm puts in. */
  expression(text: string): string {
    return this.token('inline', text);
  }

  /** Lines that Helm puts in, below their key. */
  lines(expression: string): string {
    return this.token('block', expression);
  }

  /** A value under a path; the same path with another value gets a name of its own. `pipe` is what Helm does to it (`quote`, `b64enc | quote`). */
  set(path: readonly string[], value: Json, pipe: string): string {
    return this.token('inline', `${lookup(this.place(path, value))}${pipe === '' ? '' : ` | ${pipe}`}`);
  }

  /** How a template names a value that is put under a path, as an argument. */
  argument(path: readonly string[], value: Json): string {
    const text = lookup(this.place(path, value));
    return text.startsWith('.') ? text : `(${text})`;
  }

  /** A whole mapping, written at the place's own indentation; the key is there only when it is not empty. */
  optionalBlock(path: readonly string[], value: JsonObject): string {
    return this.token('optionalBlock', lookup(this.place(path, value)));
  }

  /** A line that is there only when the value is not empty. */
  optional(path: readonly string[], value: Json): string {
    return this.token('optional', lookup(this.place(path, value)));
  }

  private place(path: readonly string[], value: Json): string[] {
    for (let index = 1; ; index++) {
      const last = `${path.at(-1) ?? ''}${index === 1 ? '' : `-${String(index)}`}`;
      const at = [...path.slice(0, -1), last];
      const parent = at.slice(0, -1).reduce<JsonObject>((object, key) => {
        const inner = object[key];
        if (isObject(inner)) return inner;
        const fresh: JsonObject = {};
        object[key] = fresh;
        return fresh;
      }, this.values);
      const before = Object.hasOwn(parent, last) ? parent[last] : undefined;
      if (before === undefined || JSON.stringify(before) === JSON.stringify(value)) {
        parent[last] = value;
        return at;
      }
    }
  }

  private token(kind: Kind, expression: string): string {
    const token = `${this.stem}${String(this.tokens.size).padStart(6, '0')}X`;
    this.tokens.set(token, { kind, expression });
    return token;
  }

  /** The object as a template: what looks like a template in its own text is kept as text. */
  template(object: JsonObject): string {
    return writeYaml(object).split('\n').flatMap((line) => this.line(line)).join('\n');
  }

  private line(line: string): string[] {
    const [token] = line.match(this.anyToken) ?? [];
    const known = token === undefined ? undefined : this.tokens.get(token);
    const indent = /^\s*(?:- )*/.exec(line)?.[0].length ?? 0;
    const margin = ' '.repeat(indent);
    if (token !== undefined && known !== undefined) {
      const { kind, expression } = known;
      if (kind === 'optional') return [`${margin}{{- with ${expression} }}`, line.replace(token, '{{ . | quote }}'), `${margin}{{- end }}`];
      if (kind === 'block') return [line.replace(` ${token}`, ''), `{{ ${expression} | indent ${String(indent + 2)} }}`];
      if (kind === 'optionalBlock') return [`${margin}{{- with ${expression} }}`, line.replace(` ${token}`, ''), `{{ toYaml . | indent ${String(indent + 2)} }}`, `${margin}{{- end }}`];
    }
    const escaped = line.replaceAll(/\{\{|\}\}/g, (braces) => `{{ ${JSON.stringify(braces)} }}`);
    return [escaped.replaceAll(this.anyToken, (each) => `{{ ${this.tokens.get(each)?.expression ?? '""'} }}`)];
  }
}

/** `.Values.a.b`; from the first key that holds a hyphen or a dot on by `index`. */
function lookup(path: readonly string[]): string {
  const legal = path.findIndex((part) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(part));
  if (legal < 0) return `.Values.${path.join('.')}`;
  return `index .Values${path.slice(0, legal).map((part) => `.${part}`).join('')} ${path.slice(legal).map((part) => JSON.stringify(part)).join(' ')}`;
}
