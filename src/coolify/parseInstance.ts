import type { DockerDestination, ResourceKind, ResourceSummary, Server, Status } from '../model/instance';
import type { JsonObject } from '../text/json';
import { flag, number, object, objects, text } from './parse';

export interface Team { id: number; name: string }
export interface Environment { id?: number; uuid?: string; name: string }
export interface Project { uuid: string; name: string; description?: string; environments?: Environment[] }

/** Splits `running:healthy`, `degraded:unhealthy:excluded` and the older `running (healthy)`. */
export function parseStatus(value: string | undefined): Status {
  const [state = '', ...rest] = (value ?? '').toLowerCase().replace(/\s*\(([^)]*)\)/g, ':$1').split(':').map((part) => part.trim());
  const health = rest.find((part) => part !== '' && part !== 'excluded');
  return { state: state === '' ? 'unknown' : state, excluded: rest.includes('excluded'), ...(health && { health }) };
}

export function parseTeam(from: JsonObject): Team | undefined {
  const id = number(from, 'id');
  return id === undefined ? undefined : { id, name: text(from, 'name') ?? `Team ${id}` };
}

export function parseEnvironment(from: JsonObject): Environment | undefined {
  const name = text(from, 'name');
  const id = number(from, 'id');
  const uuid = text(from, 'uuid');
  return name === undefined ? undefined : { name, ...(id !== undefined && { id }), ...(uuid && { uuid }) };
}

export function parseProject(from: JsonObject): Project | undefined {
  const uuid = text(from, 'uuid');
  if (uuid === undefined) return undefined;
  const description = text(from, 'description');
  const environments = objects(from.environments)?.map(parseEnvironment).filter((e) => e !== undefined);
  return { uuid, name: text(from, 'name') ?? uuid, ...(description && { description }), ...(environments && { environments }) };
}

export function parseServer(from: JsonObject): Server | undefined {
  const uuid = text(from, 'uuid');
  if (uuid === undefined) return undefined;
  const settings = object(from, 'settings');
  const description = text(from, 'description');
  const proxyType = text(object(from, 'proxy'), 'type') ?? text(from, 'proxy_type');
  const wildcardDomain = text(settings, 'wildcard_domain');
  return {
    uuid, name: text(from, 'name') ?? uuid, ...(description && { description }),
    ip: text(from, 'ip') ?? '', port: number(from, 'port') ?? 22, user: text(from, 'user') ?? 'root',
    reachable: flag(from, 'is_reachable') || flag(settings, 'is_reachable'),
    usable: flag(from, 'is_usable') || flag(settings, 'is_usable'),
    coolifyHost: flag(from, 'is_coolify_host'), cloudflareTunnel: flag(settings, 'is_cloudflare_tunnel'),
    buildServer: flag(settings, 'is_build_server'), swarmManager: flag(settings, 'is_swarm_manager'),
    ...(proxyType && { proxyType }), ...(wildcardDomain && { wildcardDomain }),
    timezone: text(settings, 'server_timezone') ?? 'UTC',
  };
}

export function parseDestination(from: JsonObject): DockerDestination | undefined {
  const uuid = text(from, 'uuid');
  const serverUuid = text(from, 'server_uuid');
  if (uuid === undefined || serverUuid === undefined) return undefined;
  const kind = text(from, 'type') === 'swarm' ? 'swarm' : 'standalone';
  return { kind, uuid, serverUuid, name: text(from, 'name') ?? uuid, network: text(from, 'network') ?? '' };
}

function resourceKind(type: string): ResourceKind | undefined {
  if (type === 'application' || type === 'service') return type;
  return type.startsWith('standalone-') ? 'database' : undefined;
}

/** A row of `/resources`, before its environment and destination are looked up. */
export interface ResourceRow { summary: ResourceSummary; environmentId?: number; destinationKey?: string }

/** `/resources` names the destination of applications and databases, but of services only by a number that `/destinations` hides. */
export function parseResource(from: JsonObject): ResourceRow | undefined {
  const uuid = text(from, 'uuid');
  const type = text(from, 'type') ?? '';
  const kind = resourceKind(type);
  if (uuid === undefined || kind === undefined) return undefined;
  const destination = object(from, 'destination');
  const serverUuid = text(object(from, 'server'), 'uuid') ?? text(object(destination, 'server'), 'uuid');
  const destinationUuid = text(destination, 'uuid');
  const description = text(from, 'description');
  const environmentId = number(from, 'environment_id');
  const destinationId = number(from, 'destination_id');
  return {
    summary: {
      kind, uuid, type, name: text(from, 'name') ?? uuid, status: parseStatus(text(from, 'status')),
      ...(description && { description }), ...(serverUuid && { serverUuid }), ...(destinationUuid && { destinationUuid }),
    },
    ...(environmentId !== undefined && { environmentId }),
    ...(destinationId !== undefined && { destinationKey: `${text(from, 'destination_type') ?? ''} ${destinationId}` }),
  };
}

/** Fills in what the rows say about each other: destinations by number, projects and environments by number. */
export function joinResources(rows: readonly ResourceRow[], projects: readonly Project[]): ResourceSummary[] {
  const destinations = new Map<string, string>();
  for (const { destinationKey, summary } of rows) {
    if (destinationKey !== undefined && summary.destinationUuid !== undefined) destinations.set(destinationKey, summary.destinationUuid);
  }
  const homes = new Map(projects.flatMap((project) => (project.environments ?? []).map((environment) => [environment.id, { project, environment }] as const)));
  return rows.map(({ summary, environmentId, destinationKey }) => {
    const destinationUuid = summary.destinationUuid ?? (destinationKey === undefined ? undefined : destinations.get(destinationKey));
    const home = environmentId === undefined ? undefined : homes.get(environmentId);
    return {
      ...summary, ...(destinationUuid && { destinationUuid }),
      ...(home && { projectUuid: home.project.uuid, projectName: home.project.name, environmentName: home.environment.name }),
    };
  });
}
