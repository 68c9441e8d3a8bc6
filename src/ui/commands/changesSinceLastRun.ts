import * as vscode from 'vscode';
import type { DiffFile } from '../../core';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance, ResourceSummary } from '../../model/instance';
import { loadCore } from '../host/bundles';
import { withProgress } from '../host/progress';
import { revisionsOf } from '../host/revisions';
import { pickDestination } from '../prompts/destination';
import { openClusterDiff, type DiffParts } from './diffWithCluster';

const { t } = vscode.l10n;

/** What was deployed last ↔ what would be now, manifests on both sides. */
export async function changesSinceLastRun(parts: DiffParts, instance: Instance, resource: ResourceSummary, given?: KubernetesDestination): Promise<void> {
  const destination = given ?? await pickDestination(instance, resource, 'cluster');
  if (destination === 'none') { void vscode.window.showInformationMessage(t('There is no Kubernetes destination that {0} could have been deployed to.', resource.name)); return; }
  if (destination === undefined) return;
  const files = await withProgress(t('Reading the last deployment of {0}', resource.name), (signal) => changes(parts, instance, resource, destination, signal));
  if (files === undefined) return;
  if (files === 'never') { void vscode.window.showInformationMessage(t('{0} was not deployed to {1} yet.', resource.name, destination.name)); return; }
  await openClusterDiff(parts.documents, instance, resource, destination, files, { kind: 'revision', title: t('{0}: last deployment to {1} ↔ now', resource.name, destination.name) });
}

async function changes({ translator, clusters }: DiffParts, instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, signal: AbortSignal): Promise<DiffFile[] | 'never'> {
  const { translated } = await translator.translateNewest(instance, resource, destination, signal);
  const { deployment } = translated;
  if (deployment === undefined) throw new Error(translated.preview.findings[0]?.message ?? t('{0} could not be read.', resource.name));
  const [last] = await revisionsOf(clusters, destination, resource, deployment.rendering.namespace, signal);
  return last === undefined ? 'never' : loadCore().revisionDiff(last.manifests, deployment.rendering.manifests, deployment.secrets);
}
