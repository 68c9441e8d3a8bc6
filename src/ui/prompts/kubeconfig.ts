import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { loadCluster, loadRemote } from '../host/bundles';
import { ask, choose } from './ask';

const { t } = vscode.l10n;

/** A kubeconfig that can be used, narrowed to one context. Its programs are never run; one that needs them is refused with the reason. */
export async function askKubeconfig(title: string): Promise<{ text: string; contextName: string } | undefined> {
  const file = await ask({ title, prompt: t('Path of the kubeconfig'), value: '~/.kube/config', problem: (typed) => (typed === '' ? t('A path is needed.') : undefined) });
  if (file === undefined) return undefined;
  const text = await readFile(loadRemote().expandHome(file, homedir()), 'utf8').catch(() => undefined);
  if (text === undefined) throw new Error(t('The kubeconfig {0} cannot be read; nothing was saved.', file));
  const { contextsIn, openCluster } = loadCluster();
  const contexts = contextsIn(text);
  const context = contexts.length <= 1 ? contexts[0] : await choose(title, t('Context'), contexts.map((value) => ({ label: value.name, description: value.server ?? '', value })));
  if (context === undefined) return undefined;
  const cluster = openCluster(text, { context: context.name });
  try {
    await cluster.version();
  } finally {
    cluster.close();
  }
  return { text, contextName: context.name };
}
