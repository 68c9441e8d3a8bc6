import * as vscode from 'vscode';
import type { CoolifyClient } from '../../coolify/client';
import type { Translated } from '../../core';
import type { KubernetesDestination, Neighbours } from '../../model/destination';
import type { Bundle, Instance, ResourceSummary } from '../../model/instance';
import type { Sessions } from '../tree/session';
import { loadCore } from './bundles';

/** A resource as Coolify describes it now, and what it becomes. */
export interface TranslatedResource { bundle: Bundle; translated: Translated }

/** Reads a resource through the API and translates it, with the neighbours that it names. */
export class Translator {
  constructor(private readonly sessions: Sessions) {}

  async translate(instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, signal: AbortSignal): Promise<TranslatedResource> {
    const client = await this.sessions.client(instance);
    if (client === undefined) throw new Error(vscode.l10n.t('There is no token for {0}; sign in again.', instance.origin));
    const bundle = await client.bundle(resource.kind, resource.uuid, signal);
    const translated = loadCore().translateBundle(bundle, destination);
    if (translated.unresolvedHosts.length === 0) return { bundle, translated };
    const neighbours = await this.neighbours(client, instance, resource, destination, translated.unresolvedHosts, signal);
    return { bundle, translated: neighbours.size === 0 ? translated : loadCore().translateBundle(bundle, destination, neighbours) };
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
