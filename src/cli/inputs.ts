import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isObject } from '../text/json';
import { readYaml } from '../text/yaml';
import type { Bundle } from '../model/instance';

export type Input =
  | { kind: 'compose'; file: string; name: string; text: string; dotEnv?: string }
  | { kind: 'bundle'; file: string; name: string; bundle: Bundle }
  | { kind: 'bad'; file: string; name: string; message: string }
  | { kind: 'skipped'; file: string; message: string };

const mostBytes = 10 * 1024 * 1024;

/** Finds what the given files and folders hold. In a folder only YAML with a top-level `services` counts; what is named is taken at its word. */
export function findInputs(given: readonly string[]): Input[] {
  return given.flatMap((name) => {
    if (!existsSync(name)) return [{ kind: 'bad', file: name, name, message: `${name}: there is no such file or folder.` } satisfies Input];
    return statSync(name).isDirectory() ? walk(name) : [readInput(name, path.basename(name).replace(/\.(ya?ml|json)$/i, ''))];
  });
}

function walk(folder: string): Input[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort().flatMap((relative): Input[] => {
    const file = path.join(folder, relative);
    if (!statSync(file).isFile()) return [];
    if (!/\.(ya?ml|json)$/i.test(relative)) return [{ kind: 'skipped', file, message: 'no YAML' }];
    const input = readInput(file, relative.replace(/\.(ya?ml|json)$/i, ''));
    return [input.kind === 'bad' && /not a compose file|neither/.test(input.message) ? { kind: 'skipped', file, message: 'no top-level services' } : input];
  });
}

function readInput(file: string, name: string): Input {
  const bad = (message: string): Input => ({ kind: 'bad', file, name, message: `${file}: ${message}` });
  if (statSync(file).size > mostBytes) return bad('larger than 10 MiB, which no compose file is.');
  const bytes = readFileSync(file);
  if (bytes.includes(0)) return bad('a binary file, not YAML.');
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const yaml = readYaml(text);
  if ('kind' in yaml) return bad(`not YAML: ${yaml.message}`);
  const value = yaml.value;
  if (!isObject(value)) return bad('not a compose file: the top level is no mapping.');
  if (isObject(value['services'])) {
    const env = path.join(path.dirname(file), '.env');
    return { kind: 'compose', file, name, text, ...(existsSync(env) ? { dotEnv: readFileSync(env, 'utf8') } : {}) };
  }
  const kind = value['kind'];
  if ((kind === 'application' || kind === 'service' || kind === 'database') && value['resource'] !== undefined) {
    return { kind: 'bundle', file, name, bundle: { kind, resource: value['resource'], envs: value['envs'] ?? [], storages: value['storages'] ?? {}, scheduledTasks: value['scheduledTasks'] ?? [], backups: value['backups'] ?? [] } };
  }
  return bad('not a compose file: there is neither a "services" mapping nor a bundle {kind, resource, …}.');
}
