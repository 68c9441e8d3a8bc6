import { describe, expect, it } from 'vitest';
import { roleFor, rulesFor } from '../../../src/cluster';
import { pluralOf } from '../../../src/cluster/rules';
import type { Manifest } from '../../../src/model/manifest';

const object = (apiVersion: string, kind: string, namespace?: string): Manifest => ({ apiVersion, kind, metadata: { name: 'x', ...(namespace !== undefined && { namespace }) } });

describe('permissions', () => {
  it('names resources as the API does', () => {
    expect(['Service', 'Ingress', 'NetworkPolicy', 'StorageClass', 'HTTPRoute', 'Gateway', 'Endpoints', 'EndpointSlice', 'CronJob', 'Middleware', 'Certificate'].map(pluralOf))
      .toEqual(['services', 'ingresses', 'networkpolicies', 'storageclasses', 'httproutes', 'gateways', 'endpoints', 'endpointslices', 'cronjobs', 'middlewares', 'certificates']);
  });

  it('are the verbs of an apply and of what the status view reads, each once', () => {
    const rules = rulesFor([object('apps/v1', 'Deployment', 'shop'), object('apps/v1', 'Deployment', 'shop'), object('v1', 'Namespace')]);
    expect(rules.filter(({ resource }) => resource === 'deployments').map(({ verb, group, namespace }) => [verb, group, namespace])).toEqual(['get', 'list', 'watch', 'create', 'patch'].map((verb) => [verb, 'apps', 'shop']));
    expect(rules.filter(({ resource }) => resource === 'namespaces').every((rule) => !('namespace' in rule))).toBe(true);
    expect(rules).toContainEqual({ verb: 'get', group: '', resource: 'pods/log', namespace: 'shop' });
    expect(rules).toContainEqual({ verb: 'create', group: '', resource: 'pods/portforward', namespace: 'shop' });
    expect(new Set(rules.map((rule) => JSON.stringify(rule))).size).toBe(rules.length);
  });

  it('become roles: one for each namespace, resources with equal verbs together, cluster-scoped ones apart', () => {
    const roles = roleFor(rulesFor([object('apps/v1', 'Deployment', 'shop'), object('apps/v1', 'StatefulSet', 'shop'), object('v1', 'Secret', 'edge'), object('v1', 'Namespace')]), 'shop', 'deployer');
    expect(roles.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual([['Role', 'deployer', 'shop'], ['Role', 'deployer', 'edge'], ['ClusterRole', 'deployer', undefined]]);
    expect(roles[0]?.['rules']).toContainEqual({ apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['create', 'get', 'list', 'patch', 'watch'] });
    expect(roles[2]?.['rules']).toEqual([{ apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'get', 'list', 'patch', 'watch'] }]);
    expect(roleFor([], 'shop')).toEqual([]);
  });
});
