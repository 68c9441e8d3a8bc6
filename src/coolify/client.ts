import type { Bundle, DockerDestination, ResourceKind, ResourceSummary, Server } from '../model/instance';
import { isObject, type Json, type JsonObject } from '../text/json';
import { coolifyError, isCoolifyError } from './errors';
import type { Connection } from './http';
import { object, objects, text } from './parse';
import { Requests } from './requests';
import { keyById, keyOfServer, type PrivateKey } from './privateKeys';
import {
  joinResources, parseDestination, parseEnvironment, parseProject, parseResource, parseServer, parseTeam, type Environment, type Project, type Team,
} from './parseInstance';

/** What a token turned out to be good for. */
export interface Access { version: string; team: string; sensitive: boolean; warning?: string }

const plural = { application: 'applications', service: 'services', database: 'databases' } as const;

/** One instance's REST API, as it really answers. Every method rejects with a CoolifyError. */
export class CoolifyClient {
  private readonly requests: Requests;

  constructor(connection: Connection) { this.requests = new Requests(connection); }

  /** Answers are remembered for two seconds, so that one refresh asks nothing twice; from now on all is asked anew. */
  forget(): void { this.requests.forget(); }

  async version(signal?: AbortSignal): Promise<string> {
    const body = await this.get('version', signal);
    if (typeof body !== 'string') throw coolifyError({ kind: 'notCoolify', message: 'This address answers, but not as Coolify\'s API does; give the address of the Coolify dashboard.' });
    return body;
  }

  teams(signal?: AbortSignal): Promise<Team[]> { return this.list('teams', parseTeam, signal); }
  projects(signal?: AbortSignal): Promise<Project[]> { return this.list('projects', parseProject, signal); }
  servers(signal?: AbortSignal): Promise<Server[]> { return this.list('servers', parseServer, signal); }

  environments(project: string, signal?: AbortSignal): Promise<Environment[]> {
    return this.list(`projects/${encodeURIComponent(project)}/environments`, parseEnvironment, signal);
  }

  /** Empty on instances older than 4.2.0, which have no such endpoint. */
  async destinations(signal?: AbortSignal): Promise<DockerDestination[]> {
    return this.list('destinations', parseDestination, signal).catch(orIfMissing([]));
  }

  /** All projects, each with its environments. */
  async projectTree(signal?: AbortSignal): Promise<Project[]> {
    const projects = await this.projects(signal);
    return Promise.all(projects.map(async (project) => ({ ...project, environments: await this.environments(project.uuid, signal) })));
  }

  /** Every resource with its server, destination, project and environment; a project tree at hand is not asked for again. */
  async resources(signal?: AbortSignal, projects: Promise<Project[]> = this.projectTree(signal)): Promise<ResourceSummary[]> {
    const [rows, tree] = await Promise.all([this.list('resources', parseResource, signal), projects]);
    return joinResources(rows, tree);
  }

  application(uuid: string, signal?: AbortSignal): Promise<JsonObject> { return this.one('application', uuid, signal); }
  service(uuid: string, signal?: AbortSignal): Promise<JsonObject> { return this.one('service', uuid, signal); }
  database(uuid: string, signal?: AbortSignal): Promise<JsonObject> { return this.one('database', uuid, signal); }

  envs(kind: ResourceKind, uuid: string, signal?: AbortSignal): Promise<JsonObject[]> { return this.part(kind, uuid, 'envs', signal); }

  scheduledTasks(kind: 'application' | 'service', uuid: string, signal?: AbortSignal): Promise<JsonObject[]> {
    return this.part(kind, uuid, 'scheduled-tasks', signal).catch(orIfMissing([]));
  }

  backups(uuid: string, signal?: AbortSignal): Promise<JsonObject[]> {
    return this.part('database', uuid, 'backups', signal).catch(orIfMissing([]));
  }

  async storages(kind: ResourceKind, uuid: string, signal?: AbortSignal): Promise<JsonObject> {
    const body = await this.get(resourcePath(kind, uuid, 'storages'), signal).catch(orIfMissing<Json>({ persistent_storages: [], file_storages: [] }));
    if (!isObject(body)) throw this.strange('storages');
    return body;
  }

