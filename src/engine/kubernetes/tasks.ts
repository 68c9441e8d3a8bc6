import { isObject } from '../../text/json';
import type { JsonObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container } from '../../model/stack';
import type { RenderContext } from './context';
import { escapeExpansion, secretManifest } from './secrets';
import { objectName, shortHash } from './naming';
import { placementSpec } from './placement';
import type { Pod } from './workload';

/** Coolify runs a task inside the running container; here a pod of its own runs it, with the same image, variables and volumes. */
export function cronJobs(context: RenderContext, pod: Pod, spec: JsonObject, sharing: string | undefined): Manifest[] {
  const { scheduledTasks, containers } = context.stack;
  return scheduledTasks.flatMap((task) => {
    const target = containers.find((container) => container.name === task.container || container.hostNames.includes(task.container ?? '')) ?? containers[0];
    if (target === undefined || !pod.includes(target) || !Array.isArray(spec['containers'])) return [];
    const original = spec['containers'].filter(isObject).find((container) => container['name'] === context.nameOf(target.name));
    if (original === undefined) return [];
    context.find('task', 'approximated', task.origin, `The task "${task.name}" runs in a pod of its own, not inside the running container.`);
    const name = objectName(`${context.nameOf(target.name).slice(0, 24)}-${task.name.slice(0, 16)}-${shortHash(task.uuid, 6)}`, 52);
    const { container, secret } = taskContainer(context, target, name, task.command, without(original, ['readinessProbe', 'startupProbe', 'lifecycle', 'ports', 'args', 'stdin', 'tty']));
    const podOptions = without(spec, ['hostname', 'initContainers']);
    const labels = { ...context.labels(target), ...(sharing === undefined ? {} : { [sharing]: 'true' }) };
    // A claim that one node holds is reached from that node only.
    const near = hasClaims(spec) ? { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: context.selector(pod[0].name) }, topologyKey: 'kubernetes.io/hostname' }] } } : {};
    // Nodes that the container may run on are the task's too; keeping away from its own kind is not.
    const { maxPerNode: _own, ...owner } = pod[0];
    const placed = placementSpec(context, owner, sharing)['affinity'];
    const affinity = { ...(isObject(placed) ? placed : {}), ...near };
    const nodes = { ...context.destination.scale?.nodeSelector, ...(isObject(podOptions['nodeSelector']) ? podOptions['nodeSelector'] : {}) };
    const template = { metadata: { labels }, spec: { restartPolicy: 'Never', ...podOptions, ...(Object.keys(nodes).length === 0 ? {} : { nodeSelector: nodes }), ...(Object.keys(affinity).length === 0 ? {} : { affinity }), containers: [container] } };
    return [...secret, context.object('batch/v1', 'CronJob', name, {
      spec: {
        schedule: task.schedule, ...(task.timeZone === undefined ? {} : { timeZone: task.timeZone }), concurrencyPolicy: 'Forbid', suspend: !task.enabled || context.stack.running === false,
        jobTemplate: { spec: { backoffLimit: 0, ...(task.timeoutSeconds > 0 ? { activeDeadlineSeconds: task.timeoutSeconds } : {}), template } },
      },
    }, target)];
  });
}

/** A command that holds a secret travels in a Secret; the shell takes it from a variable. */
function taskContainer(context: RenderContext, target: Container, name: string, command: string, same: JsonObject): { container: JsonObject; secret: Manifest[] } {
  if (!context.secretValues.some((value) => command.includes(value))) return { container: { ...same, command: ['/bin/sh', '-c', escapeExpansion(command)] }, secret: [] };
  const variable = { name: 'COOLIFY_TASK_COMMAND', valueFrom: { secretKeyRef: { name: `${name}-command`, key: 'command' } } };
  const env = Array.isArray(same['env']) ? same['env'] : [];
  const container = { ...same, env: [...env, variable], command: ['/bin/sh', '-c', 'eval "$COOLIFY_TASK_COMMAND"'] };
  return { container, secret: [secretManifest(context, `${name}-command`, new Map([['command', command]]), target)] };
}

function hasClaims(spec: JsonObject): boolean {
  return Array.isArray(spec['volumes']) && spec['volumes'].some((volume) => isObject(volume) && 'persistentVolumeClaim' in volume);
}

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
