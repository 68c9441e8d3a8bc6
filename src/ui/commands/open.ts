import * as vscode from 'vscode';
import type { PortForward } from '../../cluster';
import type { Clusters } from '../host/clusters';
import type { ClusterStates } from '../host/clusterStates';
import { withProgress } from '../host/progress';
import { choose } from '../prompts/ask';
import { locatePods } from '../tree/locate';
import type { Node } from '../tree/nodes';
import type { Pod } from '../tree/deployed';

const { t } = vscode.l10n;

/** Ports of this machine that lead to pods, until they are stopped or the editor closes. */
export class Forwards implements vscode.Disposable {
  private readonly open = new Map<string, PortForward>();

  get(key: string): PortForward | undefined { return this.open.get(key); }
  set(key: string, forward: PortForward): void { this.open.set(key, forward); }

  async stop(key: string): Promise<void> {
    await this.open.get(key)?.close();
    this.open.delete(key);
  }

  dispose(): void {
    for (const forward of this.open.values()) void forward.close();
    this.open.clear();
  }
}

export interface OpenParts { clusters: Clusters; states: ClusterStates; forwards: Forwards; output: vscode.OutputChannel }

/** Opens a port of a pod in the browser, through the tunnel: it works before DNS and ingress do. */
export async function open(parts: OpenParts, node: Node): Promise<void> {
  const located = await locatePods(node, parts.states);
  const ports = located?.pods.flatMap((pod) => pod.ports.map((port) => ({ pod, port }))) ?? [];
  if (located === undefined || ports.length === 0) { void vscode.window.showInformationMessage(t('Nothing of it runs on Kubernetes with a port to open.')); return; }
  const chosen = await choosePort(ports);
  if (chosen === undefined) return;
  const { pod, port } = chosen;
  const key = `${located.destination.id} ${pod.namespace}/${pod.name}:${String(port)}`;
  const forward = parts.forwards.get(key) ?? await withProgress(t('Forwarding port {0} of {1}', String(port), pod.name), async (signal) => {
    const cluster = await parts.clusters.of(located.destination, { signal });
    return cluster.forwardPort({ namespace: pod.namespace, pod: pod.name, port }, { onProblem: (message) => { parts.output.appendLine(message); } });
  });
  if (forward === undefined) return;
  parts.forwards.set(key, forward);
  const uri = await vscode.env.asExternalUri(vscode.Uri.parse(`http://127.0.0.1:${String(forward.port)}/`));
  void offerStop(parts.forwards, key, pod, port, uri);
  await vscode.env.openExternal(uri);
}

function choosePort(ports: readonly { pod: Pod; port: number }[]): Promise<{ pod: Pod; port: number } | undefined> {
  const ready = ports.filter(({ pod }) => pod.ready);
  const usable = ready.length > 0 ? ready : ports;
  if (usable.length === 1) return Promise.resolve(usable[0]);
  return choose(t('Open'), t('Port'), usable.map((value) => ({ label: String(value.port), description: value.pod.name, detail: value.pod.ready ? '' : value.pod.state, value })));
}

async function offerStop(forwards: Forwards, key: string, pod: Pod, port: number, uri: vscode.Uri): Promise<void> {
  const stop = t('Stop');
  const copy = t('Copy Address');
  const chosen = await vscode.window.showInformationMessage(t('{0} leads to port {1} of {2}.', uri.toString(), String(port), pod.name), copy, stop);
  if (chosen === stop) await forwards.stop(key);
  if (chosen === copy) await vscode.env.clipboard.writeText(uri.toString());
}
