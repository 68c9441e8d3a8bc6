import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { JsonObject } from '../../text/json';
import { deployedIn, type Deployed } from '../tree/deployed';
import { loadCore } from './bundles';
import type { Clusters } from './clusters';

/** What asking a cluster came to. */
export type ClusterState = { kind: 'ready'; deployed: Deployed[] } | { kind: 'failed'; message: string };

const workloadKinds = [['apps/v1', 'Deployment'], ['apps/v1', 'StatefulSet'], ['apps/v1', 'DaemonSet']] as const;

interface Entry { state: Promise<ClusterState>; abort: AbortController; destination: string }

/** What runs in the cluster of a destination: asked when its row is opened, and watched from then on. */
export class ClusterStates implements vscode.Disposable {
  private readonly entries = new Map<string, Entry>();
  private readonly changed = new vscode.EventEmitter<KubernetesDestination>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly clusters: Clusters) {}

  /** Asks nothing of the person: a row that stays open over a reload must not open prompts by itself. `retry` does. */
  of(destination: KubernetesDestination): Promise<ClusterState> {
    return this.entry(destination, true);
  }

  /** Asks again, with every question that signing in to the server needs. */
  async retry(destination: KubernetesDestination): Promise<void> {
    this.forget(destination.id);
    await this.entry(destination, false);
    this.changed.fire(destination);
  }

  private entry(destination: KubernetesDestination, quiet: boolean): Promise<ClusterState> {
    const same = JSON.stringify(destination);
    const known = this.entries.get(destination.id);
    if (known?.destination === same) return known.state;
    this.forget(destination.id);
    const abort = new AbortController();
    const entry: Entry = { abort, destination: same, state: this.watch(destination, quiet, abort.signal).catch((error: unknown): ClusterState => ({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })) };
    this.entries.set(destination.id, entry);
    return entry.state;
  }

  /** Forgets one destination's cluster, or all: they are asked again when their row is shown. */
  forget(id?: string): void {
    for (const [known, entry] of this.entries) {
      if (id !== undefined && id !== known) continue;
      entry.abort.abort();
      this.entries.delete(known);
    }
  }

  dispose(): void {
    this.forget();
    this.changed.dispose();
  }

  /** The first whole picture; later ones are announced. */
  private async watch(destination: KubernetesDestination, quiet: boolean, signal: AbortSignal): Promise<ClusterState> {
    const cluster = await this.clusters.of(destination, { quiet, signal });
    const { ownerLabel, fieldManager, resourceLabel } = loadCore();
    const kinds = [['v1', 'Pod'], ...workloadKinds] as const;
    const lists: (JsonObject[] | undefined)[] = kinds.map(() => undefined);
    const options = { ...(destination.namespace !== undefined && { namespace: destination.namespace }), labelSelector: `${ownerLabel}=${fieldManager}`, signal };
    const picture = (): ClusterState => ({ kind: 'ready', deployed: deployedIn({ pods: lists[0] ?? [], workloads: lists.slice(1).flatMap((list) => list ?? []) }, resourceLabel) });
    return new Promise((resolve, reject) => {
      const announce = (): void => {
        if (lists.some((list) => list === undefined)) return;
        const entry = this.entries.get(destination.id);
        if (entry !== undefined && !signal.aborted) entry.state = Promise.resolve(picture());
        resolve(picture());
        this.changed.fire(destination);
      };
      kinds.forEach(([apiVersion, kind], index) => {
        cluster.watch(apiVersion, kind, options, (items) => { lists[index] = items; announce(); }).catch((error: unknown) => {
          reject(error instanceof Error ? error : new Error(String(error)));
          if (!signal.aborted) this.fail(destination, error);
        });
      });
    });
  }

  private fail(destination: KubernetesDestination, error: unknown): void {
    const entry = this.entries.get(destination.id);
    if (entry !== undefined) entry.state = Promise.resolve({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    this.changed.fire(destination);
  }
}
