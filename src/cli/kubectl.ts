import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { isObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { readText } from './textFile';

export interface KubectlResult { ok: boolean; stderr: string }

/** Runs kubectl with a kubeconfig; never rejects. What it says is one line. */
export function kubectl(kubeconfig: string, args: readonly string[], input = ''): Promise<KubectlResult> {
  return new Promise((resolve) => {
    // A group of its own: Ctrl-C in a terminal must not take the command away that tidies up.
    const child = spawn('kubectl', ['--kubeconfig', kubeconfig, '--request-timeout=60s', ...args], { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    child.stdin.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) => { resolve({ ok: false, stderr: error.code === 'ENOENT' ? 'kubectl is not in the PATH' : error.message }); });
    child.on('close', (code) => { resolve({ ok: code === 0, stderr: stderr.trim().split('\n').slice(0, 5).join(' ').replace(/\.$/, '') }); });
    child.stdin.end(input);
  });
}

/** What is wrong with a kubeconfig before anything is done with it. Programs that one names are never run. */
export function kubeconfigProblem(file: string): string | undefined {
  const text = readText(file);
  if (typeof text === 'object') return `${file}: ${text.problem}`;
  const yaml = readYaml(text);
  if ('kind' in yaml) return `${file}: not YAML: ${yaml.message}.`;
  if (!isObject(yaml.value) || !Array.isArray(yaml.value['clusters'])) return `${file}: not a kubeconfig: there is no list of clusters.`;
  const users = Array.isArray(yaml.value['users']) ? yaml.value['users'] : [];
  const runs = users.some((user) => isObject(user) && isObject(user['user']) && ('exec' in user['user'] || 'auth-provider' in user['user']));
  return runs ? `${file}: this kubeconfig logs in by running a program, which is not done here; give one with a token or a certificate.` : undefined;
}

/** Makes a namespace of its own, does the work in it, and removes it, whatever happens. A string says why there is none. */
export async function inScratchNamespace<T>(kubeconfig: string, work: (namespace: string) => Promise<T>): Promise<T | string> {
  const namespace = `coolify-kubernetes-scoreboard-${randomBytes(3).toString('hex')}`;
  const made = await kubectl(kubeconfig, ['create', 'namespace', namespace]);
  if (!made.ok) return `The scratch namespace could not be made: ${made.stderr}`;
  try {
    return await work(namespace);
  } finally {
    await kubectl(kubeconfig, ['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found']);
  }
}
