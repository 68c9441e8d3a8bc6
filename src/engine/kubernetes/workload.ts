import type { JsonObject } from '../../text/json';
import type { Container } from '../../model/stack';
import type { Manifest } from '../../model/manifest';
import type { RenderContext } from './context';
import { containerLabel, labelValue, objectName, shortHash } from './naming';
import type { PodParts } from './pod';
import { escapeExpansion } from './secrets';
import { claimKeysOf, sharers } from './volumes';

const dependsOn = 'coolify-kubernetes/depends-on';

/** The object that runs a pod: Job, DaemonSet, StatefulSet or Deployment. */
export function workload(context: RenderContext, containers: readonly Container[], pod: PodParts): Manifest {
  const [first] = containers;
  if (first === undefined) throw new Error('A workload needs a container.');
  const name = context.nameOf(first.name);
  const template = podTemplate(context, containers, pod);
  const manifest = first.lifecycle.kind === 'job' ? job(context, first, name, template)
    : first.everyNode === true ? context.object('apps/v1', 'DaemonSet', name, { spec: { selector: { matchLabels: context.selector(first.name) }, template } }, first)
    : controller(context, containers, name, template);
  if (first.dependsOn.length > 0) manifest.metadata.annotations = { [dependsOn]: JSON.stringify(first.dependsOn.map((wait) => ({ workload: context.nameOf(wait.container), condition: wait.condition }))) };
  return manifest;
}

function podTemplate(context: RenderContext, containers: readonly Container[], pod: PodParts): JsonObject {
  const [first] = containers;
  const annotations: JsonObject = pod.contents.length === 0 ? {} : { 'coolify-kubernetes/config': shortHash(pod.contents.join('\0'), 16) };
  for (const container of containers) {
    for (const [key, value] of Object.entries(container.labels)) {
      if (/^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(key)) annotations[key] = value;
      else context.find('name', 'ignored', container.origin, `The label "${key}" is no legal annotation; nothing in the cluster reads it.`);
    }
  }
  const labels: JsonObject = { ...context.labels(first), ...(first === undefined ? {} : context.selector(first.name)) };
  for (const container of containers) for (const alias of sharedNames(context).filter((shared) => container.hostNames.includes(shared))) labels[aliasLabel(alias)] = 'true';
  for (const key of sharedClaims(context, containers)) labels[shareLabel(context, key)] = 'true';
  return { metadata: { labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) }, spec: pod.spec };
}

/** Names that several containers answer to: one Service for all of them, round robin as in Docker. */
export function sharedNames(context: RenderContext): string[] {
  const counts = new Map<string, number>();
  for (const name of context.stack.containers.flatMap((container) => container.hostNames)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1).map(([name]) => name).sort();
}

export function aliasLabel(name: string): string {
  return `coolify-kubernetes/alias-${objectName(name, 50)}`;
}

function sharedClaims(context: RenderContext, containers: readonly Container[]): string[] {
  return claimKeysOf(containers).filter((key) => sharers(context, key).length > 1);
}

function shareLabel(context: RenderContext, key: string): string {
  return `coolify-kubernetes/shares-${objectName(context.volumeNames.get(key) ?? key, 50)}`;
}

function job(context: RenderContext, container: Container, name: string, template: JsonObject): Manifest {
  const retries = container.lifecycle.kind === 'job' ? container.lifecycle.retries : 0;
  const spec = isSpec(template['spec']) ? { ...template['spec'], restartPolicy: retries > 0 ? 'OnFailure' : 'Never' } : {};
  const withPolicy = { ...template, spec };
  // A Job's template cannot be changed: another template is another Job.
  return context.object('batch/v1', 'Job', `${objectName(name, 52)}-${shortHash(JSON.stringify(withPolicy))}`, {
    spec: { backoffLimit: retries, ...(context.stack.running === false ? { suspend: true } : {}), template: withPolicy },
  }, container);
}

function isSpec(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

/** Any claim means one replica: a StatefulSet when the claims are the pod's own, else Deployments kept on one node. */
function controller(context: RenderContext, containers: readonly Container[], name: string, template: JsonObject): Manifest {
  const [first] = containers;
  if (first === undefined) throw new Error('A workload needs a container.');
  const keys = claimKeysOf(containers);
  const wanted = first.replicas ?? 1;
  const shared = sharedClaims(context, containers);
  const readWriteMany = context.destination.storage.sharedClassName !== undefined && keys.every((key) => shared.includes(key));
  const one = keys.length > 0 && !readWriteMany;
  if (one && wanted > 1) context.find('replicas', 'approximated', first.origin, `${first.name} mounts a claim that one pod at a time may use, so it runs once instead of ${String(wanted)} times.`, { fix: 'Use a storage class for sharing.' });
  const replicas = context.stack.running === false ? 0 : one ? Math.min(1, wanted) : wanted;
  const selector = { matchLabels: context.selector(first.name) };
  const common = { replicas, revisionHistoryLimit: 3, selector };
  if (keys.length > 0 && shared.length === 0) {
    return context.object('apps/v1', 'StatefulSet', name, { spec: { ...common, serviceName: context.nameOf(first.name), template } }, first);
  }
  const affinity = shared.length === 0 || readWriteMany ? {} : {
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: shared.map((key) => ({ labelSelector: { matchLabels: { [shareLabel(context, key)]: 'true' } }, topologyKey: 'kubernetes.io/hostname' })) } },
  };
  const spec = isSpec(template['spec']) ? { ...template['spec'], ...affinity } : affinity;
  const strategy = keys.length > 0 && !readWriteMany ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  return context.object('apps/v1', 'Deployment', name, { spec: { ...common, strategy, template: { ...template, spec } } }, first);
}

/** A scheduled task as a pod of its own with the image, variables and volumes of its container. */
export function cronJob(context: RenderContext, container: Container, pod: PodParts, task: { uuid: string; name: string; command: string; schedule: string; enabled: boolean; timeoutSeconds: number; timeZone?: string }): Manifest {
  const containers = pod.spec['containers'];
  const [main] = Array.isArray(containers) ? containers : [];
  const rest = Object.fromEntries(Object.entries(isSpec(main) ? main : {}).filter(([key]) => !['startupProbe', 'readinessProbe', 'ports', 'args'].includes(key)));
  const spec = { ...pod.spec, restartPolicy: 'Never', containers: [{ ...rest, command: ['/bin/sh', '-c', escapeExpansion(task.command)] }] };
  return context.object('batch/v1', 'CronJob', objectName(`${task.name}-${shortHash(task.uuid, 6)}`, 52), {
    spec: {
      schedule: task.schedule, ...(task.timeZone === undefined ? {} : { timeZone: task.timeZone }), concurrencyPolicy: 'Forbid', suspend: !task.enabled || context.stack.running === false,
      jobTemplate: { spec: { backoffLimit: 0, activeDeadlineSeconds: task.timeoutSeconds, template: { metadata: { labels: { ...context.labels(container), [containerLabel]: labelValue(`task-${task.uuid}`) } }, spec } } },
    },
  }, container);
}
