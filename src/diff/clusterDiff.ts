import type { Manifest } from '../model/manifest';
import { isObject, type Json, plainJson } from '../text/json';
import { writeYaml } from '../text/yaml';
import type { Placeholders } from './mask';

/** One object: as it lives in the cluster, and as a server-side apply would leave it. */
export interface ObjectPair {
  manifest: Manifest;
  live?: Manifest;
  /** What the API server's dry run answered; absent: it could not be asked or it refused. */
  wouldBe?: Manifest;
  /** Said above the right side, line by line. */
  remark?: string;
}

export interface DiffFile { name: string; left: string; right: string; change: 'create' | 'change' | 'remove' | 'none' }

/** What the API server writes itself and no person decides. */
const serverOwned = ['creationTimestamp', 'generation', 'managedFields', 'resourceVersion', 'selfLink', 'uid'];

/** Both sides as YAML, secrets as placeholders that are equal on both sides where the values are. */
export function clusterDiff(pairs: readonly ObjectPair[], placeholders: Placeholders, secrets: readonly string[]): DiffFile[] {
  return pairs.map(({ manifest, live, wouldBe, remark }) => {
    const text = (object: Manifest | undefined): string => (object === undefined ? '' : placeholders.text(writeYaml(shown(object, placeholders)), secrets));
    const left = text(live);
    const right = text(wouldBe ?? manifest);
    const comment = remark === undefined ? '' : remark.split('\n').map((line) => `# ${placeholders.text(line, secrets)}\n`).join('');
    return { name: `${manifest.kind.toLowerCase()}-${manifest.metadata.name}.yaml`, left, right: `${comment}${right}`, change: live === undefined ? 'create' : left === right ? 'none' : 'change' };
  });
}

/** Objects of an earlier deployment beside those of a later one; what is only in the earlier one has an empty right side. */
export function revisionDiff(before: readonly Manifest[], after: readonly Manifest[], placeholders: Placeholders, secrets: readonly string[]): DiffFile[] {
  const key = ({ apiVersion, kind, metadata }: Manifest): string => [apiVersion, kind, metadata.namespace, metadata.name].join(' ');
  const old = new Map(before.map((manifest) => [key(manifest), manifest]));
  const pairs = after.map((manifest): ObjectPair => {
    const live = old.get(key(manifest));
    old.delete(key(manifest));
    return { manifest, wouldBe: manifest, ...(live && { live }) };
  });
  const removed = clusterDiff([...old.values()].map((manifest) => ({ manifest, live: manifest, wouldBe: manifest })), placeholders, secrets);
  return [...clusterDiff(pairs, placeholders, secrets), ...removed.map((file): DiffFile => ({ ...file, right: '', change: 'remove' }))];
}

/** An object without what the server owns; a Secret's values are replaced. */
export function shown(object: Manifest, placeholders: Placeholders): Json {
  const { status: _status, ...rest } = object;
  const plain = plainJson(rest);
  if (!isObject(plain)) return plain;
  const metadata = isObject(plain['metadata']) ? Object.fromEntries(Object.entries(plain['metadata']).filter(([key]) => !serverOwned.includes(key))) : {};
  // The order in which people write an object, whatever the server's is.
  const tidy = { apiVersion: plain['apiVersion'] ?? '', kind: plain['kind'] ?? '', metadata, ...Object.fromEntries(Object.entries(plain).filter(([key]) => !['apiVersion', 'kind', 'metadata'].includes(key))) };
  return object.kind === 'Secret' && plain['data'] !== undefined ? { ...tidy, data: placeholders.secret(plain['data']) } : tidy;
}
