import { text } from '../../coolify/parse';
import type { KubernetesDestination } from '../../model/destination';
import { destinationFaults, readDestination } from '../../model/destinationReader';
import type { Instance } from '../../model/instance';
import { isObject, type JsonObject } from '../../text/json';

/** What a typed address amounts to: the address to use, or why it cannot be one. */
export type Address = { kind: 'ok'; url: string; origin: string; host: string; plain: boolean } | { kind: 'bad'; reason: 'empty' | 'notUrl' | 'notHttp' | 'credentials' };

/** Takes what people paste: without a scheme, with a page's path or the API's. */
export function parseAddress(typed: string): Address {
  const trimmed = typed.trim();
  if (trimmed === '') return { kind: 'bad', reason: 'empty' };
  // A scheme with a slash too few; a host with a port has a digit there.
  if (/^[a-z][a-z\d+.-]*:(?!\d|\/\/)/i.test(trimmed)) return { kind: 'bad', reason: 'notUrl' };
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (!URL.canParse(full)) return { kind: 'bad', reason: 'notUrl' };
  const url = new URL(full);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { kind: 'bad', reason: 'notHttp' };
  if (url.username !== '' || url.password !== '') return { kind: 'bad', reason: 'credentials' };
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  return { kind: 'ok', url: url.origin, origin: url.origin, host: url.host, plain: url.protocol === 'http:' && !local };
}

/** Something wrong with an entry of a setting: which, and one sentence. `leftOut`: the entry is not used. */
export interface SettingFault { entry: string; message: string; leftOut: boolean }

/** What the entries of a setting that can be used amount to, and what is wrong with the others. Nobody finds a wish that is dropped in silence. */
export interface Parsed<T> { entries: T[]; faults: SettingFault[] }

/** Instances of the setting; broken and repeated entries are left out. */
export function parseInstances(value: unknown): Parsed<Instance> {
  const found = new Map<string, Instance>();
  const faults: SettingFault[] = [];
  for (const { entry, at, problem } of entriesOf(value, 'instances')) {
    const address = parseAddress(text(entry, 'url') ?? '');
    const message = problem ?? (address.kind === 'bad' ? badAddress[address.reason] : found.has(address.origin) ? `${address.origin} is there twice` : unknownMember(entry));
    if (message !== undefined) faults.push({ entry: at, message, leftOut: problem !== undefined || address.kind === 'bad' || found.has(address.origin) });
    if (address.kind === 'bad' || found.has(address.origin)) continue;
    found.set(address.origin, { id: address.origin, name: text(entry, 'name') ?? address.host, url: address.url, origin: address.origin });
  }
  return { entries: [...found.values()], faults };
}

const badAddress = { empty: 'url is missing', notUrl: 'url is no address', notHttp: 'url must begin with https:// or http://', credentials: 'url must not hold a user or a password' };

function unknownMember(entry: JsonObject): string | undefined {
  const unknown = Object.keys(entry).find((key) => key !== 'name' && key !== 'url');
  return unknown === undefined ? undefined : `there is no key "${unknown}"`;
}

/** Kubernetes destinations of the setting; what is absent has its default. An entry with a fault is left out; a key that nobody reads is told only. */
export function parseDestinations(value: unknown): Parsed<KubernetesDestination> {
  const found = new Map<string, KubernetesDestination>();
  const faults: SettingFault[] = [];
  for (const { entry, at, problem } of entriesOf(value, 'destinations')) {
    const id = text(entry, 'id');
    const own = destinationFaults(entry);
    const broken = problem ?? (id === undefined ? 'id is missing' : found.has(id) ? `the id "${id}" is there twice` : own.find(({ unknownKey }) => unknownKey !== true)?.message);
    for (const message of broken === undefined ? own.map((fault) => fault.message) : [broken]) faults.push({ entry: at, message, leftOut: broken !== undefined });
    if (broken === undefined && id !== undefined) found.set(id, readDestination(entry));
  }
  return { entries: [...found.values()], faults };
}

/** Each entry with the place a person finds it at, such as `destinations[1] "Production"`. */
function entriesOf(value: unknown, setting: string): { entry: JsonObject; at: string; problem?: string }[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [{ entry: {}, at: setting, problem: 'the setting must be a list' }];
  return value.map((entry: unknown, index) => {
    const at = `${setting}[${String(index)}]`;
    if (!isObject(entry)) return { entry: {}, at, problem: 'the entry must be a mapping' };
    const name = text(entry, 'name') ?? text(entry, 'id');
    return { entry, at: name === undefined ? at : `${at} "${name}"` };
  });
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
