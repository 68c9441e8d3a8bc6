import { createHash } from 'node:crypto';
import type { Manifest } from '../../model/manifest';

/** Hexadecimal SHA-256, shortened. Used for names and checksums, never for secrecy. */
export function shortHash(text: string, length = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/**
 * The one naming function: any name as a DNS-1035 label (RFC 1035: begins with a letter), at most `most` long. A name that is
 * already legal stays as it is; one that had to be cut carries a hash of the whole.
 */
export function objectName(name: string, most = 52): string {
  const label = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  const legal = /^[a-z]/.test(label) ? label : `s-${label === '' ? shortHash(name) : label}`;
  return legal.length <= most ? legal : `${legal.slice(0, most - 7).replace(/-+$/, '')}-${shortHash(name, 6)}`;
}

/** Names for several keys at once: two that would become the same are told apart by a hash. `suffix` ends every name. */
export function objectNames(keys: readonly string[], most = 52, suffix = ''): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  // Keys that are legal as they are keep their name, whatever the order.
  const legalFirst = [...new Set(keys)].sort((a, b) => Number(objectName(b, most) === b) - Number(objectName(a, most) === a));
  for (const key of legalFirst) {
    const plain = objectName(key, most);
    const name = taken.has(plain) ? `${plain.slice(0, most - 7).replace(/-+$/, '')}-${shortHash(key, 6)}` : plain;
    taken.add(name);
    names.set(key, `${name}${suffix}`);
  }
  return names;
}

/** The namespace of a resource: its name for people, its uuid for good. */
export function namespaceName(name: string, uuid: string): string {
  const id = objectName(uuid, 30).replace(/^s-(?=\d)/, '');
  const slug = name.toLowerCase().replace(uuid.toLowerCase(), '').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 63 - id.length - 1).replace(/-+$/, '');
  return slug === '' || slug === id ? (/^\d/.test(id) ? `c-${id}` : id) : `${slug}-${id}`;
}

export const fieldManager = 'coolify-kubernetes';
export const ownerLabel = 'app.kubernetes.io/managed-by';
export const resourceLabel = 'coolify-kubernetes/resource';
export const containerLabel = 'coolify-kubernetes/container';

/** A label value (63, alphanumeric at both ends). */
export function labelValue(text: string): string {
  const value = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return value.length <= 63 ? value : `${value.slice(0, 54).replace(/[^A-Za-z0-9]+$/, '')}-${shortHash(text)}`;
}

/** The namespace of a resource that has one of its own. */
export function namespaceObject(name: string, labels: Record<string, string>): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** The same object with annotations, if there are any. */
export function annotated(manifest: Manifest, annotations: Record<string, string>): Manifest {
  return Object.keys(annotations).length === 0 ? manifest : { ...manifest, metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, ...annotations } } };
}