  /** Everything about one resource that a translation reads. */
  async bundle(kind: ResourceKind, uuid: string, signal?: AbortSignal): Promise<Bundle> {
    const [resource, envs, storages, scheduledTasks, backups] = await Promise.all([
      this.one(kind, uuid, signal), this.envs(kind, uuid, signal), this.storages(kind, uuid, signal),
      kind === 'database' ? [] : this.scheduledTasks(kind, uuid, signal),
      kind === 'database' ? this.backups(uuid, signal) : [],
    ]);
    const toS3 = backups.some((backup) => backup['save_s3'] === true || backup['save_s3'] === 1);
    return { kind, resource, envs, storages, scheduledTasks, backups, ...(toS3 && { s3Storages: await this.listed('s3-storages', signal).catch(orIfMissing<JsonObject[]>([])) }) };
  }

  /**
   * The private key with which Coolify itself logs in to a server. Undefined when the token may not read it, or the server
   * or its key is gone. It has no passphrase: Coolify accepts none. Joined by number, since a server names its key in no other way.
   */
  async serverPrivateKey(serverUuid: string, signal?: AbortSignal): Promise<PrivateKey | undefined> {
    const [server, keys] = await Promise.all([
      this.get(`servers/${encodeURIComponent(serverUuid)}`, signal).catch(orIfMissing<Json>({})),
      this.listed('security/keys', signal),
    ]);
    return isObject(server) ? keyOfServer(server, keys) : undefined;
  }

  /** Texts of private keys by their numbers, for code that only they may read. Those that this token may not see are absent. */
  async deployKeys(ids: readonly number[], signal?: AbortSignal): Promise<Map<number, string>> {
    const keys = ids.length === 0 ? [] : await this.listed('security/keys', signal);
    return new Map(ids.flatMap((id) => { const key = keyById(id, keys); return key === undefined ? [] : [[id, key.text] as const]; }));
  }

  /** Checks address and token, and says what the token lacks. Rejects when nothing can be read at all. */
  async checkAccess(signal?: AbortSignal): Promise<Access> {
    const version = await this.version(signal);
    const [teams, servers] = await Promise.all([this.teams(signal), this.listed('servers', signal)]);
    const sensitive = await this.seesSensitive(servers, signal);
    return {
      version, team: teams[0]?.name ?? '', sensitive,
      ...(!sensitive && { warning: 'This token cannot read secrets and compose files (it lacks read:sensitive, or its owner is not an administrator of the team), so translations will have gaps.' }),
    };
  }

  /** Coolify leaves hidden keys out silently; every server's settings have one. */
  private async seesSensitive(servers: readonly JsonObject[], signal?: AbortSignal): Promise<boolean> {
    if (servers.length > 0) return servers.some((server) => 'sentinel_token' in object(server, 'settings'));
    const keys = await this.listed('security/keys', signal);
    return keys.length === 0 || keys.some((key) => text(key, 'private_key') !== undefined);
  }

  private get(path: string, signal?: AbortSignal): Promise<Json> { return this.requests.get(path, signal); }

  private async listed(path: string, signal?: AbortSignal): Promise<JsonObject[]> {
    const list = objects(await this.get(path, signal));
    if (!list) throw this.strange(path);
    return list;
  }

  private async list<T>(path: string, parse: (from: JsonObject) => T | undefined, signal?: AbortSignal): Promise<T[]> {
    return (await this.listed(path, signal)).map(parse).filter((item) => item !== undefined);
  }

  private part(kind: ResourceKind, uuid: string, part: string, signal?: AbortSignal): Promise<JsonObject[]> {
    return this.listed(resourcePath(kind, uuid, part), signal);
  }

  private async one(kind: ResourceKind, uuid: string, signal?: AbortSignal): Promise<JsonObject> {
    const body = await this.get(resourcePath(kind, uuid), signal);
    if (!isObject(body)) throw this.strange(kind);
    return body;
  }

  private strange(what: string): Error {
    return coolifyError({ kind: 'badAnswer', message: `Coolify's answer about ${what} has a shape that this version does not know.` });
  }
}

function resourcePath(kind: ResourceKind, uuid: string, part?: string): string {
  return `${plural[kind]}/${encodeURIComponent(uuid)}${part === undefined ? '' : `/${part}`}`;
}

/** Older instances lack an endpoint: then its value is this. */
function orIfMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isCoolifyError(error) && error.kind === 'notFound') return value;
    throw error;
  };
}
