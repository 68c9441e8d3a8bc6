import { isObject } from '../text/json';
import type { JsonObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { defaultDestination } from '../model/destination';
import type { KubernetesDestination } from '../model/destination';
import { readGateway, readScale } from './destinationParts';
import { readText } from './textFile';

const ingressKinds = ['ingress', 'traefik', 'gateway', 'none'] as const;
const tlsKinds = ['cert-manager', 'secret', 'none'] as const;

/** Reads a destination from JSON or YAML (schemas/destination.schema.json); what is absent has the default. A string says what is wrong. */
export function readDestinationFile(file: string | undefined): KubernetesDestination | string {
  if (file === undefined) return defaultDestination;
  const text = readText(file);
  if (typeof text === 'object') return `${file}: ${text.problem}`;
  const yaml = readYaml(text);
  if ('kind' in yaml) return `${file}: not YAML: ${yaml.message}.`;
  if (!isObject(yaml.value)) return `${file}: a destination is a mapping.`;
  return readDestination(yaml.value, file);
}

/** What a destination may hold: what the translation reads, and what settings add beside it. */
const parts: Record<string, readonly string[]> = {
  ingress: ['kind', 'className', 'gateway'], tls: ['kind', 'issuer', 'secretName'], storage: ['sizeGi', 'className', 'sharedClassName'], registry: ['host', 'pullSecret'], scale: ['autoscale', 'disruptionBudget', 'nodeSelector'],
};
const ofSettings = ['kind', 'instance', 'server', 'ssh', 'applyWith', 'kubeconfigPath', 'sudo'];

const notText = new Set(['sizeGi', 'gateway', 'autoscale', 'disruptionBudget', 'nodeSelector']);

/** A misspelt key would be a wish that nobody hears. */
function unknownKey(value: JsonObject): string | undefined {
  for (const [key, item] of Object.entries(value)) {
    const inner = Object.hasOwn(parts, key) ? parts[key] : undefined;
    if (inner === undefined) {
      if (!['id', 'name', 'namespace', ...ofSettings].includes(key)) return `there is no key "${key}" in a destination`;
    } else if (!isObject(item)) return `${key} is no mapping`;
    else {
      const wrong = Object.entries(item).find(([name, content]) => !inner.includes(name) || (!notText.has(name) && typeof content !== 'string'));
      if (wrong !== undefined) return inner.includes(wrong[0]) ? `${key}.${wrong[0]} is no text` : `there is no key "${key}.${wrong[0]}" in a destination`;
    }
  }
  return undefined;
}

function readDestination(value: JsonObject, file: string): KubernetesDestination | string {
  const wrong = unknownKey(value);
  if (wrong !== undefined) return `${file}: ${wrong}.`;
  const ingress = part(value, 'ingress');
  const tls = part(value, 'tls');
  const storage = part(value, 'storage');
  const registry = part(value, 'registry');
  const ingressKind = ingressKinds.find((kind) => kind === (ingress['kind'] ?? 'ingress'));
  const tlsKind = tlsKinds.find((kind) => kind === (tls['kind'] ?? 'none'));
  const sizeGi = Number(storage['sizeGi'] ?? defaultDestination.storage.sizeGi);
  if (ingressKind === undefined) return `${file}: ingress.kind is one of ${ingressKinds.join(', ')}.`;
  if (tlsKind === undefined) return `${file}: tls.kind is one of ${tlsKinds.join(', ')}.`;
  if (!Number.isInteger(sizeGi) || sizeGi < 1) return `${file}: storage.sizeGi is a whole number of GiB, at least 1.`;
  const namespace = text(value, 'namespace');
  if (value['namespace'] !== undefined && namespace === undefined) return `${file}: namespace is no text.`;
  if (value['registry'] !== undefined && text(registry, 'host') === undefined) return `${file}: registry.host is missing.`;
  if (namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) return `${file}: namespace "${namespace}" is no legal name.`;
  const host = text(registry, 'host');
  const gateway = readGateway(ingress['gateway']);
  if (typeof gateway === 'string') return `${file}: ${gateway}.`;
  const scale = readScale(value['scale']);
  if (typeof scale === 'string') return `${file}: ${scale}.`;
  return {
    kind: 'kubernetes', id: text(value, 'id') ?? 'file', name: text(value, 'name') ?? 'Destination', applyWith: 'preview',
    ...(namespace === undefined ? {} : { namespace }),
    ingress: { kind: ingressKind, ...optional(ingress, 'className'), ...(gateway === undefined ? {} : { gateway }) },
    tls: { kind: tlsKind, ...optional(tls, 'issuer'), ...optional(tls, 'secretName') },
    storage: { sizeGi, ...optional(storage, 'className'), ...optional(storage, 'sharedClassName') },
    ...(host === undefined ? {} : { registry: { host, ...optional(registry, 'pullSecret') } }), ...(scale === undefined ? {} : { scale }),
  };
}

function part(value: JsonObject, key: string): JsonObject {
  const item = value[key];
  return isObject(item) ? item : {};
}

function text(value: JsonObject, key: string): string | undefined {
  const item = value[key];
  return typeof item === 'string' && item !== '' ? item : undefined;
}

function optional<K extends string>(value: JsonObject, key: K): Partial<Record<K, string>> {
  const item = text(value, key);
  const result: Partial<Record<K, string>> = {};
  if (item !== undefined) result[key] = item;
  return result;
}
