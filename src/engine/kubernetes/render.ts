import type { KubernetesDestination, Neighbours } from '../../model/destination';
import type { Manifest } from '../../model/manifest';
import type { Rendering } from '../../model/rendering';
import type { Container, Stack } from '../../model/stack';
import { RenderContext } from './context';
import { findHostReferences, rewriteIllegalNames } from './hosts';
import { ownerLabel, resourceLabel } from './naming';
import { podSpec } from './pod';
import type { PodParts } from './pod';
import { portsOf } from './ports';
import { routes } from './routes';
import { secretManifest, stackSecrets } from './secrets';
import { services } from './services';
import { claims } from './volumes';
import { cronJob, workload } from './workload';

/**
 * A stack as Kubernetes objects in the order in which they are applied. Pure: the same stack, destination and neighbours give
 * the same objects.
 */
export function render(original: Stack, destination: KubernetesDestination, neighbours: Neighbours): Rendering {
  const stack = structuredClone(original);
  const context = new RenderContext(stack, destination, neighbours);
  const references = findHostReferences(context);
  const ports = new Map(stack.containers.map((container) => [container.name, portsOf(container, references, context)]));
  rewriteIllegalNames(context);
  const secrets = stackSecrets(context);
  const sharedEnv = sharedSecret(context);
  const pods = podGroups(context).map((containers) => ({ containers, pod: podSpec(context, containers, { secrets, portsOf: ports, ...(sharedEnv === undefined ? {} : { sharedEnv: sharedEnv.metadata.name }) }) }));
  for (const { pod } of pods) if (sharedEnv !== undefined) pod.contents.push(JSON.stringify(sharedEnv['data']));
  const workloads = pods.map(({ containers, pod }) => ({ containers, manifest: workload(context, containers, pod) }));
  reportDependencies(context);
  const parts = pods.flatMap(({ pod }) => pod.manifests);
  const kinds = (kind: string): Manifest[] => parts.filter((manifest) => manifest.kind === kind);
  return {
    namespace: context.namespace,
    manifests: [
      ...namespaceObject(context), ...(sharedEnv === undefined ? [] : [sharedEnv]), ...kinds('Secret'), ...kinds('ConfigMap'), ...claims(context), ...services(context, ports, references),
      ...byLevel(workloads), ...tasks(context, pods), ...routes(context, ports),
    ],
    findings: context.findings,
    hostReferences: references.map(({ container, where, host, port, resolved }) => ({ container, where, host, ...(port === undefined ? {} : { port }), resolved })),
  };
}

function namespaceObject(context: RenderContext): Manifest[] {
  if (context.destination.namespace !== undefined) return [];
  const labels = context.labels();
  return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: context.namespace, labels: { [ownerLabel]: labels[ownerLabel] ?? '', [resourceLabel]: labels[resourceLabel] ?? '' } } }];
}

/** Coolify's `.env`: every container of the resource receives it; its own variables win. */
function sharedSecret(context: RenderContext): Manifest | undefined {
  const data = new Map<string, string>();
  for (const variable of context.stack.sharedEnv) if (/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(variable.name)) data.set(variable.name, variable.value);
  return data.size === 0 ? undefined : secretManifest(context, 'shared-env', data);
}

function podGroups(context: RenderContext): Container[][] {
  const groups = new Map<string, Container[]>();
  for (const container of context.stack.containers) {
    const pod = context.podOf(container.name);
    groups.set(pod, [...(groups.get(pod) ?? []), container]);
  }
  // The pod's own container first: it decides on the pod.
  return [...groups].map(([pod, members]) => [...members].sort((a, b) => Number(b.name === pod) - Number(a.name === pod)));
}

/** Whoever is waited for comes first. */
function byLevel(workloads: readonly { containers: Container[]; manifest: Manifest }[]): Manifest[] {
  const levels = new Map<string, number>();
  const waits = new Map(workloads.map(({ containers }) => [containers[0]?.name ?? '', containers.flatMap((container) => container.dependsOn.map((wait) => wait.container))]));
  const level = (name: string, open: ReadonlySet<string>): number => {
    const known = levels.get(name);
    if (known !== undefined || open.has(name)) return known ?? 0;
    const found = Math.max(0, ...(waits.get(name) ?? []).map((wait) => level(wait, new Set([...open, name])) + 1));
    levels.set(name, found);
    return found;
  };
  return workloads.map(({ containers, manifest }, index) => ({ manifest, index, at: level(containers[0]?.name ?? '', new Set()) })).sort((a, b) => a.at - b.at || a.index - b.index).map(({ manifest }) => manifest);
}

function tasks(context: RenderContext, pods: readonly { containers: Container[]; pod: PodParts }[]): Manifest[] {
  return context.stack.scheduledTasks.flatMap((task) => {
    const wanted = pods.find(({ containers }) => containers[0]?.name === task.container) ?? (task.container === undefined || pods.length === 1 ? pods[0] : undefined);
    const container = wanted?.containers[0];
    if (wanted !== undefined && container !== undefined) return [cronJob(context, container, wanted.pod, task)];
    context.find('dependency', 'refused', task.origin, `The task "${task.name}" names no container of this resource.`, { fix: 'Choose its container in Coolify.' });
    return [];
  });
}

function reportDependencies(context: RenderContext): void {
  for (const container of context.stack.containers) {
    if (container.dependsOn.length === 0) continue;
    context.find('dependency', 'approximated', container.origin, `${container.name} is applied after ${container.dependsOn.map((wait) => wait.container).join(', ')}; after a restart of the node it is restarted until they answer.`);
  }
}
