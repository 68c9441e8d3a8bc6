import type { Watch } from '@kubernetes/client-node/dist/watch.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type JsonObject } from '../text/json';
import { type Discovery, withoutManagedFields } from './discovery';
import { ClusterError, type ClusterErrorKind } from './errors';
import { listObjects } from './lists';
import type { Transport } from './transport';
import type { WatchOptions } from './types';
import { watchOnce } from './watchStream';

const reportEveryMs = 200;
const longestBackoffMs = 30_000;
/** A watch that ends sooner than this without an event counts as a failure, so that a broken proxy is not asked in a loop. */
const shortMs = 1_000;

/** A connection is not free for the next watch in the moment in which the last one ends; without a pause a new one would be opened. */
const betweenMs = 50;

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);

/** What waiting does not mend. */
const permanent = new Set<ClusterErrorKind>(['unauthorized', 'forbidden', 'unknown-kind', 'certificate', 'not-kubernetes', 'invalid', 'closed']);

/** Lists, then watches from there on, and again after every end; see `Cluster.watch`. */
export async function watchObjects(parts: { transport: Transport; discovery: Discovery; watch: Watch }, apiVersion: string, kind: string, options: WatchOptions, onChange: (items: JsonObject[]) => void): Promise<void> {
  const signal = AbortSignal.any([options.signal, parts.transport.closed]);
  const state = new WatchedSet(onChange);
  const tell = stateTeller(options.onState);
  try {
    for (let failures = 0; !signal.aborted;) {
      const failure = await round(parts, apiVersion, kind, { ...options, signal }, state, () => { failures = 0; tell('live'); });
      if (signal.aborted) return;
      if (failure === undefined) { await pause(betweenMs, signal); continue; }
      if (permanent.has(failure.kind)) throw failure;
      failures += 1;
      tell('retrying', failure.message);
      // Full jitter, so that many windows do not come back at once.
      await pause(100 + Math.random() * Math.min(longestBackoffMs, 250 * 2 ** failures), signal);
    }
  } finally {
    state.stop();
  }
}

/** One list (when the version to go on from is unknown) and one watch. Returns what went wrong. */
async function round({ transport, discovery, watch }: Parameters<typeof watchObjects>[0], apiVersion: string, kind: string, options: WatchOptions, state: WatchedSet, onLive: () => void): Promise<ClusterError | undefined> {
  const what = `watch ${kind}`;
  try {
    if (state.version === undefined) {
      const { items, resourceVersion, path } = await listObjects(transport, discovery, apiVersion, kind, options);
      state.replace(items, resourceVersion, path);
      onLive();
    }
    const started = Date.now();
    let events = 0;
    let failure: ClusterError | undefined;
    const end = await watchOnce(watch, state.path, { labelSelector: options.labelSelector, resourceVersion: state.version }, options.signal, (event) => {
      if (event.type === 'ERROR') { failure = failed(transport, event.object, what, state); return; }
      events += 1;
      onLive();
      state.apply(event.type, event.object);
    });
    if (end.code !== undefined) failure = failed(transport, { code: end.code }, what, state);
    if (end.error !== undefined) failure = transport.failure(end.error, { what, signal: options.signal });
    if (failure !== undefined) return failure.kind === 'gone' ? undefined : failure;
    if (events > 0 || Date.now() - started >= shortMs) { onLive(); return undefined; }
    return new ClusterError('lost', `${transport.server} ended the watch at once.`, 'A proxy may stand before it.');
  } catch (error) {
    return transport.failure(error, { what, signal: options.signal });
  }
}

function failed(transport: Transport, status: JsonObject, what: string, state: WatchedSet): ClusterError {
  const code = typeof status['code'] === 'number' ? status['code'] : 500;
  // 410: what happened since that version is no longer known, so everything is read anew.
  if (code === 410) state.version = undefined;
  if (code === 403) return new ClusterError('forbidden', `This account may not ${what}.`, 'Have the cluster\'s administrator grant the verb "watch" with a Role.', 403);
  return transport.refusal(code, { message: 'the watch was refused', ...status }, what);
}

function stateTeller(onState: WatchOptions['onState']): (state: 'live' | 'retrying', reason?: string) => void {
  let last: string | undefined;
  return (state, reason) => {
    if (state === last && state === 'live') return;
    last = state;
    onState?.(state, reason);
  };
}

/** The objects by name, reported as a whole: at once when the last report is old enough, else a little later. */
class WatchedSet {
  version: string | undefined;
  path = '';
  private objects = new Map<string, JsonObject>();
  private timer: NodeJS.Timeout | undefined;
  private last = 0;
  constructor(private readonly onChange: (items: JsonObject[]) => void) {}

  replace(items: readonly JsonObject[], version: string, path: string): void {
    this.objects = new Map(items.map((item) => [keyOf(item), item]));
    this.version = version;
    this.path = path;
    this.report();
  }

  apply(type: string, object: JsonObject): void {
    const version = isObject(object['metadata']) ? object['metadata']['resourceVersion'] : undefined;
    if (typeof version === 'string') this.version = version;
    if (type === 'ADDED' || type === 'MODIFIED') this.objects.set(keyOf(object), withoutManagedFields(object));
    else if (type === 'DELETED') this.objects.delete(keyOf(object));
    else return;
    this.report();
  }

  stop(): void { clearTimeout(this.timer); }

  private report(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.last = Date.now();
      this.onChange([...this.objects.values()]);
    }, Math.max(0, this.last + reportEveryMs - Date.now()));
  }
}

function keyOf(object: JsonObject): string {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  return JSON.stringify([metadata['namespace'] ?? '', metadata['name'] ?? '']);
}
