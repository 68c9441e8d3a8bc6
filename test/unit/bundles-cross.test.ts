import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as clusterRoom from '../../src/cluster';
import { isClusterError, ClusterError } from '../../src/cluster/errors';
import type * as coreRoom from '../../src/core';
import { isCoolifyError } from '../../src/coolify/errors';
import { defaultDestination } from '../../src/model/destination';
import type * as remoteRoom from '../../src/remote';
import { isSshError, SshError } from '../../src/ssh/errors';
import { builtBundle } from '../harness/bundles';
import { readBundle } from './bundles';

/**
 * The entry has its own copy of every error class, and so has each bundle: what a bundle throws must be known to the entry all
 * the same. Here the tests of the entry come from the sources, the errors from the built bundles.
 */
const load = createRequire(import.meta.url);
let core: typeof coreRoom;
let remote: typeof remoteRoom;
let cluster: typeof clusterRoom;
beforeAll(async () => {
  [core, remote, cluster] = [load(await builtBundle('core')) as typeof core, load(await builtBundle('ssh')) as typeof remote, load(await builtBundle('cluster')) as typeof cluster];
});

async function thrown(work: () => unknown): Promise<unknown> {
  try { await work(); } catch (error) { return error; }
  throw new Error('nothing was thrown');
}

/** A port of this machine on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const kubeconfig = (server: string): string => JSON.stringify({
  apiVersion: 'v1', kind: 'Config', 'current-context': 'x', clusters: [{ name: 'x', cluster: { server } }], users: [{ name: 'x', user: { token: 't' } }], contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
});

describe('an error that crosses the bundles', () => {
  it('of SSH is known by its kind, though its class is another', async () => {
    const connect = (signal?: AbortSignal): Promise<unknown> => freePort().then((port) => remote.connect({ host: '127.0.0.1', port, user: 'nobody', auth: {}, hostKeys: remote.memoryHostKeys(), confirmHostKey: () => Promise.resolve(false), ...(signal && { signal }) }));
    for (const [error, kind] of [[await thrown(() => connect()), 'refused'], [await thrown(() => connect(AbortSignal.abort())), 'aborted']] as const) {
      expect(error).not.toBeInstanceOf(SshError);
      expect(isSshError(error)).toBe(true);
      expect(error).toMatchObject({ kind, message: expect.stringMatching(/^[^\n]+\.$/), hint: expect.any(String) });
      expect(isClusterError(error) || isCoolifyError(error)).toBe(false);
    }
  });

  it('of the cluster is known by its kind, though its class is another', async () => {
    const port = await freePort();
    const errors: [unknown, string][] = [
      [await thrown(() => cluster.openCluster('no kubeconfig')), 'kubeconfig-invalid'],
      [await thrown(() => cluster.openCluster(kubeconfig(`https://127.0.0.1:${String(port)}`)).version()), 'unreachable'],
    ];
    for (const [error, kind] of errors) {
      expect(error).not.toBeInstanceOf(ClusterError);
      expect(isClusterError(error)).toBe(true);
      expect(error).toMatchObject({ kind, message: expect.stringMatching(/^[^\n]+$/), hint: expect.any(String) });
      expect(isSshError(error) || isCoolifyError(error)).toBe(false);
    }
  });

  it('is none where the core translates: it tells in a finding what cannot be read', () => {
    const bundle = readBundle('service', 'lxfqj3enhnrybtrsndoijzpc');
    expect(core.translateBundle(bundle, defaultDestination).preview.files.length).toBeGreaterThan(0);
    for (const resource of [{}, null, 7, { docker_compose: 'services: [' }, { docker_compose: '\0' }]) {
      const { preview } = core.translateBundle({ ...bundle, resource }, defaultDestination);
      expect(preview.findings.some((finding) => finding.decision === 'refused'), JSON.stringify(resource)).toBe(true);
    }
  });
});

it('no source asks for the class of an error of ours', () => {
  const src = path.join(import.meta.dirname, '../../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const texts = files.map((name) => [name, readFileSync(path.join(src, name), 'utf8')] as const);
  const classes = texts.flatMap(([, text]) => [...text.matchAll(/class (\w+) extends Error/g)].map((match) => match[1] ?? ''));
  expect(classes).toContain('SshError');
  expect(texts.filter(([, text]) => classes.some((name) => new RegExp(`instanceof (\\w+\\.)?${name}\\b`).test(text))).map(([name]) => name)).toEqual([]);
});
