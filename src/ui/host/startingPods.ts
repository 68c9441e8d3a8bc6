import { setTimeout as sleep } from 'node:timers/promises';
import { object, objects, text } from '../../coolify/parse';
import type { Cluster } from '../../cluster';
import type { JsonObject } from '../../text/json';
import { lineReader } from './logLines';

/** Of one container, so that a talkative program does not bury the run's own words. */
const mostLines = 300;
/** How often a log is asked for that the node does not have yet: a container counts as running a moment before. */
const tries = 6;

type Logs = Pick<Cluster, 'watch' | 'logs'>;

export interface StartingPods { namespace: string; selector: string; secrets: readonly string[]; signal: AbortSignal }

/** Passes on what the containers of new pods say while they start: of pods that are not there and ready at the beginning. Resolves when the signal ends it. */
export async function followStartingPods(cluster: Logs, { namespace, selector, secrets, signal }: StartingPods, show: (line: string) => void): Promise<void> {
  let old: ReadonlySet<string> | undefined;
  const followed = new Set<string>();
  await cluster.watch('v1', 'Pod', { namespace, labelSelector: selector, signal }, (pods) => {
    old ??= new Set(pods.filter(isReady).map(uidOf));
    for (const pod of pods) {
      if (old.has(uidOf(pod))) continue;
      for (const { name, key } of startedContainers(pod)) {
        if (followed.has(key)) continue;
        followed.add(key);
        void followContainer(cluster, { namespace, name: text(object(pod, 'metadata'), 'name') ?? '', container: name }, secrets, signal, show);
      }
    }
  });
}

const uidOf = (pod: JsonObject): string => text(object(pod, 'metadata'), 'uid') ?? '';

function isReady(pod: JsonObject): boolean {
  return (objects(object(pod, 'status')['conditions']) ?? []).some((condition) => condition['type'] === 'Ready' && condition['status'] === 'True');
}

/** Containers that run or ran, each start once. */
export function startedContainers(pod: JsonObject): { name: string; key: string }[] {
  const status = object(pod, 'status');
  return [...objects(status['initContainerStatuses']) ?? [], ...objects(status['containerStatuses']) ?? []].flatMap((container) => {
    const name = text(container, 'name');
    const state = object(container, 'state');
    return name === undefined || (state['running'] === undefined && state['terminated'] === undefined) ? [] : [{ name, key: `${uidOf(pod)}/${name}/${String(container['restartCount'] ?? 0)}` }];
  });
}

async function followContainer(cluster: Logs, pod: { namespace: string; name: string; container: string }, secrets: readonly string[], signal: AbortSignal, show: (line: string) => void): Promise<void> {
  const own = new AbortController();
  let count = 0;
  const lines = lineReader((line) => {
    count += 1;
    if (count <= mostLines) show(`  ${pod.container} │ ${line}`);
    else if (count === mostLines + 1) { show(`  ${pod.container} │ …`); own.abort(); }
  }, secrets);
  for (let left = tries; left > 0 && !signal.aborted; left--) {
    const read = await cluster.logs(pod, { follow: true, signal: AbortSignal.any([signal, own.signal]) }, lines.push).then(() => true, () => count > 0);
    if (read) { lines.end(); return; }
    // A container that is gone again has no log to follow; what became of it is told by the run.
    await sleep(500, undefined, { signal }).catch(() => undefined);
  }
}
