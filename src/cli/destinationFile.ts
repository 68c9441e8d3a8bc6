import { existsSync, readFileSync } from 'node:fs';
import { isObject } from '../text/json';
import type { JsonObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { defaultDestination } from '../model/destination';
import type { KubernetesDestination } from '../model/destination';

const ingressKinds = ['ingress', 'traefik', 'gateway', 'none'] as const;
const tlsKinds = ['cert-manager', 'secret', 'none'] as const;

/** Reads a destination from JSON or YAML (schemas/destination.schema.json); what is absent has the default. A string says what is wrong. */
export function readDestinationFile(file: string | undefined): KubernetesDestination | string {
  if (file === undefined) return defaultDestination;
  if (!existsSync(file)) return `${file}: there is no such destination file.`;
  const yaml = readYaml(readFileSync(file, 'utf8'));
  if ('kind' in yaml) return `${file}: not YAML: ${yaml.message}`;
  if (!isObject(yaml.value)) return `${file}: a destination is a mapping.`;
  return readDestination(yaml.value, file);
}

function readDestination(value: JsonObject, file: string): KubernetesDestination | string {
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
  if (namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) return `${file}: namespace "${namespace}" is no legal name.`;
  const host = text(registry, 'host');
  return {
    kind: 'kubernetes', id: text(value, 'id') ?? 'file', name: text(value, 'name') ?? 'Destination', applyWith: 'preview',
    ...(namespace === undefined ? {} : { namespace }),
    ingress: { kind: ingressKind, ...optional(ingress, 'className') },
    tls: { kind: tlsKind, ...optional(tls, 'issuer'), ...optional(tls, 'secretName') },
    storage: { sizeGi, ...optional(storage, 'className'), ...optional(storage, 'sharedClassName') },
    ...(host === undefined ? {} : { registry: { host, ...optional(registry, 'pullSecret') } }),
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
