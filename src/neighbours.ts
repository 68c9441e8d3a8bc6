import { RenderContext } from './engine/kubernetes/context';
import type { KubernetesDestination, Neighbours } from './model/destination';
import type { Bundle } from './model/instance';
import { stackOfBundle } from './translate';

/**
 * Every name by which containers of other resources answer on the same Docker network, and the Service that answers in the cluster.
 * Applications and databases stand on that network themselves, with all their names; of a stack of services only the names
 * that hold its uuid count there, the short ones (`db`) are each stack's own.
 */
export function neighboursOf(bundles: readonly Bundle[], destination: KubernetesDestination): Neighbours {
  const neighbours = new Map<string, { namespace: string; service: string }>();
  for (const bundle of bundles) {
    const stack = stackOfBundle(bundle);
    if (!('containers' in stack)) continue;
    const context = new RenderContext(stack, destination, new Map());
    const uuid = stack.uuid.toLowerCase();
    const names = stack.containers.flatMap(({ hostNames }) => (hostNames.some((name) => name.toLowerCase() === uuid) ? hostNames : hostNames.filter((name) => name.toLowerCase().includes(uuid))));
    for (const name of names) neighbours.set(name, { namespace: context.namespace, service: context.serviceName(name) });
  }
  return neighbours;
}
