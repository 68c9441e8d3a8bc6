import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { ServerProbe } from '../../model/probe';
import { loadRemote } from './bundles';
import { sshTarget } from './clusters';
import type { Connections } from './connections';

/** What the server of a destination offers, as the destination's settings reach it. */
export async function probeOf(connections: Connections, destination: KubernetesDestination, signal: AbortSignal): Promise<ServerProbe> {
  const { kubeconfigPath, sudo } = destination;
  const connection = await connections.to(sshTarget(destination), { signal });
  return loadRemote().probeServer(connection, { ...(kubeconfigPath !== undefined && { kubeconfigPath }), ...(sudo === true && { sudo }), signal });
}

/** The kubectl of a destination's server with its fixed arguments; an error says why nothing can be run there. */
export async function kubectlOf(connections: Connections, destination: KubernetesDestination, signal: AbortSignal): Promise<string[]> {
  const probe = await probeOf(connections, destination, signal);
  const { t } = vscode.l10n;
  if (probe.kubectl === undefined) throw new Error(t('There is no kubectl on {0}.', destination.ssh?.host ?? destination.name));
  if (probe.cluster === undefined) throw new Error(t('The cluster of {0} does not answer: {1}', destination.name, probe.kubeconfigs.find(({ reason }) => reason !== undefined)?.reason ?? t('no kubeconfig works')));
  return probe.kubectl.argv;
}
