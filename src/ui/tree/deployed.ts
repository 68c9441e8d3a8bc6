import { isObject, type Json, type JsonObject } from '../../text/json';

/** A pod as a row: its state in one word of Kubernetes' own. */
export interface Pod { name: string; namespace: string; containers: string[]; ports: number[]; state: string; ready: boolean; restarts: number }

/** What of one Coolify resource is in a cluster. */
export interface Deployed { uuid: string; namespace: string; ready: number; desired: number; pods: Pod[] }

/** The lists that a destination's row is made of, as the API server gives them. */
export interface ClusterLists { pods: readonly JsonObject[]; workloads: readonly JsonObject[] }

/** Resources by their uuid label; what has no pods, being scaled to 0, is there too. */
export function deployedIn({ pods, workloads }: ClusterLists, resourceLabel: string): Deployed[] {
  const found = new Map<string, Deployed>();
  const of = (object: JsonObject): Deployed | undefined => {
    const uuid = text(at(object, 'metadata', 'labels', resourceLabel));
    const namespace = text(at(object, 'metadata', 'namespace'));
    if (uuid === '') return undefined;
    const key = `${namespace}/${uuid}`;
    const entry = found.get(key) ?? { uuid, namespace, ready: 0, desired: 0, pods: [] };
    found.set(key, entry);
    return entry;
  };
  for (const workload of workloads) {
    const entry = of(workload);
    if (entry === undefined) continue;
    entry.desired += count(at(workload, 'spec', 'replicas') ?? at(workload, 'status', 'desiredNumberScheduled') ?? 0);
    entry.ready += count(at(workload, 'status', 'readyReplicas') ?? at(workload, 'status', 'numberReady') ?? 0);
  }
  for (const pod of pods) of(pod)?.pods.push(podOf(pod));
  for (const entry of found.values()) entry.pods.sort((a, b) => a.name.localeCompare(b.name, 'en'));
  return [...found.values()].sort((a, b) => a.namespace.localeCompare(b.namespace, 'en'));
}

function podOf(pod: JsonObject): Pod {
  const containers = objects(at(pod, 'spec', 'containers'));
  const statuses = objects(at(pod, 'status', 'containerStatuses'));
  const all = [...objects(at(pod, 'status', 'initContainerStatuses')), ...statuses];
  return {
    name: text(at(pod, 'metadata', 'name')), namespace: text(at(pod, 'metadata', 'namespace')),
    containers: containers.map((container) => text(container['name'])),
    ports: containers.flatMap((container) => objects(container['ports'])).filter((port) => port['protocol'] !== 'UDP').map((port) => count(port['containerPort'])),
    ready: statuses.length > 0 && statuses.every((status) => status['ready'] === true),
    restarts: all.reduce((sum, status) => sum + count(status['restartCount']), 0), state: stateOf(pod, all, statuses),
  };
}

/** The word that `kubectl get pods` would show, but for "Running" that says too little: Ready, or Not ready. */
function stateOf(pod: JsonObject, all: JsonObject[], statuses: JsonObject[]): string {
  if (at(pod, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  const waiting = all.map((status) => text(at(status, 'state', 'waiting', 'reason'))).find((reason) => reason !== '' && reason !== 'PodInitializing' && reason !== 'ContainerCreating');
  if (waiting !== undefined) return waiting;
  const reason = text(at(pod, 'status', 'reason'));
  if (reason !== '') return reason;
  const phase = text(at(pod, 'status', 'phase'));
  if (phase === 'Succeeded') return 'Completed';
  if (phase !== 'Running') return phase === '' ? 'Unknown' : phase;
  return statuses.every((status) => status['ready'] === true) ? 'Ready' : 'Not ready';
}

const at = (value: Json | undefined, ...path: string[]): Json | undefined => path.reduce<Json | undefined>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const count = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);
const objects = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
