import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import type { FindingList } from './findings';

/** Resolves `extends` inside one file: the base's maps are merged, its lists come first, the service's own scalars win (Compose specification, "extends"). */
export function expandExtends(services: JsonObject, findings: FindingList): JsonObject {
  return Object.fromEntries(Object.keys(services).map((name) => [name, expand(name, services, findings, new Set())]));
}

function expand(name: string, services: JsonObject, findings: FindingList, open: Set<string>): Json {
  const service = services[name];
  if (!isObject(service) || service['extends'] === undefined || open.has(name)) return service ?? null;
  const reference = service['extends'];
  const base = typeof reference === 'string' ? reference : isObject(reference) ? String(reference['service'] ?? '') : '';
  if (isObject(reference) && reference['file'] !== undefined) {
    findings.add('extendsFile', 'refused', ['services', name, 'extends'], 'The base lies in another file, which is not read.', { fix: 'Copy the base into this file.' });
    return service;
  }
  open.add(name);
  const from = expand(base, services, findings, open);
  open.delete(name);
  return isObject(from) ? merge(from, service) : service;
}

function merge(base: JsonObject, own: JsonObject): JsonObject {
  const result: JsonObject = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const before = result[key];
    const replaces = key === 'command' || key === 'entrypoint' || key === 'test';
    if (isObject(before) && isObject(value)) result[key] = merge(before, value);
    else if (Array.isArray(before) && Array.isArray(value) && !replaces) result[key] = [...before, ...value];
    else result[key] = value;
  }
  return result;
}
