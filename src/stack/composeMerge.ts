import { isObject, scalarText } from '../text/json';
import type { Json, JsonObject } from '../text/json';

/** Keys that may be a mapping or a list of `KEY=value`: both are joined as lists, in which the last of a name wins (compose-go, package override). */
const sequences = new Set(['annotations', 'args', 'labels', 'environment', 'sysctls', 'extra_hosts', 'dns', 'dns_opt', 'dns_search', 'env_file', 'label_file', 'tmpfs', 'additional_contexts']);
const replaced = new Set(['command', 'entrypoint', 'test']);
const mappings: Record<string, JsonObject | null> = { depends_on: { condition: 'service_started', required: true }, networks: null, models: null };

/** One service over another as `extends` joins them: the own value wins, lists come one after the other. */
export function mergeService(base: JsonObject, own: JsonObject): JsonObject {
  const result: JsonObject = { ...base };
  for (const [key, value] of Object.entries(own)) result[key] = key in base ? merged(key, base[key] ?? null, value) : value;
  return result;
}

function merged(key: string, base: Json, own: Json): Json {
  if (replaced.has(key)) return own;
  if (sequences.has(key)) return [...sequence(base), ...sequence(own)];
  const entry = mappings[key];
  if (entry !== undefined && (isObject(own) || Array.isArray(own)) && (isObject(base) || Array.isArray(base))) return mergeService(mapping(base, entry), mapping(own, entry));
  if (key === 'build') return mergeService(buildOf(base), buildOf(own));
  if (key === 'logging' && isObject(base) && isObject(own) && base['driver'] !== undefined && own['driver'] !== undefined && base['driver'] !== own['driver']) return own;
  if (own === null) return base;
  if (isObject(base) && isObject(own)) return mergeService(base, own);
  return Array.isArray(base) && Array.isArray(own) ? [...base, ...own] : own;
}

function sequence(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return value === null ? [] : [value];
  return Object.entries(value).flatMap(([key, item]): Json[] => (item === null ? [key] : Array.isArray(item) ? item.map((one) => `${key}=${scalarText(one)}`) : [`${key}=${isObject(item) ? JSON.stringify(item) : String(item)}`]));
}

function mapping(value: Json, entry: JsonObject | null): JsonObject {
  return isObject(value) ? value : Object.fromEntries(sequence(value).map((name) => [scalarText(name), entry]));
}

function buildOf(value: Json): JsonObject {
  return isObject(value) ? value : { context: value };
}
