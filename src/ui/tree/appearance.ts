import type { ResourceSummary, Server, Status } from '../../model/instance';
import { commands, rowKinds } from '../ids';
import type { KubernetesDestination } from '../../model/destination';
import type { Deployed, Pod } from './deployed';
import { nodeId, type Node } from './nodes';

/** Translates a text; `vscode.l10n.t` in the editor. */
export type Translate = (message: string, ...values: string[]) => string;

/** A row as it looks, in plain values. */
export interface Row {
  id: string; label: string; description?: string; tooltip: string; spoken: string;
  icon: string; color?: string; context: string; expandable: boolean;
  command?: { id: string; title: string };
}

export function appearance(node: Node, t: Translate): Row {
  const row = look(node, t);
  return { spoken: [row.label, row.description].filter(Boolean).join(', '), tooltip: row.label, ...row, id: nodeId(node) };
}

type Look = Omit<Row, 'id' | 'tooltip' | 'spoken'> & Partial<Pick<Row, 'tooltip' | 'spoken'>>;

function look(node: Node, t: Translate): Look {
  switch (node.type) {
    case 'instance':
      return { label: node.instance.name, description: node.instance.origin, icon: 'cloud', context: rowKinds.instance, expandable: true, spoken: t('{0}, Coolify instance', node.instance.name), tooltip: node.instance.origin };
    case 'server': return serverLook(node.server, t);
    case 'destination': {
      const kind = node.destination.kind === 'swarm' ? t('Docker Swarm') : t('Docker');
      return { label: node.destination.name, description: kind, icon: node.destination.kind === 'swarm' ? 'server-environment' : 'package', context: rowKinds.destination, expandable: true, tooltip: t('{0}, network {1}', kind, node.destination.network) };
    }
    case 'kubernetes': return kubernetesLook(node.destination, t);
    case 'deployed': return deployedLook(node, t);
    case 'pod': return podLook(node.pod, t);
    case 'clusterError':
      return { label: t('Not connected'), description: node.message, tooltip: t('{0} Press Enter to try again.', node.message), icon: 'debug-disconnect', context: rowKinds.message, expandable: false, spoken: t('Not connected: {0} Press Enter to connect.', node.message), command: { id: commands.refresh, title: t('Connect') } };
    case 'nothingDeployed': return { label: t('Nothing deployed here'), icon: 'info', context: rowKinds.message, expandable: false };
    case 'projects': return { label: t('Projects'), icon: 'folder-library', context: rowKinds.project, expandable: true };
    case 'project': return { label: node.project.name, icon: 'project', context: rowKinds.project, expandable: true, tooltip: node.project.description ?? node.project.name };
    case 'environment': return { label: node.environment.name, icon: 'layers', context: rowKinds.environment, expandable: true };
    case 'resource': return resourceLook(node.resource, t);
    case 'noKubernetes':
      return { label: t('Add Kubernetes destination…'), icon: 'add', context: rowKinds.message, expandable: false, tooltip: t('{0} has no Kubernetes destination yet.', node.server.name), command: { id: commands.addDestination, title: t('Add Kubernetes destination…') } };
    case 'signIn':
      return { label: t('Sign in again'), icon: 'key', context: rowKinds.message, expandable: false, tooltip: t('There is no valid token for {0}.', node.instance.origin), command: { id: commands.signIn, title: t('Sign in again') } };
    case 'error':
      return { label: t('Could not be read'), description: node.message, tooltip: node.message, icon: 'error', color: 'errorForeground', context: rowKinds.message, expandable: false, spoken: t('{0} Press Enter to try again.', node.message), command: { id: commands.refresh, title: t('Try again') } };
    case 'nothing': return { label: nothing(node.what, t), icon: 'info', context: rowKinds.message, expandable: false };
  }
}

function nothing(what: 'resources' | 'environments' | 'projects' | 'servers', t: Translate): string {
  switch (what) {
    case 'resources': return t('No resources here');
    case 'environments': return t('No environments here');
    case 'projects': return t('No projects that this token can see');
    case 'servers': return t('No servers that this token can see');
  }
}

