import type { EnvVar } from '../model/stack';
import type { EnvRow } from './apiFields';
import { readEnvironmentFile } from './environmentFile';
import type { FindingList } from './findings';
import { interpolate, references } from './interpolation';
import { isSecretMagic } from './magicVariables';
import { looksSecret } from './secretNames';

/** One line of a `.env` that Coolify writes: a row of the user, or a variable that Coolify injects. */
export interface EnvLine { key: string; value: string; literal: boolean; injected?: boolean; /** Kept in a Secret, whatever its name. */ secret?: boolean }

/**
 * Coolify's quoting of a value for `.env` (`EnvironmentVariable::get_real_environment_variables`): JSON as it is, literal and multiline
 * in single quotes without escaping, all else with backslashes before quotes and backslashes.
 */
export function quoted(value: string, literal: boolean): string {
  if (/^[{[]/.test(value) && isJson(value)) return value;
  if (literal) return `'${value}'`;
  return value.replace(/[\\"']/g, '\\$&').replace(/\r/g, '\\r').replace(/\t/g, '\\t').replaceAll('\0', '\\0');
}

/** Undoes `quoted`: the only way to the value of a shared variable before Coolify 4.3. */
export function unquoted(text: string, literal: boolean): string {
  if (/^[{[]/.test(text) && isJson(text)) return text;
  if (literal) return /^'[\s\S]*'$/.test(text) ? text.slice(1, -1) : text;
  return text.replace(/\\([\\"'rt0])/g, (_all, c: string) => ({ r: '\r', t: '\t', 0: '\0' })[c] ?? c);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Rows in Coolify's order: by id (the API's own order) or by key; what refers to a `SERVICE_` variable last. */
export function inOrder(rows: readonly EnvRow[], sorted: boolean): EnvRow[] {
  const ordered = sorted ? [...rows].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) : [...rows].sort((a, b) => a.order - b.order);
  const late = (row: EnvRow): boolean => row.value.startsWith('$SERVICE_') || row.value.includes('${SERVICE_');
  return [...ordered.filter((row) => !late(row)), ...ordered.filter(late)];
}

export interface CoolifyEnvironment {
  /** The text of `.env`, byte for byte. */
  text: string;
  /** What `${NAME}` in the compose file is: Compose's reading of `.env` as the project's environment. */
  project: Map<string, string>;
  /** What a container receives through `env_file: .env`. */
  variables: EnvVar[];
}

/**
 * A `.env` as Coolify writes it, and what Compose makes of it. Compose reads the file twice: once for the project, where a line sees
 * the lines before it, then as `env_file`, where it sees the whole project first.
 */
export function coolifyEnvironment(lines: readonly EnvLine[], findings: FindingList): CoolifyEnvironment {
  const project = read(lines, () => undefined);
  const values = read(lines, (name) => project.values.get(name));
  for (const key of new Set(values.failed)) {
    findings.add('invalidValue', 'approximated', ['envs', key], `Compose cannot read the line that Coolify writes for ${key}; its value is taken as it was entered.`, { fix: 'Take the single quote out of the literal value, or mark it multiline.' });
  }
  for (const line of lines) reportReading(line, values.values.get(line.key), findings);
  const secretNames = new Set(lines.filter((line) => line.secret === true || isSecretMagic(line.key) || looksSecret(line.key, line.value)).map((line) => line.key));
  const source = new Map(lines.map((line) => [line.key, line]));
  const variables = [...values.values].map(([name, value]): EnvVar => {
    const line = source.get(name);
    const secret = secretNames.has(name) || looksSecret(name, value) || (line !== undefined && !line.literal && references(line.value).some((reference) => secretNames.has(reference.name)));
    return { name, value, secret, origin: { source: line?.injected === true ? 'injected' : 'envs', path: name } };
  });
  return { text: lines.map((line) => `${line.key}=${quoted(line.value, line.literal)}`).join('\n'), project: project.values, variables };
}

/** Row by row, since a row that Compose cannot read would spoil the rest. */
function read(lines: readonly EnvLine[], outer: (name: string) => string | undefined): { values: Map<string, string>; failed: string[] } {
  const values = new Map<string, string>();
  const failed: string[] = [];
  const lookup = (name: string): string | undefined => outer(name) ?? values.get(name);
  const set = (key: string, value: string): void => { values.delete(key); values.set(key, value); };
  for (const line of lines) {
    try {
      for (const [key, value] of readEnvironmentFile(`${line.key}=${quoted(line.value, line.literal)}\n`, lookup)) set(key, value);
    } catch {
      failed.push(line.key);
      set(line.key, line.literal ? line.value : interpolate(line.value, lookup));
    }
  }
  return { values, failed };
}

/** Says where the process sees something else than what was entered; that is so in Docker too. */
function reportReading(line: EnvLine, value: string | undefined, findings: FindingList): void {
  if (line.injected === true || value === undefined || line.literal) return;
  const tell = (message: string): void => { findings.add('field', 'translated', ['envs', line.key], message); };
  if (/[\\"']/.test(line.value) && value.includes('\\')) tell(`${line.key} reaches the process with backslashes before quotes, as it does in Docker; mark it literal in Coolify to be rid of them.`);
  else if (line.value.includes('\n') && !value.includes('\n')) tell(`${line.key} ends at its first line break, as it does in Docker; mark it multiline in Coolify.`);
  else if (/ #/.test(line.value) && !value.includes('#')) tell(`${line.key} ends before " #", as it does in Docker; mark it literal in Coolify.`);
}
