import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import type { Route } from '../model/stack';
import type { FindingList } from './findings';
import type { KnownFile } from './composeVolumes';
import { unquoted } from './coolifyEnvironment';

/** Readers for one field of an API object. An absent key is not an empty value: it may be hidden from the token. */
export function textField(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

export function numberField(object: JsonObject, key: string): number | undefined {
  const value = Number(object[key] ?? NaN);
  return Number.isFinite(value) ? value : undefined;
}

export function flagField(object: JsonObject, key: string): boolean {
  return object[key] === true || object[key] === 1 || object[key] === '1' || object[key] === 'true';
}

/** A list that PHP may send as an object with numeric keys. */
export function listField(value: Json | undefined): JsonObject[] {
  const items = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return items.filter(isObject);
}

/** What a caller hands over: foreign data, taken as JSON. */
export function asJson(value: unknown): Json {
  return isJson(value) ? value : null;
}

function isJson(value: unknown): value is Json {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'object';
}

export interface DomainOptions { field: string; forceHttps: boolean; stripPrefix: boolean; gzip: boolean; redirect: string | undefined; noindex: readonly string[]; defaultPort?: number; basicAuth?: { username: string; password: string } }

/** Coolify's comma list of URLs: host, path and the container port (`:3000` is never a public port). */
export function readDomains(list: string | undefined, options: DomainOptions, findings: FindingList): Route[] {
  const routes: Route[] = [];
  for (const [index, entry] of (list ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '').entries()) {
    const match = /^(https?):\/\/([^/:]+)(?::(\d+))?(\/[^?#]*)?$/i.exec(entry);
    if (match === null) {
      findings.add('domain', 'refused', [options.field], `"${entry}" is no domain that could be routed.`, { fix: 'Write it as https://host[:port][/path].' });
      continue;
    }
    const port = match[3] === undefined ? options.defaultPort : Number(match[3]);
    const [scheme, host, path] = [match[1]?.toLowerCase(), (match[2] ?? '').toLowerCase(), match[4] ?? '/'];
    if (routes.some((route) => route.scheme === scheme && route.host === host && route.path === path)) {
      findings.add('domain', 'approximated', [options.field, String(index)], `${host}${path} is listed twice; the first one counts. In Coolify the proxy takes either.`, { fix: 'Remove one of the two.' });
      continue;
    }
    routes.push({
      scheme: scheme === 'https' ? 'https' : 'http', host, path,
      ...(port === undefined ? {} : { port }), forceHttps: options.forceHttps, stripPrefix: options.stripPrefix, gzip: options.gzip,
      redirect: options.redirect === 'www' || options.redirect === 'non-www' ? options.redirect : 'both',
      noindex: options.noindex.some((domain) => normalized(domain) === normalized(entry)), ...(options.basicAuth === undefined ? {} : { basicAuth: options.basicAuth }), origin: findings.origin([options.field, String(index)]),
    });
  }
  return routes;
}

/** Coolify compares domains so (`HasNoindexDomains`): scheme and host in any case. */
function normalized(domain: string): string {
  return domain.trim().replace(/^[^/]*\/\/[^/]*/, (start) => start.toLowerCase()).replace(/\/$/, '');
}

/** A setting that is on unless it is said to be off: an older Coolify, or a list, may not have it. */
export function onUnlessOff(settings: JsonObject, key: string): boolean {
  return settings[key] === undefined || settings[key] === null || flagField(settings, key);
}

export interface EnvRow { key: string; value: string; runtime: boolean; buildtime: boolean; literal: boolean; multiline: boolean; order: number; /** Locked in Coolify, or made of shared variables, which may be: never outside a Secret. */ secret: boolean }

/**
 * Rows of `…/envs`, the production ones unless asked otherwise. A locked row has no value even for a root token; its preview twin
 * often still has it (Coolify does not copy the lock), else it has to be asked for.
 */
export function readEnvRows(envs: Json, findings: FindingList, preview = false): EnvRow[] {
  const rows = listField(envs);
  const twins = new Map(rows.filter((row) => flagField(row, 'is_preview') !== preview && typeof row['value'] === 'string').map((row) => [textField(row, 'key') ?? '', row]));
  return rows.filter((row) => flagField(row, 'is_preview') === preview).map((row, index) => {
    const key = textField(row, 'key') ?? '';
    const value = rowValue(row) ?? rowValue(twins.get(key) ?? {});
    if (value === undefined) findings.add('lockedValue', 'refused', ['envs', key], `The value of ${key} is locked or hidden from the token, so it cannot be read.`, { fix: 'Type it in once more, or use a token with read:sensitive.' });
    const control = /^(NIXPACKS|RAILPACK)_/.test(key);
    return {
      key, value: value ?? '', runtime: row['is_runtime'] !== false && !control, buildtime: row['is_buildtime'] === undefined || flagField(row, 'is_buildtime'),
      literal: flagField(row, 'is_literal') || flagField(row, 'is_multiline'), multiline: flagField(row, 'is_multiline'), secret: isSecret(row, value ?? ''), order: numberField(row, 'order') ?? index,
    };
  });
}

/** Locked in Coolify, or made of shared variables, which may be locked there; plain words, numbers and addresses are none. */
function isSecret(row: JsonObject, value: string): boolean {
  if (value === '') return false;
  const shared = flagField(row, 'is_shared') || /\{\{.+\}\}/.test(textField(row, 'value') ?? '');
  return flagField(row, 'is_shown_once') || (shared && !/^([A-Za-z][a-z_-]{0,15}|https?:\/\/\S+|[\d.]+)$/.test(value));
}

/** The value of a row, shared variables resolved; an empty one is null beside a `real_value` of "". Undefined when it is hidden. */
function rowValue(row: JsonObject): string | undefined {
  const literal = flagField(row, 'is_literal') || flagField(row, 'is_multiline');
  const { value, real_value: real } = row;
  if (typeof real === 'string' && (typeof value !== 'string' || /\{\{.+\}\}/.test(value))) return unquoted(real, literal);
  return typeof value === 'string' ? value : value === null ? '' : undefined;
}

/** `file_storages` by resource and mount path. */
export function readFileStorages(storages: Json, resourceUuid: (name: string) => string | undefined): (service: string, source: string, target: string) => KnownFile | undefined {
  const files = isObject(storages) ? listField(storages['file_storages']) : [];
  return (service, _source, target) => {
    const uuid = resourceUuid(service);
    const row = files.find((file) => textField(file, 'mount_path')?.replace(/:(ro|rw|z|Z|,)+$/, '') === target && (uuid === undefined || file['resource_uuid'] === undefined || file['resource_uuid'] === uuid));
    return row === undefined ? undefined : fileStorage(row);
  };
}

/** One file storage. Content that Coolify did not store, or hides, is undefined. */
export function fileStorage(row: JsonObject): KnownFile {
  const content = row['content'];
  const stored = typeof content === 'string' && !flagField(row, 'is_binary') && !flagField(row, 'is_too_large') && content !== '[binary file]' && content !== '[file too large to display]';
  const mode = /^[0-7]{3,4}$/.exec(textField(row, 'chmod') ?? '')?.[0];
  return { directory: flagField(row, 'is_directory'), ...(stored ? { content } : {}), ...(mode === undefined ? {} : { mode: parseInt(mode, 8) }) };
}
