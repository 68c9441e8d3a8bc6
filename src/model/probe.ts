/** What a server offers, as found in one round trip. Plain data: it can be shown, stored and compared. */
export interface ServerProbe {
  system: ServerSystem;
  /** By name: where the tool is, and its version where it tells one. */
  tools: Partial<Record<ServerTool, { path: string; version?: string }>>;
  docker?: DockerProbe;
  sudo: SudoState;
  /** Why sudo was refused, where that is known. */
  sudoRefusal?: string;
  /** The command and its fixed arguments, with an absolute path: `['/usr/local/bin/k3s', 'kubectl']`. */
  kubectl?: { argv: string[]; version?: string };
  /** In the order in which they are tried. */
  kubeconfigs: KubeconfigProbe[];
  /** The cluster behind the first kubeconfig that works. */
  cluster?: ClusterProbe;
  disks: DiskSpace[];
  /** The server's clock minus the caller's; 0 within the time the answer took. */
  clockSkewSeconds: number;
  /** Who listens on ports 80 and 443. */
  ports: PortHolder[];
}

export type ServerTool = 'docker' | 'buildah' | 'nerdctl' | 'podman' | 'git' | 'setsid' | 'flock' | 'timeout' | 'sudo' | 'k3s' | 'ctr' | 'nixpacks' | 'railpack' | 'helm';

export interface ServerSystem {
  /** As /etc/os-release calls it: `Debian GNU/Linux 12 (bookworm)`. */
  os: string;
  /** `debian`, `alpine`, … */
  osId?: string;
  kernel: string;
  /** As images call it: `amd64`, `arm64`; another machine's name as it is. */
  architecture: string;
  user: string;
  root: boolean;
  memoryBytes?: number;
}

/** `untried`: sudo is there, but its use was not agreed to. */
export type SudoState = 'unneeded' | 'absent' | 'untried' | 'works' | 'refused';

export interface DockerProbe {
  clientVersion?: string;
  /** Present when the daemon answered. */
  serverVersion?: string;
  /** Only sudo reached the daemon. */
  sudo: boolean;
  /** Why the daemon did not answer, in Docker's words. */
  reason?: string;
}

export type KubeconfigSource = 'setting' | 'environment' | 'home' | 'k3s' | 'rke2' | 'k0s' | 'microk8s' | 'kubeadm';

export interface KubeconfigProbe {
  source: KubeconfigSource;
  path: string;
  state: 'missing' | 'unreadable' | 'readable';
  /** It was read with sudo. */
  sudo: boolean;
  /** There, but only root can read it, and sudo was not agreed to or did not help. */
  needsSudo: boolean;
  /** The API server took its credentials. */
  works: boolean;
  /** Why it does not work, in kubectl's words. */
  reason?: string;
}

export interface ClusterProbe {
  /** Path of the kubeconfig in use. */
  kubeconfigPath: string;
  sudo: boolean;
  /** `v1.34.4`, `v1.31.5+k3s1`. */
  version?: string;
  /** Names of the API groups: `apps`, `traefik.io`, `gateway.networking.k8s.io`, … */
  apiGroups: string[];
  ingressClasses: { name: string; controller: string; isDefault: boolean }[];
  storageClasses: { name: string; provisioner: string; isDefault: boolean }[];
  /** cert-manager's ClusterIssuers. */
  clusterIssuers: { name: string; ready: boolean }[];
  gateways: { namespace: string; name: string; className: string; listeners: { name: string; port: number; protocol: string }[] }[];
  /** Services of type LoadBalancer and their ports; some hold a node's port without a listening process. */
  loadBalancers: { namespace: string; name: string; ports: number[] }[];
  /** What could not be read, and why. */
  unread: { what: string; reason: string }[];
}

export interface DiskSpace {
  purpose: 'home' | 'temporary' | 'docker' | 'containerd' | 'kubelet' | 'rancher';
  path: string;
  mountPoint: string;
  sizeBytes: number;
  freeBytes: number;
}

export interface PortHolder {
  port: 80 | 443;
  /** Known when the account may see it. */
  process?: string;
  /** Name of the Docker container that publishes the port: `coolify-proxy`. */
  container?: string;
  /** `namespace/name` of the Service of type LoadBalancer that has the port. */
  service?: string;
}
