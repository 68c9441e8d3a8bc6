import type { KubeConfig } from '@kubernetes/client-node';
import { Watch } from '@kubernetes/client-node/dist/watch.js';
import { isObject, type JsonObject } from '../text/json';
import type { Agents } from './connections';
import type { Transport } from './transport';

export interface WatchEvent { type: string; object: JsonObject }

/** How one watch request ended. `code` is an HTTP status; neither field is set after an orderly end. */
export interface WatchEnd { code?: number; error?: Error }

/**
 * The client gives up a watch after 30 s without a byte, by cutting the connection. The server ends it in good order before that,
 * with a bookmark just before (apiserver's cacher), so the connection is kept and nothing is missed.
 */
const timeoutSeconds = 25;

/** The client's watch, over our own connections. Nothing else of KubeConfig is used: it would run programs and read files that a kubeconfig names. */
export function createWatch(transport: Transport, agents: Agents): Watch {
  const base = transport.url('').toString().replace(/\/$/, '');
  const config: Pick<KubeConfig, 'getCurrentCluster' | 'applySecurityAuthentication'> = {
    getCurrentCluster: () => ({ name: 'cluster', server: base, skipTLSVerify: false }),
    applySecurityAuthentication: (context) => {
      for (const [name, value] of Object.entries({ accept: 'application/json', ...transport.identity() })) context.setHeaderParam(name, value);
      context.setDispatcher(agents.streams);
      return Promise.resolve();
    },
  };
  // These two members are all that Watch calls (client-node 2.0.1, src/watch.ts).
  return new Watch(config as unknown as KubeConfig);
}

/** Watches once, until the server, the network or the signal ends it. */
export function watchOnce(watch: Watch, path: string, query: Record<string, string | undefined>, signal: AbortSignal, onEvent: (event: WatchEvent) => void): Promise<WatchEnd> {
  return new Promise((resolve) => {
    let request: AbortController | undefined;
    const stop = (): void => { request?.abort(); resolve({}); };
    const done = (error: unknown): void => {
      signal.removeEventListener('abort', stop);
      resolve(endOf(error));
    };
    signal.addEventListener('abort', stop, { once: true });
    const onObject = (type: string, object: unknown): void => { if (!signal.aborted && isObject(object)) onEvent({ type, object }); };
    watch.watch(path, { ...query, timeoutSeconds, allowWatchBookmarks: true }, onObject, done).then((controller) => {
      request = controller;
      if (signal.aborted) stop();
    }, done);
  });
}

function endOf(error: unknown): WatchEnd {
  if (!(error instanceof Error)) return {};
  const code: unknown = Reflect.get(error, 'statusCode');
  return typeof code === 'number' ? { code } : error.name === 'TimeoutError' ? {} : { error };
}
