import * as vscode from 'vscode';
import type { Clusters } from '../host/clusters';
import type { ClusterStates } from '../host/clusterStates';
import { lineReader } from '../host/logLines';
import { secretValuesOf } from '../host/secretValues';
import type { Translator } from '../host/translator';
import { choose } from '../prompts/ask';
import type { Pod } from '../tree/deployed';
import { locatePods } from '../tree/locate';
import type { Node } from '../tree/nodes';
import type { Sessions } from '../tree/session';

const { t } = vscode.l10n;

/** How much of the past is shown. */
const tailLines = 500;

/** One output channel for each container that is looked at; asking again starts it anew. */
export class LogChannels implements vscode.Disposable {
  private readonly channels = new Map<string, { channel: vscode.OutputChannel; abort: AbortController }>();

  fresh(name: string): { channel: vscode.OutputChannel; signal: AbortSignal } {
    const known = this.channels.get(name);
    known?.abort.abort();
    const channel = known?.channel ?? vscode.window.createOutputChannel(name, 'log');
    channel.clear();
    const abort = new AbortController();
    this.channels.set(name, { channel, abort });
    return { channel, signal: abort.signal };
  }

  dispose(): void {
    for (const { channel, abort } of this.channels.values()) { abort.abort(); channel.dispose(); }
    this.channels.clear();
  }
}

export interface LogParts { clusters: Clusters; states: ClusterStates; translator: Translator; sessions: Sessions; logs: LogChannels }

/** Streams the log of a container into a channel of its own, secrets masked. */
export async function viewLogs(parts: LogParts, node: Node): Promise<void> {
  const located = await locatePods(node, parts.states);
  const containers = located?.pods.flatMap((pod) => pod.containers.map((container) => ({ pod, container }))) ?? [];
  if (located === undefined || containers.length === 0) { void vscode.window.showInformationMessage(t('Nothing of it runs on Kubernetes.')); return; }
  const chosen = containers.length === 1 ? containers[0] : await choose(t('View Logs'), t('Container'), containers.map((value) => ({ label: value.container, description: value.pod.name, detail: value.pod.state, value })));
  if (chosen === undefined) return;
  const [cluster, secrets] = await Promise.all([parts.clusters.of(located.destination), secretValuesOf(parts, located.instance, located.uuid, located.destination)]);
  const { channel, signal } = parts.logs.fresh(`${chosen.pod.name} ${chosen.container}`);
  channel.show(true);
  const lines = lineReader((line) => { channel.appendLine(line); }, secrets);
  // Not awaited: a log goes on for as long as its container.
  cluster.logs(podOf(chosen.pod, chosen.container), { follow: true, tailLines, signal }, lines.push).then(() => {
    lines.end();
    if (!signal.aborted) channel.appendLine(t('— end of the log —'));
  }, (error: unknown) => { if (!signal.aborted) channel.appendLine(t('— the log could not be read: {0} —', error instanceof Error ? error.message : String(error))); });
}

const podOf = ({ namespace, name }: Pod, container: string): { namespace: string; name: string; container: string } => ({ namespace, name, container });