function kubernetesLook(destination: KubernetesDestination, t: Translate): Look {
  const { applyWith, ssh, namespace, ingress } = destination;
  const how = applyWith === 'preview' ? t('Kubernetes destination, for previews only') : applyWith === 'kubeconfig' ? t('Kubernetes destination, through a kubeconfig: preview and diff') : t('Kubernetes destination');
  return {
    label: destination.name, description: t('Kubernetes'), icon: 'symbol-namespace', context: `${rowKinds.kubernetes}.${applyWith}`, expandable: applyWith !== 'preview',
    tooltip: [destination.name, how, ssh && `${ssh.user}@${ssh.host}:${String(ssh.port)}`, namespace === undefined ? t('one namespace for each resource') : t('namespace {0}', namespace), t('ingress: {0}', ingress.className ?? ingress.kind)].filter(Boolean).join('\n'),
  };
}

function deployedLook({ name, deployed }: { name: string; deployed: Deployed }, t: Translate): Look {
  const { ready, desired, pods } = deployed;
  const state = desired === 0 ? t('scaled to 0') : t('{0}/{1} ready', String(ready), String(desired));
  const look = desired === 0 ? { icon: 'circle-outline' } : ready >= desired ? { icon: 'pass-filled', color: 'testing.iconPassed' } : { icon: 'warning', color: 'list.warningForeground' };
  return { label: name, description: state, ...look, context: rowKinds.deployed, expandable: pods.length > 0, spoken: t('{0}, on Kubernetes, {1}', name, state), tooltip: [name, state, t('namespace {0}', deployed.namespace)].join('\n') };
}

function podLook(pod: Pod, t: Translate): Look {
  const failed = !pod.ready && !['Pending', 'Not ready', 'Terminating', 'Completed'].includes(pod.state);
  const look = pod.ready || pod.state === 'Completed' ? { icon: 'pass', color: 'testing.iconPassed' } : failed ? { icon: 'error', color: 'errorForeground' } : { icon: 'sync' };
  const restarts = pod.restarts === 0 ? '' : t('{0} restarts', String(pod.restarts));
  return {
    label: pod.name, description: [pod.state, restarts].filter(Boolean).join(', '), ...look, context: rowKinds.pod, expandable: false, spoken: t('{0}, pod, {1}', pod.name, pod.state),
    tooltip: [pod.name, pod.state, restarts, t('containers: {0}', pod.containers.join(', ')), pod.ports.length === 0 ? '' : t('ports: {0}', pod.ports.join(', '))].filter(Boolean).join('\n'),
  };
}

function serverLook(server: Server, t: Translate): Look {
  const state = !server.reachable ? t('not reachable') : server.usable ? t('reachable') : t('not usable');
  const offers = [
    server.coolifyHost && t('runs Coolify'), server.swarmManager && t('Swarm manager'), server.buildServer && t('build server'),
    server.cloudflareTunnel && t('behind a Cloudflare tunnel'),
  ].filter((offer) => offer !== false);
  const healthy = server.reachable && server.usable;
  return {
    label: server.name, description: server.reachable && server.usable ? server.ip : state, icon: healthy ? 'server' : 'warning', ...(!healthy && { color: 'list.warningForeground' }),
    context: rowKinds.server, expandable: true, spoken: t('{0}, server, {1}', server.name, state),
    tooltip: [server.name, `${server.user}@${server.ip}:${server.port}`, [state, ...offers].join(', '), server.description].filter(Boolean).join('\n'),
  };
}

function resourceLook(resource: ResourceSummary, t: Translate): Look {
  const state = [resource.status.state, resource.status.health].filter(Boolean).join(', ');
  const type = resource.type.replace(/^standalone-/, '');
  return {
    label: resource.name, description: type, ...statusIcon(resource.status), context: `${rowKinds.resource}.${resource.kind}`, expandable: false,
    spoken: t('{0}, {1}, {2}', resource.name, type, state),
    tooltip: [resource.name, `${type}: ${state}`, [resource.projectName, resource.environmentName].filter(Boolean).join(' / '), resource.description].filter(Boolean).join('\n'),
  };
}

/** Icon and colour of a state: shape alone tells them apart too. */
export function statusIcon(status: Status): { icon: string; color?: string } {
  switch (status.state) {
    case 'running':
      if (status.health === 'unhealthy') return { icon: 'warning', color: 'list.warningForeground' };
      return status.health === 'healthy' ? { icon: 'pass-filled', color: 'testing.iconPassed' } : { icon: 'circle-filled', color: 'testing.iconPassed' };
    case 'degraded': return { icon: 'warning', color: 'list.warningForeground' };
    case 'starting': case 'restarting': case 'created': return { icon: 'sync' };
    case 'paused': return { icon: 'debug-pause' };
    case 'exited': case 'stopped': case 'dead': case 'removing': return { icon: 'circle-outline' };
    default: return { icon: 'question' };
  }
}
