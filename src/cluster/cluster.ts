import { createAgents } from './connections';
import { Discovery } from './discovery';
import { ClusterError, shown } from './errors';
import { readAccess } from './kubeconfig';
import { listObjects } from './lists';
import { readLogs } from './logs';
import { dryRun, getObject } from './manifests';
import { isAllowed, missingPermissions } from './permissions';
import { listenForPod, notForwardable, type PodPort } from './portForward';
import { Transport } from './transport';
import type { Cluster, OpenOptions } from './types';
import { watchObjects } from './watch';
import { createWatch } from './watchStream';

const defaultTimeoutMs = 20_000;

/**
 * The API server of a kubeconfig's context. Connects at the first request.
 * @throws ClusterError (`kubeconfig-…`) for a kubeconfig that cannot be used
 */
export function openCluster(kubeconfig: string, options: OpenOptions = {}): Cluster {
  const access = readAccess(kubeconfig, options.context, options.files ?? {});
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const agents = createAgents(access, options.dial, timeoutMs);
  const transport = new Transport(access, agents, timeoutMs);
  const discovery = new Discovery(transport);
  const watch = createWatch(transport, agents);
  const namespace = access.namespace ?? 'default';
  return {
    server: access.server.href.replace(/\/$/, ''), contextName: access.contextName, warnings: access.warnings, ...(access.namespace !== undefined && { defaultNamespace: access.namespace }),
    version: (signal) => version(transport, signal),
    get: (ref, signal) => getObject(transport, discovery, ref, namespace, signal),
    dryRun: (manifest, how) => dryRun(transport, discovery, manifest, namespace, how),
    list: async (apiVersion, kind, how = {}) => (await listObjects(transport, discovery, apiVersion, kind, how)).items,
    watch: (apiVersion, kind, how, onChange) => watchObjects({ transport, discovery, watch }, apiVersion, kind, how, onChange),
    logs: (pod, how, onText) => readLogs(transport, pod, how, onText),
    missingPermissions: (rules, signal) => missingPermissions(transport, rules, signal),
    forwardPort: async (target, how = {}) => {
      await checkForward(transport, discovery, target);
      return listenForPod(transport, agents, target, how.onProblem);
    },
    close: () => { transport.close(); },
  };
}

async function version(transport: Transport, signal: AbortSignal | undefined): Promise<string> {
  const { gitVersion } = await transport.object({ path: '/version', what: 'read the version', signal });
  if (typeof gitVersion !== 'string') throw new ClusterError('not-kubernetes', `${transport.server} tells no Kubernetes version.`, 'Check the server address in the kubeconfig.');
  return shown(gitVersion, 60);
}

/** A WebSocket's refusal carries no reason, so the usual ones are looked for beforehand. */
async function checkForward(transport: Transport, discovery: Discovery, { namespace, pod }: PodPort): Promise<void> {
  const object = await transport.answer({ path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`, what: `read pod ${pod}` });
  if (object.code >= 400 && object.code !== 404) throw transport.refusal(object.code, object.body, `read pod ${pod}`);
  const reason = notForwardable(object.code === 404 ? undefined : object.body, pod);
  if (reason !== undefined) throw new ClusterError('not-found', reason, 'Choose a pod that runs.', 404);
  if (!(await isAllowed(transport, { verb: 'get', group: '', resource: 'pods/portforward', namespace }))) {
    throw new ClusterError('forbidden', `This account may not forward ports of pods in the namespace ${namespace}.`, 'Have the cluster\'s administrator grant get and create on pods/portforward with a Role.', 403);
  }
}
