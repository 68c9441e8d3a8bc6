import { isObject } from '../../text/json';
import type { Json, JsonObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container } from '../../model/stack';
import type { RenderContext } from './context';

/** A workload with what the destination decides about scale. A number of replicas never stands beside an autoscaler, which owns it. */
export function scaled(context: RenderContext, owner: Container, manifest: Manifest): Manifest[] {
  const { scale } = context.destination;
  if (scale === undefined || manifest.kind === 'Job') return [manifest];
  const placed = scale.nodeSelector === undefined ? manifest : onNodes(manifest, scale.nodeSelector);
  const spec = specOf(placed);
  const strategy = isObject(spec['strategy']) ? spec['strategy']['type'] : undefined;
  const many = placed.kind === 'Deployment' && strategy !== 'Recreate' && context.stack.running !== false;
  if (!many) {
    if (scale.autoscale !== undefined && (placed.kind === 'StatefulSet' || strategy === 'Recreate')) context.find('scale', 'ignored', owner.origin, `${owner.name} keeps data on a volume, so it is not scaled.`);
    return [placed];
  }
  const { autoscale } = scale;
  const budget = scale.disruptionBudget === true && (autoscale?.minimum ?? Number(spec['replicas'] ?? 1)) > 1
    ? [context.object('policy/v1', 'PodDisruptionBudget', placed.metadata.name, { spec: { maxUnavailable: 1, selector: { matchLabels: context.selector(owner.name) } } }, owner)] : [];
  if (autoscale === undefined) return [placed, ...budget];
  const { replicas: _replicas, ...rest } = spec;
  return [{ ...placed, spec: rest }, autoscaler(context, owner, placed.metadata.name, autoscale), ...budget];
}

function autoscaler(context: RenderContext, owner: Container, name: string, { minimum, maximum, cpuPercent, memoryPercent }: NonNullable<NonNullable<RenderContext['destination']['scale']>['autoscale']>): Manifest {
  const metric = (resource: string, percent: number): Json => ({ type: 'Resource', resource: { name: resource, target: { type: 'Utilization', averageUtilization: percent } } });
  const cpu = cpuPercent ?? (memoryPercent === undefined ? 80 : undefined);
  const known = (limit: number | undefined, request: number | undefined): boolean => limit !== undefined || request !== undefined;
  const { resources } = owner;
  if ((cpu !== undefined && !known(resources.cpuLimit, resources.cpuRequest)) || (memoryPercent !== undefined && !known(resources.memoryLimit, resources.memoryRequest))) {
    context.find('scale', 'approximated', owner.origin, `${owner.name} has no request that its utilisation could be measured by; the autoscaler does nothing until it has.`, { fix: 'Set its CPU or memory limit in Coolify.' });
  }
  const metrics = [...(cpu === undefined ? [] : [metric('cpu', cpu)]), ...(memoryPercent === undefined ? [] : [metric('memory', memoryPercent)])];
  return context.object('autoscaling/v2', 'HorizontalPodAutoscaler', name, { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, minReplicas: minimum, maxReplicas: maximum, metrics } }, owner);
}

function onNodes(manifest: Manifest, labels: Record<string, string>): Manifest {
  const spec = specOf(manifest);
  const template = isObject(spec['template']) ? spec['template'] : {};
  const pod: JsonObject = isObject(template['spec']) ? template['spec'] : {};
  const nodeSelector = { ...labels, ...(isObject(pod['nodeSelector']) ? pod['nodeSelector'] : {}) };
  return { ...manifest, spec: { ...spec, template: { ...template, spec: { ...pod, nodeSelector } } } };
}

/** Every key of a manifest but `metadata` is JSON. */
function specOf({ metadata: _metadata, ...rest }: Manifest): JsonObject {
  const { spec } = rest as { spec?: Json };
  return isObject(spec) ? spec : {};
}
