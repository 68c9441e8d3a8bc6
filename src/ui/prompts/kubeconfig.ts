import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { loadCluster, loadRemote } from '../host/bundles';
import { withProgress } from '../host/progress';
import { sentence } from '../host/sentence';
import { ask, choose } from './ask';

const { t } = vscode.l10n;

/** A kubeconfig that can be used, narrowed to one context. */
export interface UsableKubeconfig { text: string; contextName: string }

/** Asks until a kubeconfig answers or the person gives up. Its programs are never run; one that needs them is refused with the reason. */
export async function askKubeconfig(title: string): Promise<UsableKubeconfig | undefined> {
  for (let value = '~/.kube/config'; ;) {
    const file = await ask({ title, prompt: t('Path of the kubeconfig'), value, problem: (typed) => (typed === '' ? t('A path is needed.') : undefined) });
    if (file === undefined) return undefined;
    try {
      return await readKubeconfig(title, file);
    } catch (error) {
      void vscode.window.showErrorMessage(t('{0} Nothing was saved.', sentence(error)));
      value = file;
    }
  }
}

async function readKubeconfig(title: string, file: string): Promise<UsableKubeconfig | undefined> {
  const path = loadRemote().expandHome(file, homedir());
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Error(t('The kubeconfig {0} cannot be read.', file));
  const { contextsIn, filePathsIn, minimalKubeconfig, openCluster } = loadCluster();
  const contexts = contextsIn(text);
  const context = contexts.length <= 1 ? contexts[0] : await choose(title, t('Context'), contexts.map((value) => ({ label: value.name, description: value.server ?? '', value })));
  if (contexts.length > 0 && context === undefined) return undefined;
  const minimal = minimalKubeconfig(text, context?.name, await filesBeside(path, filePathsIn(text, context?.name)));
  const cluster = openCluster(minimal);
  try {
    const version = await withProgress(t('Asking {0}', cluster.server), (signal) => cluster.version(signal));
    return version === undefined ? undefined : { text: minimal, contextName: cluster.contextName };
  } finally {
    cluster.close();
  }
}

/** Files that a kubeconfig names, relative to its folder; those that cannot be read are left out, and then missed by name. */
async function filesBeside(kubeconfig: string, paths: readonly string[]): Promise<Record<string, string>> {
  const read = async (path: string): Promise<[string, string][]> => readFile(resolve(dirname(kubeconfig), path), 'utf8').then((content) => [[path, content]], () => []);
  return Object.fromEntries((await Promise.all(paths.map(read))).flat());
}
