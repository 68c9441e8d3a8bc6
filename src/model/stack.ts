import type { JsonObject } from '../text/json';
import type { Build } from './build';
import type { Finding, Origin } from './finding';

/** The neutral picture of a Coolify resource: what it is, before any engine. See docs and `design`: three front ends fill it, two back ends read it. */
export interface Stack {
  kind: 'application' | 'service' | 'database' | 'compose';
  /** Coolify's uuid, or for a bare compose file a stable id made from its name. Object names and selectors come from it. */
  uuid: string;
  /** What a person calls it. Never part of a selector. */
  name: string;
  projectName?: string;
  environmentName?: string;
  containers: Container[];
  volumes: Volume[];
  /** Variables of the resource that every container receives (Coolify's `.env`); a container's own `env` wins. */
  sharedEnv: EnvVar[];
  scheduledTasks: ScheduledTask[];
  /** Secret values that may stand in commands, probes or files without being a variable of any container. */
  secretValues?: string[];
  /** False when the resource is stopped in Coolify: it is then rendered with zero replicas. Undefined when not known (bare file). */
  running?: boolean;
  /** Commands around a deployment (`pre_deployment_command`, `post_deployment_command`). */
  hooks?: { before?: Hook; after?: Hook };
  backups?: Backup[];
  /** What only Docker's engine needs, so that the left side of a preview is what Coolify runs. */
  docker?: DockerProject;
  findings: Finding[];
}

/** Run with `sh -c` inside a container: before, in the one that still runs (none: skipped); after, in the new one (a failure is a warning). */
export interface Hook { command: string; container: string; origin: Origin }

export interface DockerProject {
  /** The destination's network. */
  network: string;
  /** Where Coolify keeps the project on its server. */
  directory: string;
  swarm?: boolean;
  /** The proxies that labels are written for. */
  proxies: ('traefik' | 'caddy')[];
  /** The text of `.env`, for what has one. */
  envFile?: string;
  /** Compose keys by container that the neutral picture does not hold, or spells in another way. */
  services: Record<string, JsonObject>;
}

/** A scheduled backup of a database (`ScheduledDatabaseBackup`). Retention of 0 is unlimited. */
export interface Backup {
  uuid: string;
  enabled: boolean;
  /** Five-field cron. */
  schedule: string;
  timeZone?: string;
  /** What is dumped; empty means the database's default one. */
  databases: string[];
  all: boolean;
  local: boolean;
  keep: { amount: number; days: number };
  s3?: { endpoint: string; bucket: string; region: string; key: string; secret: string; keep: { amount: number; days: number } };
  timeoutSeconds: number;
  origin: Origin;
}

export interface EnvVar {
  name: string;
  /** After Compose's interpolation and `$$` unescaping: exactly what the process sees in Docker. */
  value: string;
  /** True when the value must not stand outside a Secret. */
  secret: boolean;
  origin: Origin;
}

/** How a container behaves when its process ends, from `restart` and its role. */
export type Lifecycle =
  | { kind: 'service' }
  /** Runs to its end once per deployment (`restart: no`/`on-failure`, or somebody waits for its completion). */
  | { kind: 'job'; retries: number };

export interface Container {
  /** The compose service key, or the resource's uuid for applications and databases. */
  name: string;
  origin: Origin;
  image: string;
  /** How the image is built, when it is not one that can be pulled already. */
  build?: Build;
  /** True for a tag that moves (`latest`, none): pulled on every start, as Coolify does. */
  alwaysPull: boolean;
  /** Compose `entrypoint`, already split into words; undefined keeps the image's. */
  entrypoint?: string[];
  /** Compose `command`, already split into words; undefined keeps the image's. */
  command?: string[];
  workingDir?: string;
  env: EnvVar[];
  ports: ContainerPort[];
  mounts: Mount[];
  healthCheck?: HealthCheck;
  dependsOn: Dependency[];
  lifecycle: Lifecycle;
  routes: Route[];
  /** Every name by which Docker's DNS answers for this container inside its own network, the service key first. */
  hostNames: string[];
  hostname?: string;
  domainname?: string;
  replicas?: number;
  /** `deploy.mode: global`: one per node. */
  everyNode?: boolean;
  user?: string;
  groupAdd: string[];
  capAdd: string[];
  capDrop: string[];
  privileged?: boolean;
  readOnlyRootFilesystem?: boolean;
  noNewPrivileges?: boolean;
  seccompUnconfined?: boolean;
  appArmorUnconfined?: boolean;
  /** `init: true`. */
  init?: boolean;
  hostNetwork?: boolean;
  hostPid?: boolean;
  hostIpc?: boolean;
  /** `network_mode: service:x` — runs in the pod of that service. */
  sharesNetworkOf?: string;
  extraHosts: { host: string; address: string }[];
  dns: string[];
  dnsSearch: string[];
  dnsOptions: string[];
  sysctls: Record<string, string>;
  devices: { host: string; container: string }[];
  gpus?: number;
  tty?: boolean;
  stdin?: boolean;
  stopGraceSeconds?: number;
  stopSignal?: string;
  /** Compose `post_start` and `pre_stop`: run inside the container, in this order. */
  postStart?: ContainerHook[];
  preStop?: ContainerHook[];
  /** `security_opt: label:…`; `disable` means unconfined. */
  seLinux?: { disable?: boolean; user?: string; role?: string; type?: string; level?: string };
  /** The vendor's resource for `gpus`; absent: nvidia.com/gpu. */
  gpuResource?: string;
  /** Architecture as Kubernetes names it (`amd64`), from `platform`. */
  architecture?: string;
  resources: Resources;
  /** User labels that remain after proxy and Coolify labels were taken out. */
  labels: Record<string, string>;
  /** Coolify's `exclude_from_hc`/`restart: no`: not counted for health. */
  excludedFromStatus?: boolean;
  /** Node labels that Swarm's placement asks for; without a value it is enough that the node has the label. */
  placement?: { label: string; value?: string; equal: boolean }[];
  /** Node labels over whose values replicas are spread, as far as that can be. */
  spreadOver?: string[];
  maxPerNode?: number;
  /** Labels by which Coolify's proxies route to this container, `$` as the proxy sees it. */
  proxyLabels?: string[];
  /** Traefik middlewares of the user's own labels, by name: the CR's `spec`. */
  middlewares?: Record<string, JsonObject>;
  /** Certificate files that the process expects; a certificate has to be issued for them. */
  certificate?: CertificateFiles;
}

