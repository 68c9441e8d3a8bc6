import { isObject } from '../../text/json';
import type { JsonObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container } from '../../model/stack';
import type { RenderContext } from './context';
import { annotated, objectName, shortHash } from './naming';
import { placementSpec } from './placement';
import type { PodParts } from './pod';
import { aliasLabels } from './services';
import { claimKeysOf, holdsDatabase, isShareable, sharers } from './volumes';

/** The containers of one pod; the first gives it its name. */
export type Pod = readonly [Container, ...Container[]];

/** Containers with those that run in their network (`network_mode: service:x`). */
export function podsOf(context: RenderContext): Pod[] {
  const { containers } = context.stack;
  return containers.filter((container) => context.podOf(container.name) === container.name)
    .map((owner): Pod => [owner, ...containers.filter((container) => container !== owner && context.podOf(container.name) === owner.name)]);
}

/** Pods that share claims, directly, through others or as copies of each other, stand on one node: one label for the whole group. */
export function sharingLabels(context: RenderContext): Map<string, string> {
  const groups: Set<string>[] = [];
  for (const key of context.volumeNames.keys()) {
    const users = sharers(context, key);
    const copies = context.stack.containers.some((container) => users.includes(container.name) && (container.replicas ?? 1) > 1 && !holdsDatabase(context, key));
    if ((users.length < 2 && !copies) || isShareable(context, key)) continue;
    const touching = groups.filter((group) => users.some((user) => group.has(user)));
    for (const group of touching) groups.splice(groups.indexOf(group), 1);
    groups.push(new Set([...users, ...touching.flatMap((group) => [...group])]));
  }
  return new Map(groups.flatMap((group) => {
    const label = `coolify-kubernetes/shares-${shortHash([...group].sort().join('\0'))}`;
    return [...group].map((user): [string, string] => [user, label]);
  }));
}

/** `$(uuid)` and the key of the container, by which Services and workloads select; the rest is for people. */
function podLabels(context: RenderContext, pod: Pod, sharing: string | undefined): Record<string, string> {
  return { ...context.labels(pod[0]), ...context.selector(pod[0].name), ...Object.assign({}, ...pod.map((container) => aliasLabels(context, container))), ...(sharing === undefined ? {} : { [sharing]: 'true' }) };
}

/** What the runner orders by, and the seconds after which Docker would call the pod unhealthy; Kubernetes itself knows neither. */
function annotations(context: RenderContext, pod: Pod): Record<string, string> {
  const dependencies = pod.flatMap((container) => container.dependsOn).filter((dependency) => context.names.has(dependency.container));
  const unhealthyAfter = Math.max(0, ...pod.map(({ healthCheck }) => (healthCheck === undefined ? 0 : healthCheck.startPeriodSeconds + healthCheck.retries * healthCheck.intervalSeconds)));
  return {
    ...(dependencies.length === 0 ? {} : { 'coolify-kubernetes/depends-on': JSON.stringify(dependencies.map(({ container, condition }) => ({ container: context.nameOf(context.podOf(container)), condition }))) }),
    ...(unhealthyAfter === 0 ? {} : { 'coolify-kubernetes/unhealthy-after': String(Math.ceil(unhealthyAfter)) }),
  };
}

