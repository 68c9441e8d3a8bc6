import { isObject, scalarNumber } from '../text/json';
import type { Json } from '../text/json';
import type { Container } from '../model/stack';
import { strings } from './composeValues';
import type { FindingList } from './findings';

/** Swarm's names for what a node is, as Kubernetes labels. */
const nodeKeys: Record<string, string> = { 'node.hostname': 'kubernetes.io/hostname', 'node.platform.os': 'kubernetes.io/os', 'node.platform.arch': 'kubernetes.io/arch', 'node.id': 'kubernetes.io/hostname' };
const architectures: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm' };
const controlPlane = 'node-role.kubernetes.io/control-plane';

type Constraint = NonNullable<Container['placement']>[number];

/** `deploy.placement`: constraints become node affinity, preferences a spread over nodes (Docker: "docker service create --constraint"). */
export function readPlacement(container: Container, value: Json | undefined, path: string[], findings: FindingList): void {
  if (!isObject(value)) return;
  const constraints = strings(value['constraints']).flatMap((text, index): Constraint[] => {
    const constraint = readConstraint(text);
    if (constraint === undefined) findings.add('placement', 'approximated', [...path, 'constraints', String(index)], `"${text}" says nothing that a node in a cluster has; any node will do.`, { fix: 'Use a label of the nodes: node.labels.KEY == VALUE.' });
    return constraint === undefined ? [] : [constraint];
  });
  if (constraints.length > 0) {
    container.placement = constraints;
    findings.add('placement', 'translated', [...path, 'constraints'], 'The nodes need the same labels in the cluster as they have in Swarm.');
  }
  const spread = (Array.isArray(value['preferences']) ? value['preferences'] : []).flatMap((item) => {
    const key = isObject(item) && typeof item['spread'] === 'string' ? labelKey(item['spread']) : undefined;
    return key === undefined ? [] : [key];
  });
  if (spread.length > 0) container.spreadOver = spread;
  const most = scalarNumber(value['max_replicas_per_node']);
  if (Number.isInteger(most) && most > 0) container.maxPerNode = most;
}

/** `node.labels.disk == ssd`, `node.role != manager`; undefined for what has no counterpart (`engine.labels…`). */
export function readConstraint(text: string): Constraint | undefined {
  const match = /^\s*([A-Za-z0-9_./-]+)\s*(==|!=)\s*(.+?)\s*$/.exec(text);
  if (match === null) return undefined;
  const [, name = '', sign, value = ''] = match;
  const equal = sign === '==';
  if (name === 'node.role') return { label: controlPlane, equal: (value === 'manager') === equal };
  const label = labelKey(name);
  return label === undefined ? undefined : { label, value: label === 'kubernetes.io/arch' ? architectures[value] ?? value : value, equal };
}

function labelKey(name: string): string | undefined {
  if (nodeKeys[name] !== undefined) return nodeKeys[name];
  const label = /^node\.labels\.(.+)$/.exec(name)?.[1];
  return label !== undefined && /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(label) ? label : undefined;
}
