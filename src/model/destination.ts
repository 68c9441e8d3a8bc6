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
  ingress: { kind: 'ingress' | 'traefik' | 'gateway' | 'none'; className?: string };
  tls: { kind: 'cert-manager' | 'secret' | 'none'; issuer?: string; secretName?: string };
  storage: { className?: string; sizeGi: number; sharedClassName?: string };
  registry?: { host: string; pullSecret?: string };
}

export const defaultDestination: KubernetesDestination = {
  kind: 'kubernetes', id: 'preview', name: 'Preview', applyWith: 'preview',
  ingress: { kind: 'ingress' }, tls: { kind: 'none' }, storage: { sizeGi: 10 },
};

/** Every Docker-DNS name on the same Coolify destination that is not of the stack itself. */
export type Neighbours = ReadonlyMap<string, { namespace: string; service: string }>;
