import type { Json } from '../../text/json';
import type { Container, EnvVar } from '../../model/stack';
import type { Manifest } from '../../model/manifest';
import { quote } from '../../text/shellQuoting';
import type { RenderContext } from './context';
import { shortHash } from './naming';

/**
 * Escapes what Kubernetes would expand in `command`, `args` and `env[].value` (k8s.io/kubernetes third_party/forked/golang/expansion):
 * `$$` becomes `$` and `$(NAME)` a variable, a lone `$` stays.
 */
export function escapeExpansion(text: string): string {
  return text.replace(/\$+(?=(\()?)/g, (run, paren: string | undefined) => (run.length > 1 || paren !== undefined ? run.replaceAll('$', '$$$$') : run));
}

type Part = { text: string } | { secret: string };

const secretFlag = /^(--?([a-z]+-)*(requirepass|masterauth|password|passwd|secret|token|api-?key)|-[apP])$/i;
const afterFlag = /((?:^|\s)--?(?:[a-z]+-)*(?:requirepass|masterauth|password|passwd|secret|token|api-?key)(?:=|\s+)["']?|(?:^|\s)-[ap]\s*["']?|:\/\/[^\s/:@]*:)([^\s"'@;&|$`<>(){},]+)/gi;

/** The environment of one container: what is secret stands in a Secret of its own, and words that hold a secret refer to it. */
export class ContainerSecrets {
  private readonly data = new Map<string, string>();
  private readonly extra = new Map<string, string>();
  private readonly variables: EnvVar[];

  private readonly stackSecrets: readonly string[];

  constructor(private readonly context: RenderContext, private readonly container: Container) {
    this.stackSecrets = context.secretValues;
    const byName = new Map<string, EnvVar>();
    for (const variable of container.env) {
      byName.delete(variable.name);
      byName.set(variable.name, variable);
    }
    this.variables = [...byName.values()].filter((variable) => this.legal(variable));
    for (const variable of this.variables) if (this.isSecret(variable)) this.data.set(variable.name, variable.value);
  }

  get secretName(): string {
    return `${this.context.nameOf(this.container.name)}-env`;
  }

  private legal({ name, origin }: EnvVar): boolean {
    if (/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) return true;
    this.context.find('name', 'refused', origin, `"${name}" is no name that a variable may have in Kubernetes.`, { fix: 'Rename the variable.' });
    return false;
  }

  private isSecret(variable: EnvVar): boolean {
    return variable.secret || this.context.shortSecretValues.some((secret) => variable.value.includes(secret));
  }

  env(): Json[] {
    const own = this.variables.map((variable): Json => (this.data.has(variable.name) ? this.reference(variable.name) : { name: variable.name, value: escapeExpansion(variable.value) }));
    // Referred to by `$(NAME)` in the command, so they have to stand in `env`, not only in `envFrom`.
    return [...[...this.extra.keys()].map((name) => this.reference(name)), ...own];
  }

  private reference(name: string): Json {
    return { name, valueFrom: { secretKeyRef: { name: this.secretName, key: name } } };
  }

  /** `command` or `args`: text escaped, each secret replaced by a reference to its variable. */
  words(list: readonly string[]): string[] {
    return list.map((text, index) => this.word(text, list[index - 1] ?? ''));
  }

  private word(text: string, before: string): string {
    const parts = this.split(text, before);
    // Before a reference even a lone `$` is doubled: it would escape the reference.
    const plain = (part: string, last: boolean): string => (last ? escapeExpansion(part) : part.replaceAll('$', '$$$$'));
    return parts.map((part, index) => ('secret' in part ? `$(${this.nameFor(part.secret)})` : plain(part.text, index === parts.length - 1))).join('');
  }

  /** A probe's command. Kubernetes expands nothing there, so a shell has to when a secret is in it. */
  probe(test: readonly string[]): string[] {
    if (!test.some((word, index) => this.split(word, test[index - 1]).some((part) => 'secret' in part))) return [...test];
    const [shell, flag, script] = test;
    if (test.length === 3 && flag === '-c' && script !== undefined && shell !== undefined) return [shell, '-c', this.script(script)];
    this.context.find('secretWord', 'approximated', this.container.origin, `The health check of ${this.container.name} holds a secret, so a shell of the image puts it in.`);
    const words = test.map((word, index) => this.split(word, test[index - 1]).map((part) => ('secret' in part ? `"$${this.nameFor(part.secret)}"` : part.text === '' ? '' : quoteIfNeeded(part.text))).join('') || "''");
    return ['/bin/sh', '-c', `exec ${words.join(' ')}`];
  }

  private script(script: string): string {
    let inSingle = false;
    let inDouble = false;
    return this.split(script).map((part) => {
      if ('secret' in part) {
        const reference = `\${${this.nameFor(part.secret)}}`;
        return inSingle ? `'"${reference}"'` : inDouble ? reference : `"${reference}"`;
      }
      for (const c of part.text) {
        if (c === "'" && !inDouble) inSingle = !inSingle;
        if (c === '"' && !inSingle) inDouble = !inDouble;
      }
      return part.text;
    }).join('');
  }

  private nameFor(secret: string): string {
    for (const [name, value] of this.data) if (value === secret && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      return name;
    }
    const name = `COOLIFY_SECRET_${shortHash(secret).toUpperCase()}`;
    this.data.set(name, secret);
    this.extra.set(name, secret);
    return name;
  }

  private split(text: string, before = ''): Part[] {
    for (const secret of this.stackSecrets) {
      const at = text.indexOf(secret);
      if (at >= 0) return [...this.split(text.slice(0, at)), { secret }, ...this.split(text.slice(at + secret.length))];
    }
    if (secretFlag.test(before) && this.isPassword(text, before)) return [{ secret: text }];
    return this.splitAtFlags(text);
  }

  /** Short or common passwords (`redis`) are found only where a flag or a URL says that one stands there. */
  private splitAtFlags(text: string): Part[] {
    for (const match of text.matchAll(afterFlag)) {
      const [whole, flag = '', secret = ''] = match;
      const at = match.index + whole.length - secret.length;
      const inUrl = flag.startsWith('://');
      if (inUrl ? text[at + secret.length] === '@' : this.isPassword(secret, flag)) return [{ text: text.slice(0, at) }, { secret }, ...this.splitAtFlags(text.slice(at + secret.length))];
    }
    return text === '' ? [] : [{ text }];
  }

  /** What follows a flag of one letter has to be known as a secret from elsewhere. */
  private isPassword(value: string, flag: string): boolean {
    if (value.length < 3 || /^(true|false|yes|no|on|off|none|null)$|^[-/$]|[$`]/i.test(value)) return false;
    return this.context.allSecretValues.has(value) || [...this.data.values()].includes(value) || (/--?[a-z-]{4,}/i.test(flag) && !/file|path/i.test(flag));
  }

  manifest(): Manifest | undefined {
    return this.data.size === 0 ? undefined : secretManifest(this.context, this.secretName, this.data, this.container);
  }
}

/** An Opaque Secret; values are base64 as the API wants them under server-side apply. */
export function secretManifest(context: RenderContext, name: string, data: ReadonlyMap<string, string>, container?: Container): Manifest {
  return context.object('v1', 'Secret', name, { type: 'Opaque', data: Object.fromEntries([...data].map(([key, value]) => [key, Buffer.from(value).toString('base64')])) }, container);
}

/** The resource's own variables, which every container receives; a container's `env` wins over `envFrom`. */
export function sharedEnvSecret(context: RenderContext): Manifest | undefined {
  const data = new Map<string, string>();
  for (const { name, value, origin } of context.stack.sharedEnv) {
    if (/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) data.set(name, value);
    else context.find('name', 'refused', origin, `"${name}" is no name that a variable may have in Kubernetes.`, { fix: 'Rename the variable.' });
  }
  return data.size === 0 ? undefined : secretManifest(context, context.sharedEnvName, data);
}

/** Most words of a health check read as they are. */
function quoteIfNeeded(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : quote(text);
}
