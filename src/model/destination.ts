import type { ClusterProbe } from './probe';

/** Where and how a stack is rendered: the destination kind that Coolify lacks. Parsed from settings under schemas/destination.schema.json. */
export interface KubernetesDestination {
  kind: 'kubernetes';
  id: string;
  name: string;
  /** Instance (origin) and server uuid this destination was added beside; absent for a kubeconfig destination. */
  instance?: string;
  server?: string;
  ssh?: { host: string; port: number; user: string; identityFile?: string; coolifyKey?: boolean };
  applyWith: 'server' | 'kubeconfig' | 'preview';
  /** Path on the server; absent: found by the probe. */
  kubeconfigPath?: string;
  sudo?: boolean;
  /** A fixed namespace for all resources; absent: one namespace per resource. */
  namespace?: string;
  /** `className` is that of an IngressClass, or for `gateway` of a GatewayClass; `gateway` names one that is there, with listeners called `http` and `https`. */
  ingress: { kind: 'ingress' | 'traefik' | 'gateway' | 'none'; className?: string; gateway?: { name: string; namespace?: string } };
  tls: { kind: 'cert-manager' | 'secret' | 'none'; issuer?: string; secretName?: string };
  storage: { className?: string; sizeGi: number; sharedClassName?: string };
  registry?: { host: string; pullSecret?: string };
  scale?: Scale;
  /** What to do when a deployment's pods do not become ready; what was applied is kept when absent. */
  onFailure?: 'keep' | 'goBack';
}

/** Decisions about scale that Coolify has no field for. They hold for what can run more than once: no claim, no host port. */
export interface Scale {
  /** A HorizontalPodAutoscaler instead of a fixed number; utilisation in percent of the request. */
  autoscale?: { minimum: number; maximum: number; cpuPercent?: number; memoryPercent?: number };
  /** A PodDisruptionBudget that lets one pod go at a time. */
  disruptionBudget?: boolean;
  /** Labels that a node must have. */
  nodeSelector?: Record<string, string>;
}

/** Routing by a Gateway that was found: itself where routes can name its listeners, else a Gateway of its class for each resource. */
export function ingressOfGateway({ name, namespace, className, listeners }: ClusterProbe['gateways'][number]): KubernetesDestination['ingress'] {
  const named = ['http', 'https'].every((needed) => listeners.some((listener) => listener.name === needed));
  return { kind: 'gateway', className, ...(named && { gateway: { name, namespace } }) };
}

export const defaultDestination: KubernetesDestination = {
  kind: 'kubernetes', id: 'preview', name: 'Preview', applyWith: 'preview',
  ingress: { kind: 'ingress' }, tls: { kind: 'none' }, storage: { sizeGi: 10 },
};

/** Every Docker-DNS name on the same Coolify destination that is not of the stack itself. */
export type Neighbours = ReadonlyMap<string, { namespace: string; service: string }>;
