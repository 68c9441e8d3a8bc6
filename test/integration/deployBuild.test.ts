import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../src/cli/run';
import { plan, type PlanOptions } from '../../src/engine/kubernetes/plan';
import type { BuildOptions } from '../../src/engine/kubernetes/planBuild';
import type { Build } from '../../src/model/build';
import type { Manifest } from '../../src/model/manifest';
import { followRun, startRun } from '../../src/run';
import type { Connection } from '../../src/ssh';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { connectAsRoot } from './connectAsRoot';

const reason = missingForServer();
const unable = reason !== undefined && process.env['REQUIRE'] !== 'full';
const secret = "s3cret-build-'value\"$x";
// Legal for git, and a command for a careless program.
const branch = "we;ird$(id)`id`'\"&";

describe('a build on the server', { timeout: 600_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'build-'));
  let server: TestServer;
  let connection: Connection;
  let commit = '';

  beforeAll(async () => {
    if (unable) return;
    server = await startServer({ dir });
    connection = await connectAsRoot(server);
    const source = join(dir, 'source');
    mkdirSync(join(source, 'app'), { recursive: true });
    writeFileSync(join(source, 'app/Dockerfile'), `FROM 127.0.0.1:5000/test/base:1\nARG WORD\nARG SOURCE_COMMIT\nCOPY page /www/page\nRUN printf '%s' "$WORD" >/www/word && printf '%s' "$SOURCE_COMMIT" >/www/commit\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n`);
    writeFileSync(join(source, 'app/page'), 'built from git\n');
    const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: source, encoding: 'utf8' }).trim();
    git('init', '-q');
    git('checkout', '-q', '-b', 'start');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    git('update-ref', `refs/heads/${branch}`, 'HEAD');
    commit = git('rev-parse', 'HEAD');
    git('clone', '-q', '--bare', source, join(dir, 'repository.git'));
    execFileSync('git', ['-C', join(dir, 'repository.git'), 'config', 'uploadpack.allowReachableSHA1InWant', 'true']);
  });
  afterAll(async () => {
    connection?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const skipIfUnable = (context: { skip: (note: string) => void }) => { if (unable) context.skip(`skipped, because ${reason}`); };

  const buildOf = (more: Partial<Build> = {}): Build => ({
    pack: 'dockerfile', source: { kind: 'git', repository: `ssh://root@127.0.0.1${dir}/repository.git`, branch, commit, submodules: true, lfs: true, shallow: true, credentials: { kind: 'deployKey', privateKeyId: 1 } },
    repository: 'built/app', named: false, baseDirectory: '/app', variables: [{ name: 'WORD', value: secret, literal: true, multiline: false, secret: true }],
    secrets: false, injectArguments: false, noCache: false, sourceCommit: true, ...more,
  });
  const deploy = async (uuid: string, image: string, build: Build, more: Partial<BuildOptions>, registry?: PlanOptions['registry']) => {
    const labels = { 'app.kubernetes.io/managed-by': 'coolify-kubernetes', 'coolify-kubernetes/resource': uuid, 'coolify-kubernetes/container': 'app' };
    const manifests: Manifest[] = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: uuid, labels } }, {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'app', namespace: uuid, labels },
      spec: { replicas: 1, selector: { matchLabels: { 'coolify-kubernetes/container': 'app' } }, template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, ...(registry?.pullSecret && { imagePullSecrets: [{ name: registry.pullSecret }] }), containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent', readinessProbe: { httpGet: { path: '/page', port: 8080 }, periodSeconds: 1 } }] } } },
    }];
    const hosts = `127.0.0.1 ${readFileSync(join(dir, 'pki/host_ed25519.pub'), 'utf8')}`;
    const id = `build-test-${randomUUID()}`;
    const { plan: steps, files } = plan({ namespace: uuid, manifests, findings: [], hostReferences: [] }, { uuid, name: uuid }, {
      id, kubectl: ['kubectl'], rolloutSeconds: 120, ...(registry && { registry }),
      builds: { requests: [{ build, image, deployKey: readFileSync(server.privateKeyPath, 'utf8'), knownHosts: hosts }], ...more },
    });
    expect(JSON.stringify(steps)).not.toContain('s3cret-build');
    await startRun(connection, steps, files);
    const lines: string[] = [];
    const state = await followRun(connection, id, 0, (event) => { if (event.type === 'output') lines.push(event.text); });
    return { state, log: lines.join('\n') };
  };
  const file = (uuid: string, path: string) => server.kubectl(['-n', uuid, 'exec', 'deploy/app', '--', 'cat', path]).stdout;

  it('goes from a git branch to a registry to pods, and is skipped the second time', async (context) => {
    skipIfUnable(context);
    const image = '127.0.0.1:5000/built/app:one';
    const first = await deploy('withregistry', image, buildOf(), { push: {} });
    expect(first.log).toContain(`At commit ${commit}.`);
    expect(first.state).toEqual({ kind: 'done', exit: 0 });
    expect(file('withregistry', '/www/page')).toBe('built from git\n');
    expect(file('withregistry', '/www/word')).toBe(secret);
    expect(file('withregistry', '/www/commit')).toBe(commit);
    const second = await deploy('withregistry', image, buildOf(), { push: {} });
    expect(second.state).toEqual({ kind: 'done', exit: 0 });
    expect(second.log).toMatch(/the build is skipped/);
    expect(second.log).not.toContain('At commit');
  });

  it('goes from a git branch into containerd without a registry', async (context) => {
    skipIfUnable(context);
    const { state, log } = await deploy('noregistry', 'built/app:two', buildOf({ source: { kind: 'git', repository: `ssh://root@127.0.0.1${dir}/repository.git`, branch, commit: 'HEAD', submodules: false, lfs: false, shallow: false, credentials: { kind: 'none' } } }),
      { importWith: ['ctr', '-a', `${dir}/run/containerd.sock`, '-n', 'k8s.io'] });
    expect(log).toContain(`At commit ${commit}.`);
    expect(state).toEqual({ kind: 'done', exit: 0 });
    expect(file('noregistry', '/www/page')).toBe('built from git\n');
  });

  it('is part of a deployment from the command line, at the newest commit of the branch', async (context) => {
    skipIfUnable(context);
    const uuid = 'k4x1buildfromgit2uuid3';
    const resource = {
      uuid, name: 'from-git', build_pack: 'dockerfile', git_repository: `ssh://root@127.0.0.1${dir}/repository.git`, git_branch: branch, git_commit_sha: 'HEAD', private_key_id: 3, base_directory: '/app', dockerfile_location: '/Dockerfile',
      ports_exposes: '8080', status: 'running:healthy', settings: { include_source_commit_in_build: true },
    };
    writeFileSync(join(dir, 'bundle.json'), JSON.stringify({ kind: 'application', resource, envs: [{ key: 'WORD', value: 'from the bundle', is_buildtime: true, is_runtime: true }], storages: {}, scheduledTasks: [], backups: [] }));
    writeFileSync(join(dir, 'destination.yaml'), `id: build\nssh: {host: 127.0.0.1, port: ${server.sshPort}, user: root}\nkubeconfigPath: ${dir}/admin.conf\nregistry: {host: "127.0.0.1:5000"}\n`);
    writeFileSync(join(dir, 'known_hosts'), `[127.0.0.1]:${server.sshPort} ${readFileSync(join(dir, 'pki/host_ed25519.pub'), 'utf8')}`);
    const environment = { SSH_KEY_FILE: server.privateKeyPath, SSH_KNOWN_HOSTS_FILE: join(dir, 'known_hosts') };
    const cli = async (variables: Record<string, string>): Promise<{ code: number; out: string; error: string }> => {
      const said = { out: '', error: '' };
      for (const [name, value] of Object.entries({ ...environment, ...variables })) vi.stubEnv(name, value);
      const code = await runCli(['deploy', join(dir, 'bundle.json'), '--destination', join(dir, 'destination.yaml')], { out: (text) => { said.out += text; }, error: (text) => { said.error += text; } });
      vi.unstubAllEnvs();
      return { code, ...said };
    };
    expect(await cli({})).toMatchObject({ code: 3, error: expect.stringContaining('The deploy key of ssh://root@127.0.0.1') as string });
    const deployed = await cli({ DEPLOY_KEY_FILE: server.privateKeyPath });
    expect(deployed).toMatchObject({ code: 0, error: '' });
    const running = server.kubectl(['get', 'pods', '-A', '-l', `coolify-kubernetes/resource=${uuid}`, '-o', 'jsonpath={.items[0].metadata.namespace} {.items[0].metadata.name} {.items[0].spec.containers[0].image}']).stdout.split(' ');
    expect(running[2]).toMatch(new RegExp(`^127\\.0\\.0\\.1:5000/${uuid}:${commit.slice(0, 12)}-[0-9a-f]{8}$`));
    // The key of the git host is remembered now; another one is refused, and told.
    writeFileSync(join(dir, 'state/coolify-kubernetes/known_hosts'), `127.0.0.1 ${readFileSync(`${server.privateKeyPath}.pub`, 'utf8')}`);
    expect(await cli({ DEPLOY_KEY_FILE: server.privateKeyPath })).toMatchObject({ code: 5, error: expect.stringContaining('shows another key than it did before') as string });
    const read = (path: string) => server.kubectl(['-n', running[0] ?? '', 'exec', running[1] ?? '', '--', 'cat', path]).stdout;
    expect([read('/www/word'), read('/www/commit')]).toEqual(['from the bundle', commit]);
  });

  it('signs in to a registry for base images, push and pull, and leaves the password nowhere', async (context) => {
    skipIfUnable(context);
    const registry = '127.0.0.1:5001';
    const password = "pa55 'word\"$x";
    const hash = execFileSync('perl', ['-e', 'print crypt(<STDIN>, q($2y$05$abcdefghijklmnopqrstuu))'], { input: password, encoding: 'utf8' });
    writeFileSync(join(dir, 'htpasswd'), `builder:${hash}\n`);
    writeFileSync(join(dir, 'etc/private.yml'), `version: 0.1\nstorage: {filesystem: {rootdirectory: ${dir}/data/private}}\nhttp: {addr: "${registry}"}\nauth: {htpasswd: {realm: test, path: ${dir}/htpasswd}}\n`);
    server.start('private-registry', ['docker-registry', 'serve', join(dir, 'etc/private.yml')]);
    await expect.poll(() => server.exec(['sh', '-c', `curl -s -o /dev/null -w '%{http_code}' http://${registry}/v2/`]).stdout, { timeout: 20_000 }).toBe('401');
    const image = `${registry}/team/app:one`;
    const inline = (from: string) => buildOf({ source: { kind: 'inline', dockerfile: `FROM ${from}\nRUN mkdir -p /www && echo private >/www/page\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n` }, baseDirectory: '/', variables: [] });
    const login = { host: `${registry}/team`, username: 'builder', password, pullSecret: 'from-registry' };
    const refused = await deploy('private', image, inline('127.0.0.1:5000/test/base:1'), { push: {} }, { ...login, password: 'wrong-password' });
    expect(refused.state).toEqual({ kind: 'done', exit: 1 });
    expect(refused.log).toMatch(/unauthorized/i);
    const first = await deploy('private', image, inline('127.0.0.1:5000/test/base:1'), { push: {} }, login);
    expect(first.log).toMatch(/Login Succeeded/);
    expect(first.state).toEqual({ kind: 'done', exit: 0 });
    expect(file('private', '/www/page')).toBe('private\n');
    expect(server.kubectl(['-n', 'private', 'get', 'secret', 'from-registry', '-o', 'jsonpath={.type}']).stdout).toBe('kubernetes.io/dockerconfigjson');
    // The base image now is one that only the signed-in may read.
    server.exec(['docker', 'rmi', '-f', image]);
    expect((await deploy('private', `${registry}/team/app:two`, inline(image), { push: {} }, login)).state).toEqual({ kind: 'done', exit: 0 });
    const everywhere = execFileSync('sh', ['-c', 'grep -rlF -e "$1" -e "$2" "$3/state" /dev/shm /root/.docker "$3/.docker" 2>/dev/null || true', 'sh', password, Buffer.from(`builder:${password}`).toString('base64'), dir], { encoding: 'utf8' });
    expect(everywhere).toBe('');
    expect(first.log + refused.log).not.toContain(password);
  });

  it('builds an inline Dockerfile, and says what is missing for a pack the server does not know', async (context) => {
    skipIfUnable(context);
    const inline = buildOf({ source: { kind: 'inline', dockerfile: 'FROM 127.0.0.1:5000/test/base:1\nRUN mkdir /www && echo inline >/www/page\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n' }, baseDirectory: '/', variables: [] });
    expect((await deploy('inline', '127.0.0.1:5000/built/inline:1', inline, { push: {} })).state).toEqual({ kind: 'done', exit: 0 });
    expect(file('inline', '/www/page')).toBe('inline\n');
    const packed = await deploy('packed', '127.0.0.1:5000/built/packed:1', buildOf({ pack: 'railpack' }), { push: {} });
    expect(packed.state).toEqual({ kind: 'done', exit: 69 });
    expect(packed.log).toContain('railpack is not installed on this server.');
  });
});
