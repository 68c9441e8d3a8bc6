import type { Json, JsonObject } from '../../text/json';
import type { Container } from '../../model/stack';
import type { RenderContext } from './context';

/** Where a pod may run: beside those with which it shares claims, on nodes with the labels asked for, spread as asked for. */
export function placementSpec(context: RenderContext, container: Container, sharing: string | undefined): JsonObject {
  const near = { labelSelector: { matchLabels: { [sharing ?? '']: 'true' } }, topologyKey: 'kubernetes.io/hostname' };
  const own = { labelSelector: { matchLabels: context.selector(container.name) }, topologyKey: 'kubernetes.io/hostname' };
  const expressions = (container.placement ?? []).map((constraint): Json => (constraint.value === undefined ? { key: constraint.label, operator: constraint.equal ? 'Exists' : 'DoesNotExist' }
    : { key: constraint.label, operator: constraint.equal ? 'In' : 'NotIn', values: [constraint.value] }));
  const affinity: JsonObject = {
    ...(expressions.length === 0 ? {} : { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: expressions }] } } }),
    ...(sharing === undefined || container.everyNode === true ? {} : { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } }),
    ...(container.maxPerNode === 1 ? { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [own] } } : {}),
  };
  if ((container.maxPerNode ?? 0) > 1) context.find('placement', 'ignored', container.origin, `Kubernetes has no number of replicas per node but one; those of ${container.name} are spread by the scheduler.`);
  const spread = (container.spreadOver ?? []).map((key): Json => ({ maxSkew: 1, topologyKey: key, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: own.labelSelector }));
  return { ...(Object.keys(affinity).length === 0 ? {} : { affinity }), ...(spread.length === 0 ? {} : { topologySpreadConstraints: spread }) };
}
