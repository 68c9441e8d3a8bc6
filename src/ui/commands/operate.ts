import * as vscode from 'vscode';
import type { Planned, PlanOptions, Revision } from '../../core';
import { loadCore, loadRemote } from '../host/bundles';
import { sshTarget, type Clusters } from '../host/clusters';
import type { Connections } from '../host/connections';
import { withProgress } from '../host/progress';
import { revisionsOf } from '../host/revisions';
import type { RunAction } from '../host/runRecords';
import { doing } from '../documents/runWords';
import type { Runs } from '../host/runs';
import { secretValuesOf } from '../host/secretValues';
import type { Translator } from '../host/translator';
import type { VirtualDocuments } from '../documents/virtualDocuments';
import { choose } from '../prompts/ask';
import type { Node } from '../tree/nodes';
import type { Sessions } from '../tree/session';
import { report } from './deploy';
import { showDiff } from './diffWithCluster';

const { t } = vscode.l10n;

export interface OperateParts { connections: Connections; clusters: Clusters; runs: Runs; translator: Translator; sessions: Sessions; documents: VirtualDocuments; output: vscode.OutputChannel }

type DeployedNode = Node & { type: 'deployed' };

/** Starts every pod anew, one after the other where the workload can. */
export async function restart(parts: OperateParts, node: DeployedNode): Promise<void> {
  const last = await lastRevision(parts, node);
  if (last === undefined || !await sure(t('Restart {0} on {1}?', node.name, node.destination.name), t('Its pods are replaced one after the other.'), t('Restart'))) return;
  await run(parts, node, 'restart', (options) => loadCore().restartPlan(last.manifests, node.deployed.namespace, resourceOf(node), options));
}

/** Scales to zero; volumes, Services and routes stay. */
export async function stop(parts: OperateParts, node: DeployedNode): Promise<void> {
  const last = await lastRevision(parts, node);
  if (last === undefined || !await sure(t('Stop {0} on {1}?', node.name, node.destination.name), t('It is scaled to 0 and its schedules are suspended. Volumes and routes stay.'), t('Stop'))) return;
  await run(parts, node, 'stop', (options) => loadCore().stopPlan(last, resourceOf(node), options));
}

/** Brings back what was stopped, or deployed scaled to 0. */
export async function start(parts: OperateParts, node: DeployedNode): Promise<void> {
  const last = await lastRevision(parts, node);
  if (last === undefined || !await sure(t('Start {0} on {1}?', node.name, node.destination.name), t('If it also runs in Docker, two of it run: stop that one first where both would write the same data.'), t('Start'))) return;
  await run(parts, node, 'start', (options) => loadCore().startPlan(last, resourceOf(node), options));
}

/** Applies an earlier revision again, after its differences were shown. */
export async function rollback(parts: OperateParts, node: DeployedNode): Promise<void> {
  const revisions = await historyOf(parts, node);
  if (revisions === undefined) return;
  const [current, ...earlier] = revisions;
  if (current === undefined || earlier.length === 0) { void vscode.window.showInformationMessage(t('There is no earlier deployment of {0} to go back to.', node.name)); return; }
  const to = await choose(t('Rollback {0}', node.name), t('Deployment to go back to'), earlier.map((value) => ({ label: new Date(value.createdAt).toLocaleString(), description: value.id, detail: images(value), value })));
  if (to === undefined) return;
  const secrets = await secretValuesOf(parts, node.instance?.origin, node.deployed.uuid, node.destination);
  const changed = loadCore().revisionDiff(current.manifests, to.manifests, secrets).filter(({ change }) => change !== 'none');
  if (changed.length > 0) await showDiff(parts.documents, [node.name], changed, [node.destination.id, node.deployed.uuid, 'rollback'], t('{0}: now ↔ rollback', node.name));
  if (!await sure(t('Roll {0} back to the deployment of {1}?', node.name, new Date(to.createdAt).toLocaleString()), [changed.length === 0 ? t('Its objects are the same as now.') : '', t('What a job did to data is not undone; volumes stay as they are.')].join(' ').trim(), t('Roll Back'))) return;
  await run(parts, node, 'rollback', (options) => loadCore().rollbackPlan(to, resourceOf(node), options, current));
}

const resourceOf = ({ deployed, name }: DeployedNode): { uuid: string; name: string } => ({ uuid: deployed.uuid, name });

function images({ manifests }: Revision): string {
  return [...new Set(JSON.stringify(manifests).match(/(?<="image":")[^"]+/g) ?? [])].join(', ');
}

async function historyOf({ clusters }: OperateParts, { destination, deployed, name }: DeployedNode): Promise<Revision[] | undefined> {
  return withProgress(t('Reading the history of {0}', name), (signal) => revisionsOf(clusters, destination, deployed, deployed.namespace, signal));
}

async function lastRevision(parts: OperateParts, node: DeployedNode): Promise<Revision | undefined> {
  const revisions = await historyOf(parts, node);
  if (revisions?.length === 0) void vscode.window.showWarningMessage(t('{0} has no successful deployment yet; deploy it first.', node.name));
  return revisions?.[0];
}

async function sure(question: string, detail: string, button: string): Promise<boolean> {
  return await vscode.window.showWarningMessage(question, { modal: true, detail }, button) === button;
}

async function run(parts: OperateParts, node: DeployedNode, action: RunAction, make: (options: PlanOptions) => Planned): Promise<void> {
  const { destination, deployed, instance } = node;
  const started = await withProgress(doing({ action, resource: resourceOf(node) }, destination), async (signal) => parts.runs.start(destination, {
    action, make, resource: resourceOf(node), namespace: deployed.namespace, instance: instance?.origin ?? '', signal,
    onServer: await loadRemote().kubectlOn(await parts.connections.to(sshTarget(destination), { signal }), destination, signal),
  }));
  if (started === undefined) return;
  parts.output.show(true);
  const secrets = await secretValuesOf(parts, instance?.origin, deployed.uuid, destination);
  await report(await parts.runs.follow(started, destination, secrets), started, destination, parts.output);
}
