import type { KubernetesDestination } from '../../model/destination';
import type { ClusterStates } from '../host/clusterStates';
import { fittingDestinations } from '../prompts/destination';
import type { Pod } from './deployed';
import type { Node } from './nodes';

/** The pods that a row stands for, and where they are. */
export interface Located { destination: KubernetesDestination; instance?: string; uuid: string; name: string; pods: Pod[] }

/** Pods of a pod's row, of what is deployed, or of a resource wherever it is deployed. */
export async function locatePods(node: Node, states: ClusterStates): Promise<Located | undefined> {
  const instance = node.instance && { instance: node.instance.origin };
  switch (node.type) {
    case 'pod': return { destination: node.destination, ...instance, uuid: node.uuid, name: node.pod.name, pods: [node.pod] };
    case 'deployed': return { destination: node.destination, ...instance, uuid: node.deployed.uuid, name: node.name, pods: node.deployed.pods };
    case 'resource': {
      for (const destination of fittingDestinations(node.instance, node.resource, 'cluster')) {
        const state = await states.of(destination);
        const found = state.kind === 'ready' ? state.deployed.find(({ uuid }) => uuid === node.resource.uuid) : undefined;
        if (found !== undefined) return { destination, ...instance, uuid: found.uuid, name: node.resource.name, pods: found.pods };
      }
      return undefined;
    }
    default: return undefined;
  }
}
