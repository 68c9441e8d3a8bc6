import { number, text } from '../../coolify/parse';
import type { Cluster } from '../../cluster';
import type { Expectation } from '../../core';
import type { Manifest } from '../../model/manifest';
import { isObject, plainJson } from '../../text/json';
import { loadCore } from './bundles';

/** What of a rendering is in the cluster already: the plan is refused when that moves, and what others made is not touched without consent. */
export interface LiveState {
  expect: Expectation[];
  /** As `service/web`. */
  foreign: string[];
}

/** Asks for every object by its name. @throws ClusterError */
export async function liveStateOf(cluster: Cluster, manifests: readonly Manifest[], signal: AbortSignal): Promise<LiveState> {
  const { ownerLabel } = loadCore();
  const seen = await Promise.all(manifests.map(async ({ apiVersion, kind, metadata: { name, namespace } }) => {
    const live = await cluster.get({ apiVersion, kind, name, ...(namespace !== undefined && { namespace }) }, signal);
    const seen = live && plainJson(live.metadata);
    const [uid, generation] = isObject(seen) ? [text(seen, 'uid'), number(seen, 'generation')] : [];
    return {
      expectation: { kind, name, ...(uid !== undefined && { uid }), ...(generation !== undefined && { generation }) },
      foreign: live !== undefined && live.metadata.labels?.[ownerLabel] !== 'coolify-kubernetes' ? [`${kind.toLowerCase()}/${name}`] : [],
    };
  }));
  return { expect: seen.map(({ expectation }) => expectation), foreign: seen.flatMap(({ foreign }) => foreign) };
}
