import * as vscode from 'vscode';
import type { Preview } from '../../core';
import { defaultDestination, type KubernetesDestination } from '../../model/destination';
import type { Instance, ResourceSummary } from '../../model/instance';
import { findingsText, notable } from '../documents/findingsLog';
import type { Problems } from '../documents/problems';
import type { VirtualDocuments } from '../documents/virtualDocuments';
import { withProgress } from '../host/progress';
import type { Translator } from '../host/translator';
import { pickDestination } from '../prompts/destination';

const { t } = vscode.l10n;

export interface PreviewParts { translator: Translator; documents: VirtualDocuments; problems: Problems; output: vscode.OutputChannel }

/** Shows what a resource would become, as a multi-file diff against what Coolify runs today. */
export async function previewManifests(parts: PreviewParts, instance: Instance, resource: ResourceSummary, given?: KubernetesDestination): Promise<void> {
  const picked = given ?? await pickDestination(instance, resource, 'any');
  if (picked === undefined) return;
  const destination = picked === 'none' ? defaultDestination : picked;
  const read = await withProgress(t('Reading {0}', resource.name), (signal) => parts.translator.translate(instance, resource, destination, signal));
  if (read === undefined) return;
  const { preview } = read.translated;
  await openDiff(instance, resource, destination, preview, parts);
  parts.output.appendLine(findingsText(resource.name, preview.findings));
  const count = notable(preview.findings);
  if (count === 0) return;
  const show = t('Show Findings');
  // Not awaited: the preview is there, whether or not somebody answers.
  void vscode.window.showInformationMessage(t('{0}: {1} findings to look at.', resource.name, String(count)), show).then((chosen) => { if (chosen === show) parts.output.show(true); });
}

async function openDiff(instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, preview: Preview, { documents, problems }: PreviewParts): Promise<void> {
  const which = [instance.origin, resource.uuid, destination.id];
  const today = new Map(preview.today.map(({ name, text }) => [name, text]));
  const changes = preview.files.map((file) => {
    const left = documents.put([resource.name, file.name], today.get(file.left) ?? '', [...which, 'coolify']);
    const right = documents.put([resource.name, file.name], file.text, [...which, 'kubernetes']);
    return { file, left, right };
  });
  if (changes.length === 0) { void vscode.window.showWarningMessage(t('{0}: nothing in it can run on Kubernetes; see the findings.', resource.name)); return; }
  await vscode.commands.executeCommand('vscode.changes', t('{0}: Coolify ↔ {1}', resource.name, destination.name), changes.map(({ left, right }) => [right, left, right]));
  await Promise.all(changes.filter(({ file }) => file.left !== '').map(({ file, left }) => problems.show(left, preview.problems.filter((problem) => problem.file === file.left))));
}
