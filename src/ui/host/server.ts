import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import { loadRemote } from './bundles';
import { sshTarget } from './clusters';
import type { Connections } from './connections';

/** The kubectl of a destination's server with its fixed arguments; an error says why nothing can be run there. */
export async function kubectlOf(connections: Connections, destination: KubernetesDestination, signal: AbortSignal): Promise<string[]> {
  const connection = await connections.to(sshTarget(destination), { signal });
  const { kubeconfigPath, sudo } = destination;
  const probe = await loadRemote().probeServer(connection, { ...(kubeconfigPath !== undefined && { kubeconfigPath }), ...(sudo === true && { sudo }), signal });
  const { t } = vscode.l10n;
  if (probe.kubectl === undefined) throw new Error(t('There is no kubectl on {0}.', destination.ssh?.host ?? destination.name));
  if (probe.cluster === undefined) throw new Error(t('The cluster of {0} does not answer: {1}', destination.name, probe.kubeconfigs.find(({ reason }) => reason !== undefined)?.reason ?? t('no kubeconfig works')));
  return probe.kubectl.argv;
}
