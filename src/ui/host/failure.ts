import type { KubernetesDestination } from '../../model/destination';
import { loadCore, loadRemote } from './bundles';
import type { Clusters } from './clusters';

/** One cause of a failed deployment: the object and reason, and the next step. Masked. */
export interface Why { message: string; nextStep: string }

/** Asks the cluster why pods of a namespace do not become ready. Empty when it cannot be asked, or shows nothing. */
export async function explainFailure(clusters: Clusters, destination: KubernetesDestination, namespace: string, secrets: readonly string[]): Promise<Why[]> {
  try {
    const cluster = await clusters.of(destination, { quiet: true });
    const [pods, events] = await Promise.all([cluster.list('v1', 'Pod', { namespace }), cluster.list('v1', 'Event', { namespace })]);
    const items = [...pods.map((pod) => ({ ...pod, kind: 'Pod' })), ...events.map((event) => ({ ...event, kind: 'Event' }))];
    const { maskText } = loadCore();
    return loadRemote().explain({ items }).map(({ subject, message, nextStep }) => ({ message: maskText(`${subject}: ${message}`, secrets), nextStep: maskText(nextStep, secrets) }));
  } catch {
    // The run's own dump is in the output channel; this is the shorter word for it.
    return [];
  }
}