/** Where a server expects its certificate. `group` may read the key. */
export interface CertificateFiles { certificate?: string; key?: string; authority?: string; combined?: string; group: number; /** The command without TLS, for a cluster that has no certificate. */ plainCommand?: string[]; origin: Origin }

export interface ContainerHook { command: string[]; user?: string; workingDir?: string; env: { name: string; value: string }[] }

export interface Resources {
  /** Bytes. */
  memoryLimit?: number;
  memoryRequest?: number;
  /** Milli-CPU. */
  cpuLimit?: number;
  cpuRequest?: number;
}

export interface ContainerPort {
  port: number;
  protocol: 'TCP' | 'UDP' | 'SCTP';
  /** What tells us that the container listens there. */
  evidence: string;
  /** Set when the port is published on the host (`ports:`); hostIp 127.0.0.1 means "not public". */
  published?: { port?: number; hostIp?: string };
  origin: Origin;
}

export interface Volume {
  /** The name in the stack (compose volume key, Coolify storage name). */
  name: string;
  /** Docker's own name for it, when known. */
  dockerName?: string;
  /** Exists outside the stack. */
  external?: boolean;
  /** `driver_opts` of an nfs volume. */
  nfs?: { server: string; path: string; mountOptions: string[] };
  origin: Origin;
}

export type Mount = { target: string; readOnly: boolean; origin: Origin } & (
  | { kind: 'volume'; volume: string; subPath?: string; noCopy?: boolean }
  /** `within`: the folder that holds this and other files, and nothing else; it is mounted whole. */
  | { kind: 'file'; content: string; binary?: boolean; mode?: number; secret: boolean; within?: string }
  /** A directory on Coolify's server whose content we cannot see: becomes a claim that starts empty. `id`: the folder of the server that the claim stands for; `subPath`: where in it this one lies. */
  | { kind: 'directory'; id: string; hostPath: string; subPath?: string }
  /** Stays a host path: `/etc/localtime`, `/proc`, `/sys`, devices. */
  | { kind: 'hostPath'; path: string; pathType: '' | 'Directory' | 'File' | 'Socket' | 'CharDevice'; /** Mounts that are made below it later appear too: from the node (slave), or both ways (shared). */ propagation?: 'slave' | 'shared' }
  | { kind: 'tmpfs'; sizeBytes?: number; mode?: number }
);

/** As Docker runs it: inside the container. `test` is an exec array; a shell form is already `["/bin/sh","-c",…]`. Times in seconds, Docker's defaults filled in. */
export interface HealthCheck {
  test: string[];
  intervalSeconds: number;
  timeoutSeconds: number;
  retries: number;
  startPeriodSeconds: number;
  /** How often Docker asks within the start period. */
  startIntervalSeconds: number;
  /** An HTTP check that may be asked from outside the process (Coolify's own http checks on localhost). */
  http?: { scheme: 'http' | 'https'; path: string; port: number };
  origin: Origin;
}

export interface Dependency {
  container: string;
  condition: 'started' | 'healthy' | 'completed';
  required: boolean;
}

/** One domain: scheme, host, path and the container port it goes to. */
export interface Route {
  scheme: 'http' | 'https';
  host: string;
  path: string;
  port?: number;
  forceHttps: boolean;
  stripPrefix: boolean;
  gzip: boolean;
  redirect: 'both' | 'www' | 'non-www';
  noindex: boolean;
  /** htpasswd user and clear password, as Coolify stores them. */
  basicAuth?: { username: string; password: string; /** The htpasswd line that Coolify's proxy has, when known. */ hash?: string };
  /** A rule of Traefik that an Ingress cannot say. One that is more than a host and a path leaves `host` and `path` empty. */
  rule?: string;
  /** Answers over https alone: over http there is nothing, not even a redirect. An `http` route answers over http alone. */
  httpsOnly?: true;
  /** The path itself alone, not what is below it. */
  exact?: true;
  /** The user's own order among routes; without one the longer rule wins. */
  priority?: number;
  /** Names of the user's own middlewares, after Coolify's. */
  middlewares?: string[];
  origin: Origin;
}

export interface ScheduledTask {
  uuid: string;
  name: string;
  command: string;
  /** Five-field cron. */
  schedule: string;
  container?: string;
  enabled: boolean;
  timeoutSeconds: number;
  timeZone?: string;
  origin: Origin;
}
