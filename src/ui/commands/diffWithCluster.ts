import * as vscode from 'vscode';
import type { Cluster } from '../../cluster';
import type { DiffFile, ObjectPair } from '../../core';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance, ResourceSummary } from '../../model/instance';
import type { Manifest } from '../../model/manifest';
import type { VirtualDocuments } from '../documents/virtualDocuments';
import { loadCore } from '../host/bundles';
import type { Clusters } from '../host/clusters';
import { withProgress } from '../host/progress';
import type { Translator } from '../host/translator';
import { pickDestination } from '../prompts/destination';

const { t } = vscode.l10n;

export interface DiffParts { translator: Translator; clusters: Clusters; documents: VirtualDocuments }

/** Live cluster ↔ what a server-side apply would make of it, as the API server itself says. */
export async function diffWithCluster(parts: DiffParts, instance: Instance, resource: ResourceSummary, given?: KubernetesDestination): Promise<void> {
  const destination = given ?? await pickDestination(instance, resource, 'cluster');
  if (destination === 'none') { void vscode.window.showInformationMessage(t('There is no Kubernetes destination with a cluster to compare {0} with.', resource.name)); return; }
  if (destination === undefined) return;
  const files = await withProgress(t('Comparing {0} with {1}', resource.name, destination.name), (signal, report) => compare(parts, instance, resource, destination, signal, report));
  if (files === undefined) return;
  await openClusterDiff(parts.documents, instance, resource, destination, files, { kind: 'live', title: t('{0}: {1} live ↔ would be', resource.name, destination.name) });
}

/** Opens what differs, or says that nothing does. */
export async function openClusterDiff(documents: VirtualDocuments, instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, files: readonly DiffFile[], { kind, title }: { kind: string; title: string }): Promise<void> {
  const changed = files.filter(({ change }) => change !== 'none');
  if (changed.length === 0) { void vscode.window.showInformationMessage(t('{0} on {1} is as it would be: {2} objects, no difference.', resource.name, destination.name, String(files.length))); return; }
  await showDiff(documents, [resource.name], changed, [instance.origin, resource.uuid, destination.id, kind], title);
}

/** Both sides of each file in one multi-file diff. */
export async function showDiff(documents: VirtualDocuments, folder: readonly string[], files: readonly DiffFile[], which: readonly string[], title: string): Promise<void> {
  const rows = files.map(({ name, left, right }) => {
    const before = documents.put([...folder, name], left, [...which, 'before']);
    const after = documents.put([...folder, name], right, [...which, 'after']);
    return [after, before, after];
  });
  await vscode.commands.executeCommand('vscode.changes', title, rows);
}

async function compare({ translator, clusters }: DiffParts, instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, signal: AbortSignal, report: (message: string) => void): Promise<DiffFile[]> {
  const [{ translated }, cluster] = await Promise.all([translator.translateNewest(instance, resource, destination, signal), clusters.of(destination, { signal })]);
  const deployment = translated.deployment;
  if (deployment === undefined) throw new Error(translated.preview.findings[0]?.message ?? t('{0} could not be read.', resource.name));
  report(t('asking the API server'));
  const pairs = await Promise.all(deployment.rendering.manifests.map((manifest) => pair(cluster, manifest, signal)));
  return loadCore().clusterDiff(pairs, deployment.secrets);
}

async function pair(cluster: Cluster, manifest: Manifest, signal: AbortSignal): Promise<ObjectPair> {
  const { apiVersion, kind, metadata } = manifest;
  const ref = { apiVersion, kind, name: metadata.name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) };
  const [live, dryRun] = await Promise.all([cluster.get(ref, signal), cluster.dryRun(manifest, { fieldManager: loadCore().fieldManager, signal })]);
  const known = { manifest, ...(live && { live }) };
  switch (dryRun.kind) {
    case 'ok': return { ...known, wouldBe: dryRun.object };
    case 'noNamespace': return { ...known, remark: t('Would be created; not yet validated by the server, since its namespace is not there yet.') };
    case 'refused': return { ...known, remark: t('The API server refuses this: {0}', dryRun.message) };
  }
}
