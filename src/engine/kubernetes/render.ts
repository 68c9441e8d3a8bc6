import type { KubernetesDestination, Neighbours } from '../../model/destination';
import type { Manifest } from '../../model/manifest';
import type { HostReference, RenderedHook, Rendering } from '../../model/rendering';
import type { ContainerPort, Stack } from '../../model/stack';
import { backupObjects } from './backups';
import { addCertificates, prepareCertificates } from './certificates';
import { RenderContext } from './context';
import { findHostReferences, nameOwnHosts, rewriteNames } from './hosts';
import { placeImages, renderedBuilds } from './image';
import { namespaceObject } from './naming';
import { inDependencyOrder } from './order';
import { podSpec } from './pod';
import { portsOf } from './ports';
import { remarks } from './remarks';
import { routeObjects } from './routes';
import { scaled } from './scale';
import { sharedEnvSecret } from './secrets';
import { nameServices, neighbourServices, publishedService } from './services';
import { cronJobs } from './tasks';
import { claims } from './volumes';
import { podsOf, sharingLabels, workload } from './workload';

/** Kinds in the order in which they are applied: what a pod needs stands before it. */
const order = ['Namespace', 'Secret', 'ConfigMap', 'PersistentVolume', 'PersistentVolumeClaim', 'Service', 'Middleware'];

/** What leads traffic to the pods comes last. */
const routeKinds = new Set(['Ingress', 'IngressRoute', 'Gateway', 'HTTPRoute']);

/** A stack as Kubernetes objects in apply order. Pure: the same input gives the same bytes. */
export function render(stack: Stack, destination: KubernetesDestination, neighbours: Neighbours): Rendering {
  // Rewriting changes text in place; the caller's stack stays as it is. Its findings are not touched.
  const context = new RenderContext(structuredClone({ ...stack, findings: [] }), destination, neighbours);
  placeImages(context);
  prepareCertificates(context);
  const found = findHostReferences(context);
  nameOwnHosts(context, found);
  rewriteNames(context);
  const ports = new Map(context.stack.containers.map((container) => [container.name, portsOf(container, found, context)]));
  const workloads = podObjects(context, ports);
  const objects = [
    ...(destination.namespace === undefined ? [namespaceObject(context.namespace, context.labels())] : []),
    ...claims(context), ...nameServices(context, ports, found), ...neighbourServices(context, found),
    ...context.stack.containers.flatMap((container) => publishedService(context, container) ?? []),
    ...workloads, ...routeObjects(context, ports),
  ];
  const hooks = renderedHooks(context, workloads);
  const builds = renderedBuilds(context);
  remarks(context, ports, found);
  const references = found.map(({ owner: _owner, assumed: _assumed, ...reference }): HostReference => reference);
  return { namespace: context.namespace, manifests: inApplyOrder(objects), findings: [...stack.findings, ...context.findings], hostReferences: references, ...(hooks.length === 0 ? {} : { hooks }), ...(builds.length === 0 ? {} : { builds }) };
}

function podObjects(context: RenderContext, ports: ReadonlyMap<string, ContainerPort[]>): Manifest[] {
  const sharedEnv = sharedEnvSecret(context);
  const sharing = sharingLabels(context);
  const shared = sharedEnv === undefined ? {} : { sharedEnv: sharedEnv.metadata.name };
  const workloads = inDependencyOrder(context, podsOf(context)).flatMap((pod) => {
    const parts = podSpec(context, pod, { portsOf: ports, ...shared });
    if (sharedEnv !== undefined) parts.contents.push(JSON.stringify(sharedEnv['data']));
    const certificates = addCertificates(context, pod, parts.spec);
    const main = scaled(context, pod[0], workload(context, pod, parts, sharing.get(pod[0].name)));
    return [...parts.manifests, ...certificates, ...main, ...cronJobs(context, pod, parts.spec, sharing.get(pod[0].name)), ...backupObjects(context, pod[0], parts.spec)];
  });
  return [...(sharedEnv === undefined ? [] : [sharedEnv]), ...workloads];
}

/** Pre- and post-deployment commands, with the workload in whose pod they run. */
function renderedHooks(context: RenderContext, workloads: readonly Manifest[]): RenderedHook[] {
  const { before, after } = context.stack.hooks ?? {};
  return ([['before', before], ['after', after]] as const).flatMap(([when, hook]): RenderedHook[] => {
    if (hook === undefined) return [];
    const name = context.nameOf(context.podOf(hook.container));
    const workload = workloads.find(({ kind, metadata }) => metadata.name === name && ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind));
    if (workload !== undefined) return [{ when, target: `${workload.kind.toLowerCase()}/${name}`, container: context.nameOf(hook.container), command: hook.command }];
    context.find('hook', 'refused', hook.origin, `${hook.container} is no workload that keeps running, so there is no container for the command ${when} the deployment.`, { fix: 'Name a container that keeps running.' });
    return [];
  });
}

function inApplyOrder(objects: readonly Manifest[]): Manifest[] {
  const rank = ({ kind }: Manifest): number => (routeKinds.has(kind) ? order.length + 1 : order.includes(kind) ? order.indexOf(kind) : order.length);
  return [...objects].sort((a, b) => rank(a) - rank(b));
}
