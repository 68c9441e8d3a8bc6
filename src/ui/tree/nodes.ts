import type { Environment, Project } from '../../coolify/parseInstance';
import type { KubernetesDestination } from '../../model/destination';
import type { DockerDestination, Instance, ResourceSummary, Server } from '../../model/instance';
import type { ClusterState } from '../host/clusterStates';
import type { Deployed, Pod } from './deployed';
import type { Loaded, Snapshot } from './session';

/** A row of the tree. What stands below a row is decided here, what it looks like in `appearance`. */
export type Node =
  | { type: 'instance'; instance: Instance }
  | { type: 'server'; instance: Instance; server: Server }
  | { type: 'destination'; instance: Instance; destination: DockerDestination }
  | { type: 'kubernetes'; instance?: Instance; destination: KubernetesDestination }
  | { type: 'projects'; instance: Instance }
  | { type: 'project'; instance: Instance; project: Project }
  | { type: 'environment'; instance: Instance; project: Project; environment: Environment }
  | { type: 'resource'; instance: Instance; resource: ResourceSummary; below: 'server' | 'project' }
  | { type: 'deployed'; instance?: Instance; destination: KubernetesDestination; deployed: Deployed; name: string }
  | { type: 'pod'; instance?: Instance; destination: KubernetesDestination; pod: Pod; uuid: string }
  | { type: 'clusterError'; instance?: Instance; destination: KubernetesDestination; message: string }
  | { type: 'nothingDeployed'; instance?: Instance; destination: KubernetesDestination }
  | { type: 'noKubernetes'; instance: Instance; server: Server }
  | { type: 'signIn'; instance: Instance }
  | { type: 'error'; instance: Instance; message: string }
  | { type: 'nothing'; instance: Instance; what: 'resources' | 'environments' | 'projects' | 'servers'; below: string };

/** Stable over refreshes, so that what is open stays open. */
export function nodeId(node: Node): string {
  switch (node.type) {
    case 'instance': case 'projects': case 'signIn': case 'error': return `${node.type} ${node.instance.origin}`;
    case 'server': return `server ${node.instance.origin} ${node.server.uuid}`;
    case 'noKubernetes': return `noKubernetes ${node.instance.origin} ${node.server.uuid}`;
    case 'destination': return `destination ${node.instance.origin} ${node.destination.uuid}`;
    case 'kubernetes': return `kubernetes ${node.destination.id}`;
    case 'deployed': return `deployed ${node.destination.id} ${node.deployed.namespace} ${node.deployed.uuid}`;
    case 'pod': return `pod ${node.destination.id} ${node.pod.namespace} ${node.pod.name}`;
    case 'clusterError': case 'nothingDeployed': return `${node.type} ${node.destination.id}`;
    case 'project': return `project ${node.instance.origin} ${node.project.uuid}`;
    case 'environment': return `environment ${node.instance.origin} ${node.project.uuid} ${node.environment.name}`;
    case 'resource': return `resource ${node.below} ${node.instance.origin} ${node.resource.uuid}`;
    case 'nothing': return `nothing ${node.what} ${node.instance.origin} ${node.below}`;
  }
}

export function roots(instances: readonly Instance[], destinations: readonly KubernetesDestination[]): Node[] {
  return [
    ...instances.map((instance): Node => ({ type: 'instance', instance })),
    ...destinations.filter((d) => d.server === undefined).map((destination): Node => ({ type: 'kubernetes', destination })),
  ];
}

/** The rows below a Kubernetes destination: what of which resource runs there. A resource is called as in Coolify where that is known. */
export function clusterRows(node: Node & { type: 'kubernetes' }, state: ClusterState, resources: readonly ResourceSummary[]): Node[] {
  const { destination } = node;
  const beside = { ...(node.instance && { instance: node.instance }), destination };
  if (state.kind === 'failed') return [{ type: 'clusterError', ...beside, message: state.message }];
  if (state.deployed.length === 0) return [{ type: 'nothingDeployed', ...beside }];
  return state.deployed.map((deployed) => ({ type: 'deployed', ...beside, deployed, name: resources.find(({ uuid }) => uuid === deployed.uuid)?.name ?? deployed.namespace }));
}

