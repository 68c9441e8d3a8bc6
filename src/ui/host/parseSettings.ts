import { flag, number, object, text } from '../../coolify/parse';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance } from '../../model/instance';
import { isObject, type JsonObject } from '../../text/json';

/** What a typed address amounts to: the address to use, or why it cannot be one. */
export type Address = { kind: 'ok'; url: string; origin: string; host: string; plain: boolean } | { kind: 'bad'; reason: 'empty' | 'notUrl' | 'notHttp' | 'credentials' };

/** Takes what people paste: without a scheme, with a page's path or the API's. */
export function parseAddress(typed: string): Address {
  const trimmed = typed.trim();
  if (trimmed === '') return { kind: 'bad', reason: 'empty' };
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (!URL.canParse(full)) return { kind: 'bad', reason: 'notUrl' };
  const url = new URL(full);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { kind: 'bad', reason: 'notHttp' };
  if (url.username !== '' || url.password !== '') return { kind: 'bad', reason: 'credentials' };
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  return { kind: 'ok', url: url.origin, origin: url.origin, host: url.host, plain: url.protocol === 'http:' && !local };
}

/** Instances of the setting; broken and repeated entries are left out. */
export function parseInstances(value: unknown): Instance[] {
  const found = new Map<string, Instance>();
  for (const entry of Array.isArray(value) ? value.filter(isObject) : []) {
    const address = parseAddress(text(entry, 'url') ?? '');
    if (address.kind === 'bad' || found.has(address.origin)) continue;
    found.set(address.origin, { id: address.origin, name: text(entry, 'name') ?? address.host, url: address.url, origin: address.origin });
  }
  return [...found.values()];
}

/** Kubernetes destinations of the setting; what is absent has its default. */
export function parseDestinations(value: unknown): KubernetesDestination[] {
  return (Array.isArray(value) ? value.filter(isObject) : []).map(parseDestination).filter((d) => d !== undefined);
}

/**
 * The user's destinations with the policies of a workspace over them. A workspace cannot say whom to connect to, or how: a destination
 * that the user does not have is for previews only.
 */
export function mergeDestinations(user: readonly KubernetesDestination[], workspace: readonly KubernetesDestination[]): KubernetesDestination[] {
  const merged = new Map(user.map((destination) => [destination.id, destination]));
  for (const { ssh: _ssh, kubeconfigPath: _path, sudo: _sudo, applyWith: _applyWith, ...policy } of workspace) {
    const own = merged.get(policy.id);
    const { ssh, kubeconfigPath, sudo, instance, server } = own ?? {};
    merged.set(policy.id, {
      ...policy, applyWith: own?.applyWith ?? 'preview', ...(ssh && { ssh }), ...(kubeconfigPath !== undefined && { kubeconfigPath }), ...(sudo === true && { sudo }),
      ...(own && instance !== undefined && { instance }), ...(own && server !== undefined && { server }),
    });
  }
  return [...merged.values()];
}

function parseDestination(from: JsonObject): KubernetesDestination | undefined {
  const id = text(from, 'id');
  if (id === undefined) return undefined;
  return {
    kind: 'kubernetes', id, name: text(from, 'name') ?? id,
    applyWith: oneOf(text(from, 'applyWith'), ['server', 'kubeconfig', 'preview'], 'preview'),
    ...texts(from, ['instance', 'server', 'kubeconfigPath', 'namespace']),
    ...(flag(from, 'sudo') && { sudo: true }),
    ...ssh(object(from, 'ssh')),
    ingress: { kind: oneOf(text(object(from, 'ingress'), 'kind'), ['ingress', 'traefik', 'gateway', 'none'], 'ingress'), ...texts(object(from, 'ingress'), ['className']) },
    tls: { kind: oneOf(text(object(from, 'tls'), 'kind'), ['cert-manager', 'secret', 'none'], 'none'), ...texts(object(from, 'tls'), ['issuer', 'secretName']) },
    storage: { sizeGi: number(object(from, 'storage'), 'sizeGi') ?? 10, ...texts(object(from, 'storage'), ['className', 'sharedClassName']) },
    ...registry(object(from, 'registry')),
  };
}

function ssh(from: JsonObject): Pick<KubernetesDestination, 'ssh'> {
  const host = text(from, 'host');
  if (host === undefined) return {};
  return { ssh: { host, port: number(from, 'port') ?? 22, user: text(from, 'user') ?? 'root', ...texts(from, ['identityFile']), ...(flag(from, 'coolifyKey') && { coolifyKey: true }) } };
}

function registry(from: JsonObject): Pick<KubernetesDestination, 'registry'> {
  const host = text(from, 'host');
  return host === undefined ? {} : { registry: { host, ...texts(from, ['pullSecret']) } };
}

function oneOf<T extends string>(value: string | undefined, allowed: readonly T[], otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}

function texts<K extends string>(from: JsonObject, keys: readonly K[]): { [P in K]?: string } {
  const result: { [P in K]?: string } = {};
  for (const key of keys) {
    const value = text(from, key);
    if (value !== undefined) result[key] = value;
  }
  return result;
}
