import type { Manifest } from '../model/manifest';
import type { AccessRule } from './types';

const clusterScoped = new Set(['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'PersistentVolume', 'StorageClass', 'IngressClass', 'GatewayClass', 'ClusterIssuer', 'PriorityClass', 'CustomResourceDefinition', 'Node']);
const objectVerbs = ['get', 'list', 'watch', 'create', 'patch'];

/** What the status view needs beside the objects themselves. WebSockets ask for `get` on a pod's port up to Kubernetes 1.34, for `create` after. */
const viewing: [resource: string, verbs: string[]][] = [['pods', ['get', 'list', 'watch']], ['pods/log', ['get']], ['pods/portforward', ['get', 'create']], ['events', ['list', 'watch']]];

/** The permissions needed to apply these objects, watch them, read logs and forward ports. Objects without a namespace count for `namespace`. */
export function rulesFor(manifests: readonly Manifest[], namespace = 'default'): AccessRule[] {
  const rules = new Map<string, AccessRule>();
  const add = (rule: AccessRule): void => { rules.set(JSON.stringify([rule.namespace ?? null, rule.group, rule.resource, rule.verb]), rule); };
  const namespaces = new Set<string>();
  for (const manifest of manifests) {
    const group = manifest.apiVersion.includes('/') ? manifest.apiVersion.split('/')[0] ?? '' : '';
    const place = clusterScoped.has(manifest.kind) ? undefined : manifest.metadata.namespace ?? namespace;
    if (place !== undefined) namespaces.add(place);
    for (const verb of objectVerbs) add({ verb, group, resource: pluralOf(manifest.kind), ...(place !== undefined && { namespace: place }) });
  }
  for (const place of namespaces) for (const [resource, verbs] of viewing) for (const verb of verbs) add({ verb, group: '', resource, namespace: place });
  return [...rules.values()];
}

/** The resource of a kind by the rule that every built-in kind and almost every definition follows (apimachinery, UnsafeGuessKindToResource). */
export function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name === 'endpoints') return name;
  if (name.endsWith('s') || name.endsWith('x') || name.endsWith('ch') || name.endsWith('sh')) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

/**
 * Roles that grant the rules: a Role for each namespace, and a ClusterRole for what is cluster-scoped. Resources with the same verbs stand together.
 * The rules' own namespaces count; `namespace` is where the first Role belongs when there is nothing namespaced.
 */
export function roleFor(rules: readonly AccessRule[], namespace: string, name = 'coolify-kubernetes'): Manifest[] {
  const places = [...new Set(rules.flatMap((rule) => (rule.namespace === undefined ? [] : [rule.namespace])))].sort((a, b) => Number(b === namespace) - Number(a === namespace) || a.localeCompare(b));
  const roles = places.map((place): Manifest => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace: place }, rules: grouped(rules.filter((rule) => rule.namespace === place)) }));
  const wide = rules.filter((rule) => rule.namespace === undefined);
  return wide.length === 0 ? roles : [...roles, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules: grouped(wide) }];
}

function grouped(rules: readonly AccessRule[]): { apiGroups: string[]; resources: string[]; verbs: string[] }[] {
  const verbsOf = new Map<string, { group: string; resource: string; verbs: Set<string> }>();
  for (const { group, resource, verb } of rules) {
    const key = JSON.stringify([group, resource]);
    const entry = verbsOf.get(key) ?? { group, resource, verbs: new Set() };
    entry.verbs.add(verb);
    verbsOf.set(key, entry);
  }
  const together = new Map<string, { apiGroups: string[]; resources: string[]; verbs: string[] }>();
  for (const { group, resource, verbs } of verbsOf.values()) {
    const sorted = [...verbs].sort();
    const key = JSON.stringify([group, sorted]);
    const entry = together.get(key) ?? { apiGroups: [group], resources: [], verbs: sorted };
    entry.resources.push(resource);
    together.set(key, entry);
  }
  return [...together.values()].map((rule) => ({ ...rule, resources: rule.resources.sort() })).sort((a, b) => (a.apiGroups[0] ?? '').localeCompare(b.apiGroups[0] ?? ''));
}
