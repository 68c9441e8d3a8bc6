import type { Revision } from '../../core';
import type { KubernetesDestination } from '../../model/destination';
import { loadCore } from './bundles';
import type { Clusters } from './clusters';

/** What a resource was at its last successful deployments to a destination, the newest first. Holds secrets: never shown as it is. */
export async function revisionsOf(clusters: Clusters, destination: KubernetesDestination, resource: { uuid: string }, namespace: string, signal: AbortSignal): Promise<Revision[]> {
  const { readRevisions, revisionSelector } = loadCore();
  const cluster = await clusters.of(destination, { signal });
  return readRevisions({ items: await cluster.list('v1', 'Secret', { namespace, labelSelector: revisionSelector(resource), signal }) });
}