/** Resources below a row, however deep; of a Kubernetes destination those of the server that it stands beside. */
export function resourcesBelow(node: Node, { resources }: Pick<Snapshot, 'resources'>): ResourceSummary[] {
  const of = (wanted: (resource: ResourceSummary) => boolean): ResourceSummary[] => resources.filter(wanted);
  switch (node.type) {
    case 'instance': case 'projects': return [...resources];
    case 'server': return of(({ serverUuid }) => serverUuid === node.server.uuid);
    case 'destination': return of(({ destinationUuid }) => destinationUuid === node.destination.uuid);
    case 'kubernetes': return of(({ serverUuid }) => node.destination.server === undefined || serverUuid === node.destination.server);
    case 'project': return of(({ projectUuid }) => projectUuid === node.project.uuid);
    case 'environment': return of(({ projectUuid, environmentName }) => projectUuid === node.project.uuid && environmentName === node.environment.name);
    case 'resource': return [node.resource];
    default: return [];
  }
}

export function podRows({ destination, deployed, instance }: Node & { type: 'deployed' }): Node[] {
  return deployed.pods.map((pod) => ({ type: 'pod', ...(instance && { instance }), destination, pod, uuid: deployed.uuid }));
}

/** The rows below an instance or anything in it. */
export function childrenOf(node: Node, loaded: Loaded, kubernetes: readonly KubernetesDestination[]): Node[] {
  const { instance } = node;
  if (instance === undefined) return [];
  if (loaded.kind === 'signedOut') return [{ type: 'signIn', instance }];
  if (loaded.kind === 'failed') return [{ type: 'error', instance, message: loaded.message }];
  return belowReady(node, instance, loaded.snapshot, kubernetes);
}

function belowReady(node: Node, instance: Instance, snapshot: Snapshot, kubernetes: readonly KubernetesDestination[]): Node[] {
  const resources = (below: 'server' | 'project', wanted: (resource: ResourceSummary) => boolean): Node[] =>
    snapshot.resources.filter(wanted).sort((a, b) => a.name.localeCompare(b.name, 'en')).map((resource) => ({ type: 'resource', instance, resource, below }));
  const orNothing = (rows: Node[], what: 'resources' | 'environments' | 'projects' | 'servers'): Node[] =>
    rows.length > 0 ? rows : [{ type: 'nothing', instance, what, below: nodeId(node) }];
  switch (node.type) {
    case 'instance':
      return [...orNothing(snapshot.servers.map((server) => ({ type: 'server', instance, server })), 'servers'), { type: 'projects', instance }];
    case 'server': {
      const { server } = node;
      const { uuid } = server;
      const beside = kubernetes.filter((d) => d.server === uuid && (d.instance === undefined || d.instance === instance.origin));
      const docker = snapshot.destinations.filter((d) => d.serverUuid === uuid);
      const listed = new Set(docker.map((d) => d.uuid));
      return orNothing([
        ...docker.map((destination): Node => ({ type: 'destination', instance, destination })),
        ...beside.map((destination): Node => ({ type: 'kubernetes', instance, destination })), ...(beside.length === 0 ? [{ type: 'noKubernetes' as const, instance, server }] : []),
        ...resources('server', (r) => r.serverUuid === uuid && (r.destinationUuid === undefined || !listed.has(r.destinationUuid))),
      ], 'resources');
    }
    case 'destination': return orNothing(resources('server', (r) => r.destinationUuid === node.destination.uuid), 'resources');
    case 'projects': return orNothing(snapshot.projects.map((project) => ({ type: 'project', instance, project })), 'projects');
    case 'project': return orNothing((node.project.environments ?? []).map((environment) => ({ type: 'environment', instance, project: node.project, environment })), 'environments');
    case 'environment':
      return orNothing(resources('project', (r) => r.projectUuid === node.project.uuid && r.environmentName === node.environment.name), 'resources');
    default: return [];
  }
}
