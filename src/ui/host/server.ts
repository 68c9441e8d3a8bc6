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