function userAnnotations(pod: Pod, context: RenderContext): Record<string, string> {
  const legal = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
  const kept = Object.entries(pod[0].labels).filter(([key, value]) => legal.test(key) && !/\.\.|(^|\.)kubernetes\.io\/|^coolify-kubernetes\//.test(key) && !context.secretValues.some((secret) => value.includes(secret)));
  for (const key of Object.keys(pod[0].labels)) if (!kept.some(([name]) => name === key)) context.find('label', 'ignored', pod[0].origin, `The label "${key}" of ${pod[0].name} is left out: it cannot be an annotation.`);
  return Object.fromEntries(kept);
}

/** Docker's copies of a container share its volumes on one server; so do the pods, on one node. Two servers on the files of one database would only destroy them. */
function replicas(context: RenderContext, pod: Pod, claims: readonly string[]): number {
  if (context.stack.running === false) return 0;
  const wanted = pod[0].replicas ?? 1;
  if (claims.length === 0 || wanted <= 1) return wanted;
  if (claims.some((key) => holdsDatabase(context, key))) {
    context.find('replicas', 'approximated', pod[0].origin, `${pod[0].name} keeps a database on a volume, so it runs once instead of ${String(wanted)} times.`);
    return 1;
  }
  if (!claims.every((key) => isShareable(context, key))) context.find('replicas', 'approximated', pod[0].origin, `The ${String(wanted)} pods of ${pod[0].name} share a volume, so they stand on one node.`, { fix: 'Give the destination a class for shared storage.' });
  return wanted;
}

/** The workload of one pod: Deployment, StatefulSet, DaemonSet or Job. */
export function workload(context: RenderContext, pod: Pod, parts: PodParts, sharing: string | undefined): Manifest {
  const [owner] = pod;
  const claims = claimKeysOf(pod);
  const job = owner.lifecycle.kind === 'job';
  const checksum = parts.contents.length === 0 ? {} : { 'checksum/config': shortHash(parts.contents.join('\0'), 32) };
  const restart = owner.lifecycle.kind === 'job' ? { restartPolicy: owner.lifecycle.retries > 0 ? 'OnFailure' : 'Never' } : {};
  const spec: JsonObject = { ...restart, ...placementSpec(context, owner, sharing), ...parts.spec };
  const podAnnotations = { ...userAnnotations(pod, context), ...checksum };
  const template: JsonObject = { metadata: { labels: podLabels(context, pod, sharing), ...(Object.keys(podAnnotations).length === 0 ? {} : { annotations: podAnnotations }) }, spec };
  const manifest = job ? jobOf(context, owner, template) : longRunning(context, pod, template, claims, sharing);
  return annotated(manifest, annotations(context, pod));
}

function daemonSet(context: RenderContext, owner: Container, name: string, template: JsonObject, claims: string[]): Manifest {
  if (claims.length > 0) context.find('daemon', 'approximated', owner.origin, `${owner.name} runs on every node and mounts a claim that only one node may hold.`, { fix: 'Give the destination a class for shared storage.' });
  const spec = isObject(template['spec']) ? template['spec'] : {};
  // A DaemonSet has no replicas: stopped means that no node fits.
  const stopped = context.stack.running === false ? { nodeSelector: { 'coolify-kubernetes/stopped': 'true' } } : {};
  const selector = { matchLabels: context.selector(owner.name) };
  return context.object('apps/v1', 'DaemonSet', name, { spec: { revisionHistoryLimit: 3, selector, template: { ...template, spec: { ...spec, ...stopped } } } }, owner);
}

function longRunning(context: RenderContext, pod: Pod, template: JsonObject, claims: string[], sharing: string | undefined): Manifest {
  const [owner] = pod;
  const name = context.nameOf(owner.name);
  const common = { selector: { matchLabels: context.selector(owner.name) }, template };
  if (owner.everyNode === true) return daemonSet(context, owner, name, template, claims);
  const count = { replicas: replicas(context, pod, claims), revisionHistoryLimit: 3 };
  const shared = sharing !== undefined || claims.some((key) => sharers(context, key).length > 1);
  const service = owner.hostNames[0] ?? pod.flatMap((container) => container.hostNames)[0];
  // Not OrderedReady: with it a pod that never became ready is not replaced by a mended one (Kubernetes docs, StatefulSet, "Forced rollback").
  // A StatefulSet names its pods itself, so one that was given a host name would lose it (RabbitMQ keeps its data under that name).
  if (claims.length > 0 && !shared && owner.hostname === undefined && service !== undefined) return context.object('apps/v1', 'StatefulSet', name, { spec: { ...count, podManagementPolicy: 'Parallel', serviceName: context.serviceName(service), ...common } }, owner);
  // An old and a new version must never write to one claim, not even while one replaces the other.
  return context.object('apps/v1', 'Deployment', name, { spec: { ...count, ...(claims.length > 0 ? { strategy: { type: 'Recreate' } } : {}), ...common } }, owner);
}

/** A Job cannot be changed, so its name holds a hash of what it runs. */
function jobOf(context: RenderContext, owner: Container, template: JsonObject): Manifest {
  const retries = owner.lifecycle.kind === 'job' ? owner.lifecycle.retries : 0;
  const name = objectName(`${context.nameOf(owner.name)}-${shortHash(JSON.stringify(template), 8)}`, 63);
  return context.object('batch/v1', 'Job', name, { spec: { backoffLimit: retries, ...(context.stack.running === false ? { suspend: true } : {}), template } }, owner);
}
