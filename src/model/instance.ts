/** A Coolify instance as settings know it. The token lives in SecretStorage under `origin`. */
export interface Instance { id: string; name: string; url: string; origin: string }

export interface Server {
  uuid: string; name: string; description?: string;
  ip: string; port: number; user: string;
  reachable: boolean; usable: boolean;
  coolifyHost: boolean; cloudflareTunnel: boolean; buildServer: boolean; swarmManager: boolean;
  proxyType?: string; wildcardDomain?: string; timezone: string;
}

export interface DockerDestination { kind: 'standalone' | 'swarm'; uuid: string; name: string; network: string; serverUuid: string }

export type ResourceKind = 'application' | 'service' | 'database';

/** A row of the tree: enough to list, not enough to translate. */
export interface ResourceSummary {
  kind: ResourceKind; uuid: string; name: string;
  /** `application`, `service`, `standalone-postgresql`, … */
  type: string;
  status: Status; description?: string;
  serverUuid?: string; destinationUuid?: string;
  projectUuid?: string; projectName?: string; environmentName?: string;
}

/** `running:healthy`, `exited`, `degraded:unhealthy:excluded`, `running (healthy)`, split. */
export interface Status { state: string; health?: string; excluded: boolean }

/** A bundle: each member the API's own body. What the CLI reads and the extension collects before translating. */
export interface Bundle {
  kind: ResourceKind;
  resource: unknown; envs: unknown; storages: unknown; scheduledTasks: unknown; backups: unknown;
  /** `/s3-storages`, for the targets of backups. */
  s3Storages?: unknown;
  /** A preview deployment of an application: `{pull_request_id, fqdn?, docker_compose_domains?}`. The API lists none. */
  preview?: unknown;
}
