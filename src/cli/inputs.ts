import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { isObject } from '../text/json';
import { readYaml } from '../text/yaml';
import type { YamlSource } from '../text/yaml';
import type { Bundle } from '../model/instance';
import { marker } from './outputFolder';
import { readText, systemReason } from './textFile';

export type Input =
  | { kind: 'compose'; file: string; name: string; /** What Compose calls the project. */ project: string; text: string; yaml: YamlSource; dotEnv?: string }
  | { kind: 'bundle'; file: string; name: string; bundle: Bundle }
  | { kind: 'bad'; file: string; name: string; message: string }
  | { kind: 'skipped'; file: string; message: string };

const yamlName = /\.(ya?ml|json)$/i;

/**
 * Finds what the given files and folders hold. In a folder only YAML with a top-level `services`, and bundles, count;
 * what is named is taken at its word. `name` is the path below the given folder, without its extension, and occurs once.
 * One after the other, so that no more than one document is held in memory.
 */
export function* findInputs(given: readonly string[]): Generator<Input> {
  const taken = new Set<string>();
  for (const name of given) for (const input of findInput(name)) yield named(input, taken);
}

function named(input: Input, taken: Set<string>): Input {
  if (input.kind === 'skipped') return input;
  const name = unique(input.name, taken);
  taken.add(name.toLowerCase());
  return { ...input, name };
}

/** `app.yaml` beside `app.yml` would be one folder, and on some systems `App.yaml` too. */
function unique(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}-${String(count)}`;
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}

function* findInput(name: string): Generator<Input> {
  let folder: boolean;
  try {
    folder = statSync(name).isDirectory();
  } catch (error) {
    yield { kind: 'bad', file: name, name: withoutExtension(path.basename(name)), message: `${name}: ${systemReason(error)}.` };
    return;
  }
  if (folder) yield* walk(name);
  else yield readInput(name, withoutExtension(path.basename(name)));
}

function withoutExtension(name: string): string {
  const stem = name.replace(yamlName, '');
  return stem === '' || stem.endsWith('/') || stem.endsWith(path.sep) ? name : stem;
}

/** Folder by folder, so that one that cannot be read is told by its own name and the rest is still walked. Links to folders are not followed: they may lead round in a ring. */
function* walk(root: string, below = ''): Generator<Input> {
  const folder = path.join(root, below);
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    yield { kind: 'bad', file: folder, name: below, message: `${folder}: ${systemReason(error)}.` };
    return;
  }
  if (below !== '' && entries.some((entry) => entry.name === marker)) {
    yield { kind: 'skipped', file: folder, message: 'written by this program' };
    return;
  }
  for (const entry of entries) {
    const relative = path.join(below, entry.name);
    const file = path.join(root, relative);
    if (entry.isDirectory()) yield* walk(root, relative);
    else if (!yamlName.test(entry.name)) yield { kind: 'skipped', file, message: 'no YAML' };
    else if (entry.isSymbolicLink() && existsSync(file) && statSync(file).isDirectory()) yield { kind: 'skipped', file, message: 'a link to a folder' };
    else yield inWalk(readInput(file, withoutExtension(relative)));
  }
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
  if (isObject(value['services'])) return Object.keys(value['services']).length > 0 ? compose(file, name, text, yaml) : bad('a compose file without any service.');
  const kind = value['kind'];
  if ((kind === 'application' || kind === 'service' || kind === 'database') && value['resource'] !== undefined) {
    if (!isObject(value['resource'])) return bad('not a bundle: "resource" is no mapping.', true);
    return { kind: 'bundle', file, name, bundle: { kind, resource: value['resource'], envs: value['envs'] ?? [], storages: value['storages'] ?? {}, scheduledTasks: value['scheduledTasks'] ?? [], backups: value['backups'] ?? [], ...(value['s3Storages'] === undefined ? {} : { s3Storages: value['s3Storages'] }), ...(value['preview'] === undefined ? {} : { preview: value['preview'] }) } };
  }
  return bad('not a compose file: there is neither a "services" mapping nor a bundle {kind, resource, …}.');
}

/** A compose file with the `.env` that lies beside it. */
function compose(file: string, name: string, text: string, yaml: YamlSource): Input & { meant: boolean } {
  const env = path.join(path.dirname(file), '.env');
  const dotEnv = existsSync(env) && !statSync(env).isDirectory() ? readText(env) : undefined;
  if (typeof dotEnv === 'object') return { kind: 'bad', file, name, message: `${env}: ${dotEnv.problem}`, meant: true };
  return { kind: 'compose', file, name, project: projectName(file, yaml), text, yaml, ...(dotEnv === undefined ? {} : { dotEnv }), meant: true };
}

/** As Compose names a project: by `name:`, else by the folder, so that each `compose.yaml` is a stack of its own. A file with a name of its own is called by that. */
function projectName(file: string, { value }: YamlSource): string {
  const given = isObject(value) ? value['name'] : undefined;
  if (typeof given === 'string' && /^[a-z0-9][a-z0-9_-]*$/.test(given)) return given;
  const own = path.basename(withoutExtension(file));
  const folder = path.basename(path.dirname(path.resolve(file)));
  return /^(docker-)?compose$/.test(own) && folder !== '' ? folder : own;
}
