import { isObject } from '../../text/json';
import type { Json, JsonObject } from '../../text/json';
import { writeYaml } from '../../text/yaml';

/** The values of a chart, and places in its objects that take them: a token stands there until the text is written. */
export class HelmValues {
  readonly values: JsonObject = {};
  private readonly tokens = new Map<string, { kind: 'inline' | 'block' | 'optional'; expression: string }>();

  /** Text that Helm puts in. */
  expression(text: string): string {
    return this.token('inline', text);
  }

  /** A value under a path; the same path with another value gets a name of its own. `pipe` is what Helm does to it (`quote`, `b64enc | quote`). */
  set(path: readonly string[], value: Json, pipe: string): string {
    const at = this.place(path, value);
    return this.token('inline', `${lookup(at)}${pipe === '' ? '' : ` | ${pipe}`}`);
  }

  /** A whole mapping, written with `toYaml` at the place's own indentation. */
  block(path: readonly string[], value: JsonObject): string {
    return this.token('block', lookup(this.place(path, value)));
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

  private token(kind: 'inline' | 'block' | 'optional', expression: string): string {
    const token = `HELMTOKEN${String(this.tokens.size).padStart(6, '0')}X`;
    this.tokens.set(token, { kind, expression });
    return token;
  }

  /** The object as a template: what looks like a template in its own text is kept as text. */
  template(object: JsonObject): string {
    return writeYaml(object).split('\n').flatMap((line) => this.line(line)).join('\n');
  }

  private line(line: string): string[] {
    const token = /HELMTOKEN\d{6}X/.exec(line)?.[0];
    const known = token === undefined ? undefined : this.tokens.get(token);
    const indent = /^\s*(?:- )*/.exec(line)?.[0].length ?? 0;
    if (token !== undefined && known?.kind === 'optional') return [`${' '.repeat(indent)}{{- with ${known.expression} }}`, line.replace(token, '{{ . | quote }}'), `${' '.repeat(indent)}{{- end }}`];
    if (token !== undefined && known?.kind === 'block') return [line.replace(` ${token}`, ''), `{{ toYaml ${wrapped(known.expression)} | indent ${String(indent + 2)} }}`];
    const escaped = line.replaceAll(/\{\{|\}\}/g, (braces) => `{{ ${JSON.stringify(braces)} }}`);
    return [escaped.replaceAll(/HELMTOKEN\d{6}X/g, (each) => `{{ ${this.tokens.get(each)?.expression ?? '""'} }}`)];
  }
}

function wrapped(expression: string): string {
  return expression.startsWith('(') ? expression : `(${expression})`;
}

/** `index`, since a key may hold a hyphen or a dot. */
function lookup(path: readonly string[]): string {
  return `index .Values ${path.map((part) => JSON.stringify(part)).join(' ')}`;
}
