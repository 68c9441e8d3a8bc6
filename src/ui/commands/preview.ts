import * as vscode from 'vscode';
import { isCoolifyError } from '../../coolify/errors';
import { defaultDestination, type KubernetesDestination } from '../../model/destination';
import type { Bundle, Instance, ResourceSummary } from '../../model/instance';
import { findingsText, notable } from '../documents/findingsLog';
import type { VirtualDocuments } from '../documents/virtualDocuments';
import { loadCore, type Translation } from '../host/core';
import { readDestinations } from '../host/settings';
import type { Sessions } from '../tree/session';

const { t } = vscode.l10n;

/** Shows what a resource would become, as a multi-file diff against what Coolify runs today. */
export async function previewManifests(instance: Instance, resource: ResourceSummary, sessions: Sessions, documents: VirtualDocuments, output: vscode.OutputChannel): Promise<void> {
  const destination = await pickDestination(instance, resource);
  if (!destination) return;
  const bundle = await collect(instance, resource, sessions);
  if (!bundle) return;
  const translation = loadCore().translateBundle(bundle, destination);
  await openDiff(instance, resource, destination, translation, documents);
  output.appendLine(findingsText(resource.name, translation.findings));
  const count = notable(translation.findings);
  if (count === 0) return;
  const show = t('Show Findings');
  // Not awaited: the preview is there, whether or not somebody answers.
  void vscode.window.showInformationMessage(t('{0}: {1} findings to look at.', resource.name, String(count)), show).then((chosen) => { if (chosen === show) output.show(true); });
}

async function pickDestination(instance: Instance, resource: ResourceSummary): Promise<KubernetesDestination | undefined> {
  const fitting = readDestinations().filter((d) => (d.instance === undefined || d.instance === instance.origin) && (d.server === undefined || d.server === resource.serverUuid));
  if (fitting.length <= 1) return fitting[0] ?? defaultDestination;
  const items = fitting.map((destination) => ({ label: destination.name, destination }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Kubernetes destination') }))?.destination;
}

function collect(instance: Instance, resource: ResourceSummary, sessions: Sessions): Thenable<Bundle | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title: t('Reading {0}', resource.name), cancellable: true };
  return vscode.window.withProgress(options, async (_progress, cancellation) => {
    const abort = new AbortController();
    cancellation.onCancellationRequested(() => { abort.abort(); });
    try {
      const client = await sessions.client(instance);
      if (client) return await client.bundle(resource.kind, resource.uuid, abort.signal);
      void vscode.window.showErrorMessage(t('There is no token for {0}; sign in again.', instance.origin));
    } catch (error) {
      if (!isCoolifyError(error)) throw error;
      if (error.kind !== 'cancelled') void vscode.window.showErrorMessage(error.message);
    }
    return undefined;
  });
}

async function openDiff(instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, translation: Translation, documents: VirtualDocuments): Promise<void> {
  const folder = [new URL(instance.origin).host, resource.uuid, destination.id];
  const today = new Map(translation.today.map(({ name, text }) => [name, text]));
  const changes = translation.files.map((file) => {
    const left = documents.put([...folder, 'coolify', file.name], today.get(file.left) ?? '');
    const right = documents.put([...folder, 'kubernetes', file.name], file.text);
    return [right, left, right];
  });
  if (changes.length === 0) { void vscode.window.showWarningMessage(t('{0}: nothing in it can run on Kubernetes; see the findings.', resource.name)); return; }
  await vscode.commands.executeCommand('vscode.changes', t('{0}: Coolify ↔ {1}', resource.name, destination.name), changes);
}
