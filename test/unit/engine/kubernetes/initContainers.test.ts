import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { render } from '../../../../src/engine/kubernetes/render';
import { defaultDestination } from '../../../../src/model/destination';
import type { Rendering } from '../../../../src/model/rendering';
import type { Container, HealthCheck, Mount } from '../../../../src/model/stack';
import { container, object, origin, stack } from './stacks';

const shellCheck: HealthCheck = { test: ['/bin/sh', '-c', 'true'], intervalSeconds: 5, timeoutSeconds: 5, retries: 3, startPeriodSeconds: 0, startIntervalSeconds: 5, origin };
const port = { port: 5432, protocol: 'TCP' as const, evidence: 'expose', origin };
const waits = (name: string, condition: 'healthy' | 'started' = 'healthy'): Container['dependsOn'] => [{ container: name, condition, required: true }];
const volume = (target: string, more: Partial<Extract<Mount, { kind: 'volume' }>> = {}): Mount => ({ kind: 'volume', volume: 'data', target, readOnly: false, origin, ...more });
const rendered = (containers: Container[]): Rendering => render(stack(containers), defaultDestination, new Map());

interface Init { name: string; image: string; command: string[]; volumeMounts?: unknown; securityContext?: unknown }
function inits(rendering: Rendering, kind: string, name: string): Init[] {
  const text = JSON.stringify(object(rendering, kind, name));
  const { spec } = JSON.parse(text) as { spec: { template: { spec: { initContainers?: Init[] } } } };
  return spec.template.spec.initContainers ?? [];
}

describe('an init container that waits', () => {
  const db = container('my_db', { ports: [port], healthCheck: shellCheck });
  it('asks the Service of who has to be healthy, in its own image', () => {
    const [init] = inits(rendered([container('web', { dependsOn: waits('my_db'), healthCheck: shellCheck }), db]), 'Deployment', 'web');
    expect(init).toMatchObject({ name: 'wait-web', image: 'example/web:1' });
    expect(init?.command.slice(3)).toEqual(['sh', 'my-db:5432']);
  });
  it('takes the image of the one it waits for when its own shows no shell, and none when neither does', () => {
    expect(inits(rendered([container('web', { dependsOn: waits('my_db') }), db]), 'Deployment', 'web')[0]?.image).toBe('example/my_db:1');
    const { healthCheck: _none, ...bare } = db;
    expect(inits(rendered([container('web', { dependsOn: waits('my_db') }), bare]), 'Deployment', 'web')).toEqual([]);
  });
  it('is not made for what only has to be started, ends, or shares the pod', () => {
    const web = (more: Partial<Container>): Container => container('web', { healthCheck: shellCheck, dependsOn: waits('my_db'), ...more });
    expect(inits(rendered([web({ dependsOn: waits('my_db', 'started') }), db]), 'Deployment', 'web')).toEqual([]);
    expect(inits(rendered([web({}), { ...db, sharesNetworkOf: 'web' }]), 'Deployment', 'web')).toEqual([]);
  });
});

describe('an init container that fills a volume', () => {
  it('has the same image, runs as root and sees the volume at another place', () => {
    const [init] = inits(rendered([container('web', { healthCheck: shellCheck, mounts: [volume('/srv/data')] })]), 'StatefulSet', 'web');
    expect(init).toMatchObject({ name: 'copy-up-web', image: 'example/web:1', securityContext: { runAsUser: 0 }, volumeMounts: [{ name: 'data', mountPath: '/coolify-kubernetes/volume-0' }] });
    expect(init?.command.slice(3)).toEqual(['sh', '/srv/data', '/coolify-kubernetes/volume-0']);
  });
  it('is not made with nocopy, for a part of a volume, for a database, or where nothing tells of a shell', () => {
    const made = (more: Partial<Container>): Init[] => inits(rendered([container('web', { healthCheck: shellCheck, ...more })]), 'StatefulSet', 'web');
    expect(made({ mounts: [volume('/d', { noCopy: true })] })).toEqual([]);
    expect(made({ mounts: [volume('/d', { subPath: 'a' })] })).toEqual([]);
    expect(made({ image: 'postgres:17', mounts: [volume('/var/lib/postgresql/data')] })).toEqual([]);
    expect(inits(rendered([container('web', { mounts: [volume('/d')] })]), 'StatefulSet', 'web')).toEqual([]);
  });
  it('is made once for a shared volume, by the one that waits for none of the others', () => {
    const rendering = rendered([container('web', { healthCheck: shellCheck, mounts: [volume('/html')], dependsOn: waits('app', 'started') }), container('app', { healthCheck: shellCheck, mounts: [volume('/app')] })]);
    expect(inits(rendering, 'Deployment', 'web')).toEqual([]);
    expect(inits(rendering, 'Deployment', 'app').map(({ name }) => name)).toEqual(['copy-up-app']);
  });
});

describe('the scripts, run', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'init-'));
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
  const noShell = process.platform === 'win32';
  const scriptOf = (name: string): string[] => {
    const made = rendered([container('web', { healthCheck: shellCheck, dependsOn: waits('db'), mounts: [volume('/srv')] }), container('db', { ports: [port], healthCheck: shellCheck })]);
    return inits(made, 'StatefulSet', 'web').find((init) => init.name === name)?.command ?? [];
  };
  it('copy into an empty volume only, modes included, and take lost+found for nothing', (context) => {
    if (noShell) context.skip('skipped, because there is no POSIX shell');
    const at = (name: string): string => path.join(folder, name);
    mkdirSync(at('image/sub'), { recursive: true, mode: 0o750 });
    writeFileSync(at('image/sub/.hidden'), 'x');
    for (const name of ['fresh/lost+found', 'used']) mkdirSync(at(name), { recursive: true });
    writeFileSync(at('used/.mine'), 'mine');
    const [shell = '', ...rest] = scriptOf('copy-up-web').slice(0, 4);
    execFileSync(shell, [...rest, at('image'), at('fresh'), at('image'), at('used'), at('missing'), at('used')]);
    expect(readFileSync(at('fresh/sub/.hidden'), 'utf8')).toBe('x');
    expect(statSync(at('fresh')).mode & 0o777).toBe(statSync(at('image')).mode & 0o777);
    expect(existsSync(at('used/sub'))).toBe(false);
  });
  it('wait until a port answers', async (context) => {
    if (noShell) context.skip('skipped, because there is no POSIX shell');
    const probe = createServer();
    const free = await new Promise<number>((resolve) => { probe.listen(0, '127.0.0.1', () => { const address = probe.address(); resolve(typeof address === 'object' && address !== null ? address.port : 0); }); });
    await new Promise((resolve) => probe.close(resolve));
    const [shell = '', ...rest] = scriptOf('wait-web').slice(0, 4);
    let ended = false;
    const done = new Promise<number | null>((resolve) => { execFile(shell, [...rest, `127.0.0.1:${String(free)}`]).on('exit', (code) => { ended = true; resolve(code); }); });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(ended).toBe(false);
    const server = createServer((socket) => { socket.end(); }).listen(free, '127.0.0.1');
    expect(await done).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});
