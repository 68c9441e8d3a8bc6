import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';

/** The folder part of a path, with `/` at its end; empty for a name alone. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** A path that a file in `folder` names, as seen from the main file. */
export function pathFrom(folder: string, path: string): string {
  if (folder === '' || /^(\/|~|[a-z]+:\/\/)/.test(path)) return path;
  const parts: string[] = [];
  for (const part of `${folder}${path}`.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return folder.startsWith('/') ? `/${parts.join('/')}` : `./${parts.join('/')}`;
}

/** A service of a file in another folder: what it names relative to its own file is written relative to the main one. */
export function rebaseService(service: JsonObject, folder: string): JsonObject {
  if (folder === '') return service;
  const at = (value: Json): Json => (typeof value === 'string' ? pathFrom(folder, value) : isObject(value) && typeof value['path'] === 'string' ? { ...value, path: pathFrom(folder, value['path']) } : value);
  const each = (value: Json): Json => (Array.isArray(value) ? value.map(at) : at(value));
  const result: JsonObject = { ...service };
  for (const key of ['env_file', 'label_file'] as const) if (result[key] !== undefined) result[key] = each(result[key]);
  if (Array.isArray(result['volumes'])) result['volumes'] = result['volumes'].map((volume) => rebaseVolume(volume, folder));
  return result;
}

function rebaseVolume(volume: Json, folder: string): Json {
  if (typeof volume === 'string') return /^\.{1,2}\//.test(volume) ? `${pathFrom(folder, volume.split(':')[0] ?? '')}${volume.slice((volume.split(':')[0] ?? '').length)}` : volume;
  const source = isObject(volume) ? volume['source'] : undefined;
  return isObject(volume) && typeof source === 'string' && /^\.{1,2}(\/|$)/.test(source) ? { ...volume, source: pathFrom(folder, source) } : volume;
}
