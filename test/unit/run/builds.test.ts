import { describe, expect, it } from 'vitest';
import { buildOptions, codeProblem, unresolvedCode } from '../../../src/engine/kubernetes/builds';
import type { Build, GitSource } from '../../../src/model/build';
import type { ServerProbe } from '../../../src/model/probe';
import { imageToolsOf } from '../../../src/run/imageTools';
import { gitSource } from '../../../src/stack/applicationBuild';

const git = (more: Partial<GitSource> = {}): GitSource => ({ kind: 'git', repository: 'git@git.example.com:team/app.git', branch: 'main', commit: 'a'.repeat(40), submodules: false, lfs: false, shallow: true, credentials: { kind: 'none' }, ...more });
const made = (source: Build['source'], named = false): { image: string; build: Build } => ({
  image: 'x:1', build: { pack: 'dockerfile', source, repository: 'x', named, baseDirectory: '/', variables: [], secrets: false, injectArguments: false, noCache: false, sourceCommit: false },
});
const inline = made({ kind: 'inline', dockerfile: 'FROM scratch' });
const docker = ['/usr/bin/docker'];
const importWith = ['ctr'];
const deployKeys = new Map([[3, 'the key']]);

describe('images that are made', () => {
  it('go to the registry of the destination, else to the one in their name, else to the containerd of the server', () => {
    expect(buildOptions([inline], true, { docker, importWith, deployKeys })).toMatchObject({ push: {}, docker });
    expect(buildOptions([made(git(), true)], false, { docker, deployKeys })).toMatchObject({ push: {} });
    expect(buildOptions([inline], false, { docker, importWith, deployKeys })).toEqual({ requests: [inline], docker, importWith });
  });
  it('cannot be made without Docker, without a place, or without the key of the code', () => {
    expect(buildOptions([inline], true, { deployKeys })).toMatch(/no Docker daemon/);
    expect(buildOptions([inline], false, { docker, deployKeys })).toMatch(/nowhere to put them.*no registry/);
    expect(buildOptions([made(git({ credentials: { kind: 'deployKey', privateKeyId: 4 } }))], true, { docker, deployKeys })).toMatch(/deploy key .* cannot be read/);
    expect(codeProblem(git({ credentials: { kind: 'app', sourceType: 'GithubApp', sourceId: 7 } }), deployKeys)).toMatch(/GitHub App.*deploy key/);
  });
  it('get the key of their code', () => {
    expect(buildOptions([made(git({ credentials: { kind: 'deployKey', privateKeyId: 3 } })), inline], true, { docker, deployKeys })).toMatchObject({ requests: [{ deployKey: 'the key' }, inline] });
  });
  it('need the newest commit only where a branch is asked for', () => {
    const head = git({ commit: 'HEAD' });
    expect(unresolvedCode([inline, made(git())])).toBeUndefined();
    expect(unresolvedCode([inline, made(head)])).toEqual(head);
  });
});

describe('where code is fetched from', () => {
  const repository = (application: Parameters<typeof gitSource>[0]): string => gitSource(application, {}).repository;
  it('is the public host of a source without an app', () => {
    expect(repository({ git_repository: 'coollabsio/coolify-examples', source_id: 0, source_type: 'App\\Models\\GithubApp' })).toBe('https://github.com/coollabsio/coolify-examples');
    expect(repository({ git_repository: 'group/sub/app', source_id: 0, source_type: 'App\\Models\\GitlabApp' })).toBe('https://gitlab.com/group/sub/app');
  });
  it('stays what Coolify says otherwise', () => {
    for (const text of ['https://git.example.com/app.git', 'git@git.example.com:team/app.git']) expect(repository({ git_repository: text, source_id: 0, source_type: 'App\\Models\\GithubApp' })).toBe(text);
    expect(repository({ git_repository: 'example/private', source_id: 1, source_type: 'App\\Models\\GithubApp' })).toBe('example/private');
  });
});

describe('what a server makes images with', () => {
  const probe = (more: Partial<ServerProbe>, kubeconfig: ServerProbe['kubeconfigs'][number]['source'] = 'home'): ServerProbe => ({
    system: { os: 'Debian', kernel: '6.1', architecture: 'amd64', user: 'root', root: true }, tools: {}, sudo: 'unneeded', disks: [], clockSkewSeconds: 0, ports: [],
    kubeconfigs: [{ source: kubeconfig, path: '/k', state: 'readable', sudo: false, needsSudo: false, works: true }],
    cluster: { kubeconfigPath: '/k', sudo: false, apiGroups: [], ingressClasses: [], storageClasses: [], clusterIssuers: [], gateways: [], loadBalancers: [], unread: [] }, ...more,
  });
  const works = { serverVersion: '27.0', sudo: false };
  it.each([
    ['nothing', probe({}), {}],
    ['Docker without a daemon', probe({ tools: { docker: { path: '/usr/bin/docker' } }, docker: { sudo: false } }), {}],
    ['Docker and a plain containerd', probe({ tools: { docker: { path: '/usr/bin/docker' }, ctr: { path: '/usr/bin/ctr' } }, docker: works }), { docker: ['/usr/bin/docker'], importWith: ['/usr/bin/ctr', '--namespace', 'k8s.io'] }],
    ['k3s', probe({ tools: { k3s: { path: '/usr/local/bin/k3s' } } }, 'k3s'), { importWith: ['/usr/local/bin/k3s', 'ctr', '--namespace', 'k8s.io'] }],
    ['RKE2', probe({}, 'rke2'), { importWith: ['/var/lib/rancher/rke2/bin/ctr', '--address', '/run/k3s/containerd/containerd.sock', '--namespace', 'k8s.io'] }],
    ['an account with sudo', probe({ system: { os: 'Debian', kernel: '6.1', architecture: 'amd64', user: 'me', root: false }, sudo: 'works', tools: { ctr: { path: '/usr/bin/ctr' } }, docker: { ...works, sudo: true } }), { docker: ['sudo', '-n', 'docker'], importWith: ['sudo', '-n', '/usr/bin/ctr', '--namespace', 'k8s.io'] }],
    ['an account without', probe({ system: { os: 'Debian', kernel: '6.1', architecture: 'amd64', user: 'me', root: false }, sudo: 'refused', tools: { ctr: { path: '/usr/bin/ctr' } }, docker: works }), { docker: ['docker'] }],
  ])('%s', (_name, found, tools) => { expect(imageToolsOf(found, ['sudo', '-n'])).toEqual(tools); });
});
