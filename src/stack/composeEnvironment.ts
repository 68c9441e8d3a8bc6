import { isObject, scalarText } from '../text/json';
import type { Json } from '../text/json';
import { domainVariable, generateMagicValue, isSecretMagic } from './magicVariables';
import type { SecretSource } from './magicVariables';
import { interpolate, references } from './interpolation';
import type { InterpolationProblem } from './interpolation';
import { looksSecret } from './secretNames';

/** `environment:` as pairs, in order; null is "take it from outside". A list entry without `=` and the integer keys of Coolify's rewriting are the same. */
export function environmentEntries(value: Json | undefined): [string, string | null][] {
  if (Array.isArray(value)) return value.flatMap((item) => listEntry(item));
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, item]) => {
    if (/^\d+$/.test(key) && typeof item === 'string') return listEntry(item)[0] ?? [key, item];
    return [key, item === null ? null : typeof item === 'object' ? JSON.stringify(item) : String(item)];
  });
}

function listEntry(item: Json): [string, string | null][] {
  if (isObject(item)) return environmentEntries(item);
  if (item === null) return [];
  const text = scalarText(item);
  const at = text.indexOf('=');
  return [at < 0 ? [text.trim(), null] : [text.slice(0, at).trim(), text.slice(at + 1)]];
}

export interface VariableInput {
  /** What is known: Coolify's env rows, or the `.env` beside the file. */
  known: ReadonlyMap<string, string>;
  secrets: SecretSource;
  services: readonly string[];
  /** The URL of a service's first domain, without port; undefined when it has none. */
  urlOf: (service: string) => string | undefined;
}

/** The variables of a stack: known values, defaults that the file declares, and Coolify's magic ones. */
export class Variables {
  private readonly defaults = new Map<string, string>();
  /** Names that were made up because no value was given, for the findings. */
  readonly generated = new Set<string>();
  readonly missing = new Set<string>();

  constructor(private readonly input: VariableInput) {}

  /** Coolify makes a row of each `KEY=${VAR:-default}`; from then on `${VAR}` alone has that value everywhere in the file. */
  declareDefaults(raw: string): void {
    for (const { name, operator, argument } of references(raw)) {
      const declared = operator === ':-' || operator === '-' || operator === ':?' || operator === '?';
      if (declared && argument !== '' && !this.defaults.has(name)) this.defaults.set(name, argument);
    }
  }

  lookup = (name: string): string | undefined => {
    const known = this.input.known.get(name);
    if (known !== undefined) return known;
    const magic = this.magic(name);
    if (magic !== undefined) return magic;
    const declared = this.defaults.get(name);
    if (declared !== undefined) {
      this.defaults.delete(name);
      const value = interpolate(declared, this.lookup);
      this.defaults.set(name, declared);
      return value;
    }
    this.missing.add(name);
    return undefined;
  };

  /** A value that is given from outside of the file. */
  outside = (name: string): string | undefined => this.input.known.get(name);

  interpolate(text: string, onProblem?: (problem: InterpolationProblem) => void): string {
    return interpolate(text, this.lookup, onProblem);
  }

  /** True when a value comes, directly or in part, from something secret. */
  isSecret(key: string, raw: string, value: string): boolean {
    if (looksSecret(key, value)) return true;
    return references(raw).some(({ name }) => isSecretMagic(name) || looksSecret(name, this.input.known.get(name) ?? this.defaults.get(name) ?? 'unknown value'));
  }

  private magic(name: string): string | undefined {
    if (name.startsWith('SERVICE_NAME_')) return this.serviceNamed(name.slice('SERVICE_NAME_'.length));
    const domain = domainVariable(name);
    if (domain !== undefined) return this.domainValue(domain);
    const value = generateMagicValue(name, this.input.secrets, this.input.known.get('SERVICE_PASSWORD_JWT') ?? generateMagicValue('SERVICE_PASSWORD_JWT', this.input.secrets, '') ?? '');
    if (value !== undefined) this.generated.add(name);
    return value;
  }

  private serviceNamed(suffix: string): string | undefined {
    return this.input.services.find((service) => environmentName(service) === suffix.toUpperCase());
  }

  /** The value of a `SERVICE_URL_…`/`SERVICE_FQDN_…` variable: FQDN has no scheme, and only names with a port carry one. */
  domainValue(domain: { kind: 'URL' | 'FQDN'; service: string; port?: number }): string | undefined {
    const service = this.serviceNamed(domain.service) ?? domain.service.toLowerCase().replaceAll('_', '-');
    const url = this.input.urlOf(service);
    if (url === undefined) return undefined;
    const withPort = domain.port === undefined ? url : url.replace(/^(https?:\/\/[^/]+)/, `$1:${String(domain.port)}`);
    return domain.kind === 'URL' ? withPort : withPort.replace(/^https?:\/\//, '');
  }
}

/** How Coolify spells a service in a variable name. */
export function environmentName(service: string): string {
  return service.replace(/[-.]/g, '_').toUpperCase();
}
