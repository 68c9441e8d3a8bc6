import type { ClusterProbe, KubeconfigProbe } from '../model/probe';
import { isObject, type JsonObject } from '../text/json';
import { sanitise } from './events';
import { jsonOf, reasonOf, type Sections, succeeded, textAt } from './probeParse';

/** What the API server told through the chosen kubeconfig. A list that the account may not read is named in `unread`. */
export function clusterOf(found: Sections, config: KubeconfigProbe, number: number): ClusterProbe {
  const unread: ClusterProbe['unread'] = [];
  const items = (name: string, what: string): JsonObject[] => {
    if (!found.has(`cluster.${name}`)) return [];
    const list = succeeded(found, `cluster.${name}`) ? jsonOf(found.get(`cluster.${name}`)) : undefined;
    if (isObject(list) && Array.isArray(list['items'])) return list['items'].filter(isObject);
    unread.push({ what, reason: succeeded(found, `cluster.${name}`) ? 'the answer is no list' : reasonOf(found, `cluster.${name}`) });
    return [];
  };
  const version = textAt(jsonOf(found.get('cluster.version')), 'gitVersion');
  return {
    kubeconfigPath: config.path, sudo: config.sudo,
    ...(version !== undefined && { version: sanitise(version) }),
    apiGroups: objects(jsonOf(found.get(`config.${number}.apis`)), 'groups').flatMap((group) => textAt(group, 'name') ?? []),
    ingressClasses: items('ingressclasses', 'ingress classes').map((item) => ({
      name: name(item), controller: textAt(item, 'spec', 'controller') ?? '', isDefault: annotated(item, 'ingressclass.kubernetes.io/is-default-class'),
    })),
    storageClasses: items('storageclasses', 'storage classes').map((item) => ({
      name: name(item), provisioner: textAt(item, 'provisioner') ?? '',
      isDefault: annotated(item, 'storageclass.kubernetes.io/is-default-class') || annotated(item, 'storageclass.beta.kubernetes.io/is-default-class'),
    })),
    clusterIssuers: items('clusterissuers', 'ClusterIssuers').map((item) => ({ name: name(item), ready: isReady(item) })),
    gateways: items('gateways', 'Gateways').map((item) => ({
      namespace: namespace(item), name: name(item), className: textAt(item, 'spec', 'gatewayClassName') ?? '',
      listeners: objects(item['spec'], 'listeners').map((listener) => ({ name: textAt(listener, 'name') ?? '', port: portOf(listener), protocol: textAt(listener, 'protocol') ?? '' })),
    })),
    loadBalancers: items('loadbalancers', 'Services').filter((item) => textAt(item, 'spec', 'type') === 'LoadBalancer').map((item) => ({
      namespace: namespace(item), name: name(item), ports: objects(item['spec'], 'ports').map(portOf),
    })),
    unread,
  };
}

const name = (item: JsonObject): string => textAt(item, 'metadata', 'name') ?? '';
const namespace = (item: JsonObject): string => textAt(item, 'metadata', 'namespace') ?? '';
const annotated = (item: JsonObject, key: string): boolean => textAt(item, 'metadata', 'annotations', key) === 'true';
const isReady = (item: JsonObject): boolean => objects(item['status'], 'conditions').some((one) => one['type'] === 'Ready' && one['status'] === 'True');

function portOf(item: JsonObject): number {
  return typeof item['port'] === 'number' ? item['port'] : 0;
}

function objects(value: unknown, key: string): JsonObject[] {
  const list = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}
