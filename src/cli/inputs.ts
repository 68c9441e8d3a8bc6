import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { isObject } from '../text/json';
import { readYaml } from '../text/yaml';
import type { Bundle } from '../model/instance';
import { marker } from './outputFolder';
import { readText, systemReason } from './textFile';

export type Input =
  | { kind: 'compose'; file: string; name: string; text: string; dotEnv?: string }
  | { kind: 'bundle'; file: string; name: string; bundle: Bundle }
  | { kind: 'bad'; file: string; name: string; message: string }
  | { kind: 'skipped'; file: string; message: string };

const yamlName = /\.(ya?ml|json)$/i;

/**
 * Finds what the given files and folders hold. In a folder only YAML with a top-level `services`, and bundles, count;
 * what is named is taken at its word. `name` is the path below the given folder, without its extension, and occurs once.
 */
export function findInputs(given: readonly string[]): Input[] {
  const taken = new Set<string>();
  return given.flatMap(findInput).map((input) => {
    if (input.kind === 'skipped') return input;
    const name = unique(input.name, taken);
    taken.add(name.toLowerCase());
    return { ...input, name };
  });
}

/** `app.yaml` beside `app.yml` would be one folder, and on some systems `App.yaml` too. */
function unique(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}-${String(count)}`;
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}

function findInput(name: string): Input[] {
  try {
    return statSync(name).isDirectory() ? walk(name) : [readInput(name, withoutExtension(path.basename(name)))];
  } catch (error) {
    return [{ kind: 'bad', file: name, name: withoutExtension(path.basename(name)), message: `${name}: ${systemReason(error)}.` }];
  }
}

function withoutExtension(name: string): string {
  const stem = name.replace(yamlName, '');
  return stem === '' || stem.endsWith('/') || stem.endsWith(path.sep) ? name : stem;
}

/** Folder by folder, so that one that cannot be read is told by its own name and the rest is still walked. Links to folders are not followed: they may lead round in a ring. */
function walk(root: string, below = ''): Input[] {
  const folder = path.join(root, below);
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    return [{ kind: 'bad', file: folder, name: below, message: `${folder}: ${systemReason(error)}.` }];
  }
  if (below !== '' && entries.some((entry) => entry.name === marker)) return [{ kind: 'skipped', file: folder, message: 'written by this program' }];
  return entries.flatMap((entry): Input[] => {
    const relative = path.join(below, entry.name);
    const file = path.join(root, relative);
    if (entry.isDirectory()) return walk(root, relative);
    if (!yamlName.test(entry.name)) return [{ kind: 'skipped', file, message: 'no YAML' }];
    if (entry.isSymbolicLink() && existsSync(file) && statSync(file).isDirectory()) return [{ kind: 'skipped', file, message: 'a link to a folder' }];
    return [inWalk(readInput(file, withoutExtension(relative)))];
  });
}

/** A file that nobody named is bad only if it was clearly meant to be translated. */
function inWalk(input: Input & { meant?: boolean }): Input {
  const { meant, ...rest } = input;
  return rest.kind === 'bad' && meant === false ? { kind: 'skipped', file: rest.file, message: rest.message.slice(rest.file.length + 2) } : rest;
}

function readInput(file: string, name: string): Input & { meant?: boolean } {
  const bad = (message: string, meant = false): Input & { meant: boolean } => ({ kind: 'bad', file, name, message: `${file}: ${message}`, meant });
  const text = readText(file);
  if (typeof text === 'object') return bad(text.problem, text.unreadable);
  const yaml = readYaml(text);
  if ('kind' in yaml) return bad(`not YAML: ${yaml.message}.`, /^(services|["']services["'])\s*:/m.test(text));
  const value = yaml.value;
  if (value === null) return bad('not a compose file: there is nothing in it.');
  if (!isObject(value)) return bad('not a compose file: the top level is no mapping.');
  if (isObject(value['services'])) return Object.keys(value['services']).length > 0 ? compose(file, name, text) : bad('a compose file without any service.');
  const kind = value['kind'];
  if ((kind === 'application' || kind === 'service' || kind === 'database') && value['resource'] !== undefined) {
    if (!isObject(value['resource'])) return bad('not a bundle: "resource" is no mapping.', true);
    return { kind: 'bundle', file, name, bundle: { kind, resource: value['resource'], envs: value['envs'] ?? [], storages: value['storages'] ?? {}, scheduledTasks: value['scheduledTasks'] ?? [], backups: value['backups'] ?? [], ...(value['s3Storages'] === undefined ? {} : { s3Storages: value['s3Storages'] }), ...(value['preview'] === undefined ? {} : { preview: value['preview'] }) } };
  }
  return bad('not a compose file: there is neither a "services" mapping nor a bundle {kind, resource, …}.');
}

/** A compose file with the `.env` that lies beside it. */
function compose(file: string, name: string, text: string): Input & { meant: boolean } {
  const env = path.join(path.dirname(file), '.env');
  if (!existsSync(env) || statSync(env).isDirectory()) return { kind: 'compose', file, name, text, meant: true };
  const dotEnv = readText(env);
  return typeof dotEnv === 'object' ? { kind: 'bad', file, name, message: `${env}: ${dotEnv.problem}`, meant: true } : { kind: 'compose', file, name, text, dotEnv, meant: true };
}
