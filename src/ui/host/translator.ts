import * as vscode from 'vscode';
import type { CoolifyClient } from '../../coolify/client';
import type { Translated } from '../../core';
import type { KubernetesDestination, Neighbours } from '../../model/destination';
import type { Bundle, Instance, ResourceSummary } from '../../model/instance';
import type { Sessions } from '../tree/session';
import { loadCore, loadRemote } from './bundles';
import { sshTarget } from './clusters';
import type { Connections } from './connections';

/** A resource as Coolify describes it now, and what it becomes. */
export interface TranslatedResource { bundle: Bundle; translated: Translated }

/** `deployKeys`: texts by Coolify's numbers. Kept nowhere. */
export interface NewestResource extends TranslatedResource { deployKeys: ReadonlyMap<number, string> }

/** Reads a resource through the API and translates it, with the neighbours that it names. */
export class Translator {
  constructor(private readonly sessions: Sessions, private readonly connections: Connections) {}

  async translate(instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, signal: AbortSignal, commit?: string): Promise<TranslatedResource> {
    const client = await this.client(instance);
    const bundle = await client.bundle(resource.kind, resource.uuid, signal);
    const translated = loadCore().translateBundle(bundle, destination, new Map(), commit);
    if (translated.unresolvedHosts.length === 0) return { bundle, translated };
    const neighbours = await this.neighbours(client, instance, resource, destination, translated.unresolvedHosts, signal);
    return { bundle, translated: neighbours.size === 0 ? translated : loadCore().translateBundle(bundle, destination, neighbours, commit) };
  }

  /** The same with the newest commit of the code in the images' names, as the destination's server sees it, and the keys that fetch the code. */
  async translateNewest(instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, signal: AbortSignal): Promise<NewestResource> {
    const atBranch = await this.translate(instance, resource, destination, signal);
    const { code, rendering } = atBranch.translated.deployment ?? {};
    const deployKeys = await (await this.client(instance)).deployKeys(loadCore().deployKeyIds(rendering?.builds ?? []), signal);
    if (code === undefined || destination.applyWith !== 'server' || loadCore().codeProblem(code, deployKeys) !== undefined) return { ...atBranch, deployKeys };
    const { repository, branch, credentials } = code;
    const deployKey = credentials.kind === 'deployKey' ? deployKeys.get(credentials.privateKeyId) : undefined;
    const connection = await this.connections.to(sshTarget(destination), { signal });
    const commit = await loadRemote().resolveCommit(connection, { repository, branch, ...(deployKey !== undefined && { deployKey }) }, signal);
    return { ...await this.translate(instance, resource, destination, signal, commit), deployKeys };
  }

  private async client(instance: Instance): Promise<CoolifyClient> {
    const client = await this.sessions.client(instance);
    if (client === undefined) throw new Error(vscode.l10n.t('There is no token for {0}; sign in again.', instance.origin));
    return client;
  }

  /** Docker's names of other resources hold their uuid, so only those that are named are read. */
  private async neighbours(client: CoolifyClient, instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, hosts: readonly string[], signal: AbortSignal): Promise<Neighbours> {
    const loaded = await this.sessions.load(instance);
    const others = loaded.kind === 'ready' ? loaded.snapshot.resources : [];
    const named = others.filter((other) => other.uuid !== resource.uuid && hosts.some((host) => host.toLowerCase().includes(other.uuid.toLowerCase())));
    const bundles = await Promise.all(named.map((other) => client.bundle(other.kind, other.uuid, signal)));
    return loadCore().neighboursOf(bundles, destination);
  }
}
