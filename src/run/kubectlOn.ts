import type { KubernetesDestination } from '../model/destination';
import type { Connection } from '../ssh';
import { imageToolsOf, type ImageTools } from './imageTools';
import { probeServer } from './probe';
import { sudoWords } from './sudo';

/** kubectl as a server has it: what a plan needs to know of it. */
export interface KubectlOnServer {
  /** The command with its fixed arguments. */
  kubectl: string[];
  kubeconfigPath: string;
  sudo?: boolean;
  /** What sudo asks for; the run gets it as a file. */
  sudoPassword?: string;
  images: ImageTools;
}

/**
 * Finds kubectl and the kubeconfig of a destination on its server, in one round trip.
 * @throws Error where nothing can be run there, with the reason; SshError.
 */
export async function kubectlOn(connection: Connection, { kubeconfigPath, sudo }: KubernetesDestination, signal: AbortSignal): Promise<KubectlOnServer> {
  const probe = await probeServer(connection, { ...(kubeconfigPath !== undefined && { kubeconfigPath }), ...(sudo === true && { sudo }), signal });
  if (probe.kubectl === undefined) throw new Error(`There is no kubectl on ${connection.host}.`);
  if (probe.cluster === undefined) throw new Error(`The cluster of ${connection.host} does not answer: ${probe.kubeconfigs.find(({ reason }) => reason !== undefined)?.reason ?? probe.sudoRefusal ?? 'no kubeconfig works'}.`);
  return { kubectl: probe.kubectl.argv, kubeconfigPath: probe.cluster.kubeconfigPath, ...(probe.cluster.sudo && { sudo: true }), ...(connection.sudo?.password !== undefined && { sudoPassword: connection.sudo.password }), images: imageToolsOf(probe, sudoWords(connection)) };
}
