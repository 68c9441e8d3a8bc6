import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cluster, openCluster } from '../../../src/cluster';
import type { JsonObject } from '../../../src/text/json';
import { json, kubeconfig, type StandIn, startStandIn, status } from './standIn';

const discovery = { kind: 'APIResourceList', groupVersion: 'v1', resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list'] }, { name: 'pods/log', kind: 'Pod', namespaced: true }] };
const pod = (name: string, version: string): JsonObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', resourceVersion: version, managedFields: [] } });
const list = (version: string, ...items: JsonObject[]): JsonObject => ({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: version }, items });
const until = async (condition: () => boolean): Promise<void> => { for (const end = Date.now() + 10_000; !condition();) { if (Date.now() > end) throw new Error(`not so: ${condition.toString()}`); await new Promise((resolve) => setTimeout(resolve, 10)); } };

describe('a list and a watch (against a stand-in server, for what a real one does only rarely)', () => {
  let server: StandIn;
  let cluster: Cluster;
  const stop = new AbortController();
  afterEach(async () => { cluster.close(); await server.close(); });

  async function open(answer: (url: URL, response: ServerResponse) => void): Promise<void> {
    server = await startStandIn((request, response) => {
      const url = new URL(request.url ?? '', 'https://x');
      if (url.pathname === '/api/v1') json(response, 200, discovery); else answer(url, response);
    });
    cluster = openCluster(kubeconfig(server.port), { timeoutMs: 3000 });
  }
  const queries = (): string[] => server.requests.filter(({ url }) => url.startsWith('/api/v1/')).map(({ url }) => { const { searchParams: q } = new URL(url, 'https://x'); return q.get('watch') === 'true' ? `watch ${q.get('resourceVersion')}` : `list ${q.get('limit') ?? 'all'} ${q.get('continue') ?? ''}`.trim(); });

  it('pages through a long list, and reads it in one piece when the pages have moved', async () => {
    await open((url, response) => {
      const next = url.searchParams.get('continue');
      if (url.searchParams.get('limit') === null) json(response, 200, list('9', pod('a', '1'), pod('b', '2'), pod('c', '3')));
      else if (next === null) json(response, 200, { ...list('5', pod('a', '1')), metadata: { resourceVersion: '5', continue: 'more' } });
      else if (next === 'more') json(response, 200, { ...list('5', pod('b', '2')), metadata: { resourceVersion: '5', continue: 'stale' } });
      else json(response, 410, status(410, 'The provided continue parameter is too old'));
    });
    const items = await cluster.list('v1', 'Pod', { namespace: 'shop' });
    expect(items.map((item) => (item['metadata'] as { name: string }).name)).toEqual(['a', 'b', 'c']);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
    expect(items[0]?.['metadata']).not.toHaveProperty('managedFields');
    expect(queries()).toEqual(['list 500', 'list 500 more', 'list 500 stale', 'list all']);
  });

  it('goes on from a bookmark after an orderly end, and reads everything anew when the server has forgotten', async () => {
    let watches = 0;
    const reports: string[] = [];
    await open((url, response) => {
      if (url.searchParams.get('watch') !== 'true') { json(response, 200, watches < 2 ? list('10', pod('a', '1')) : list('90', pod('z', '80'))); return; }
      watches += 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      const say = (type: string, object: unknown): void => void response.write(`${JSON.stringify({ type, object })}\n`);
      if (watches === 1) { say('ADDED', pod('b', '12')); say('BOOKMARK', { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: '40' } }); response.end(); }
      else if (watches === 2) void until(() => reports.at(-1) === 'a,b').then(() => { say('ERROR', status(410, 'too old resource version: 40 (70)')); response.end(); });
      else say('DELETED', pod('gone', '91'));
    });
    const ended = cluster.watch('v1', 'Pod', { namespace: 'shop', signal: stop.signal }, (items) => reports.push(items.map((item) => (item['metadata'] as { name: string }).name).join()));
    await until(() => watches === 3 && reports.at(-1) === 'z');
    expect(queries()).toEqual(['list 500', 'watch 10', 'watch 40', 'list 500', 'watch 90']);
    expect(reports.at(-2)).toBe('a,b');
    stop.abort();
    await ended;
  });

  it('does not ask in a loop where every watch ends at once', async () => {
    await open((url, response) => { if (url.searchParams.get('watch') === 'true') response.end(); else json(response, 200, list('10')); });
    const states: string[] = [];
    const ending = new AbortController();
    const ended = cluster.watch('v1', 'Pod', { namespace: 'shop', signal: ending.signal, onState: (state) => states.push(state) }, () => undefined);
    await until(() => states.includes('retrying'));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(queries().filter((query) => query.startsWith('watch')).length).toBeLessThan(12);
    ending.abort();
    await ended;
  });

  it('ends with an error that waiting does not mend', async () => {
    await open((_url, response) => json(response, 403, status(403, 'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "shop"')));
    await expect(cluster.watch('v1', 'Pod', { namespace: 'shop', signal: new AbortController().signal }, () => undefined)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(cluster.watch('v1', 'Widget', { namespace: 'shop', signal: new AbortController().signal }, () => undefined)).rejects.toMatchObject({ kind: 'unknown-kind' });
  });

  it('says that only the watch is forbidden', async () => {
    await open((url, response) => { if (url.searchParams.get('watch') === 'true') json(response, 403, status(403, 'no')); else json(response, 200, list('10')); });
    await expect(cluster.watch('v1', 'Pod', { namespace: 'shop', signal: new AbortController().signal }, () => undefined)).rejects.toMatchObject({ kind: 'forbidden', message: expect.stringContaining('watch Pod') });
  });
});
