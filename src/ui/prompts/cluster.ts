import * as vscode from 'vscode';
import { defaultDestination, type KubernetesDestination } from '../../model/destination';
import type { KubeconfigProbe, ServerProbe } from '../../model/probe';
import { loadRemote } from '../host/bundles';
import { withProgress } from '../host/progress';
import { choose } from './ask';
import type { SignedIn } from './authentication';

const { t } = vscode.l10n;

/** A destination as far as the probe fills it in, and the probe that stands behind it. */
export interface FoundCluster { destination: Omit<KubernetesDestination, 'id' | 'name'>; probe: ServerProbe }

/** The cluster of a server; where only root can read its kubeconfig, sudo is asked for; where there is none, the destination is for previews. */
export async function chooseCluster(title: string, signedIn: SignedIn, sudo = false): Promise<FoundCluster | undefined> {
  const probe = await lookAt(signedIn, sudo);
  if (probe === undefined) return undefined;
  if (probe.cluster !== undefined) return withDefaults(probe);
  const locked = probe.kubeconfigs.find(({ needsSudo }) => needsSudo);
  if (locked !== undefined && probe.sudo === 'untried' && await allowsSudo(locked)) {
    const second = await lookAt(signedIn, true);
    if (second === undefined) return undefined;
    return second.cluster === undefined ? noCluster(title, second) : withDefaults(second);
  }
  return noCluster(title, probe);
}

/** What the server offers, asked in one round trip. Undefined when it was cancelled. */
function lookAt({ connection, target }: SignedIn, sudo: boolean): Promise<ServerProbe | undefined> {
  return withProgress(t('Looking at what {0} offers', target.ssh.host), (signal) => loadRemote().probeServer(connection, { ...(sudo && { sudo }), signal }));
}

function withDefaults(probe: ServerProbe): FoundCluster {
  return { probe, destination: { ...defaultDestination, ...loadRemote().defaultsFrom(probe), applyWith: 'server' } };
}

async function allowsSudo({ path }: KubeconfigProbe): Promise<boolean> {
  const allow = t('Use sudo');
  const detail = t('kubectl is then run with sudo on the server. Where sudo wants a password, it is asked for once and kept in the secret storage of the editor.');
  return await vscode.window.showWarningMessage(t('Only root can read {0}. Use sudo?', path), { modal: true, detail }, allow) === allow;
}

async function noCluster(title: string, probe: ServerProbe): Promise<FoundCluster | undefined> {
  const advice = loadRemote().noClusterAdvice(probe);
  const commands = advice.flatMap(({ sentence, command }) => (command === undefined ? [] : [{ label: t('$(copy) Copy a command to run on the server yourself'), description: sentence, detail: command, value: command }]));
  const choice = await choose(title, advice[0]?.sentence ?? t('There is no cluster on this server yet.'), [
    { label: t('$(eye) Save for previews only'), detail: t('Translation, preview and findings; deploy later'), value: '' }, ...commands,
  ]);
  if (choice === undefined) return undefined;
  if (choice !== '') {
    await vscode.env.clipboard.writeText(choice);
    void vscode.window.showInformationMessage(t('Copied. Run it on the server yourself; Edit Destination then finds the cluster.'));
  }
  return { probe, destination: { ...defaultDestination, applyWith: 'preview' } };
}
