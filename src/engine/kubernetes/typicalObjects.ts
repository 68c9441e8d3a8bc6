import type { KubernetesDestination } from '../../model/destination';
import type { Manifest } from '../../model/manifest';

/** One object of every kind that a rendering for this destination can hold: what permissions are asked for before anything is deployed. */
export function typicalObjects(destination: KubernetesDestination, namespace: string): Manifest[] {
  const object = (apiVersion: string, kind: string): Manifest => ({ apiVersion, kind, metadata: { name: 'x', namespace } });
  return [
    ...(destination.namespace === undefined ? [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }] : []),
    ...['Secret', 'ConfigMap', 'PersistentVolumeClaim', 'Service'].map((kind) => object('v1', kind)),
    ...['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => object('apps/v1', kind)), ...['Job', 'CronJob'].map((kind) => object('batch/v1', kind)),
    ...routing(destination).map(([apiVersion, kind]) => object(apiVersion, kind)),
  ];
}

function routing({ ingress }: KubernetesDestination): [string, string][] {
  switch (ingress.kind) {
    case 'none': return [];
    case 'ingress': return [['networking.k8s.io/v1', 'Ingress']];
    case 'traefik': return [['networking.k8s.io/v1', 'Ingress'], ['traefik.io/v1alpha1', 'Middleware']];
    case 'gateway': return [['gateway.networking.k8s.io/v1', 'HTTPRoute']];
  }
}
