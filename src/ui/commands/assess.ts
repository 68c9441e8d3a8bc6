import * as vscode from 'vscode';
import type { Assessed } from '../../core';
import { defaultDestination, type KubernetesDestination } from '../../model/destination';
import type { ResourceSummary } from '../../model/instance';
import type { VirtualDocuments } from '../documents/virtualDocuments';
import { loadCore } from '../host/bundles';
import { withProgress } from '../host/progress';
import { sentence } from '../host/sentence';
import { readDestinations } from '../host/settings';
import type { Translator } from '../host/translator';
import { choose } from '../prompts/ask';
import { appearance } from '../tree/appearance';
import { resourcesBelow, type Node } from '../tree/nodes';
import type { Sessions } from '../tree/session';

const { t } = vscode.l10n;

export interface AssessParts { translator: Translator; documents: VirtualDocuments; sessions: Sessions }

/** Instances are far away, and a reader waits; more at once would only be a burden to Coolify. */
const atOnce = 4;

/** Answers, for every resource below a row, whether it can run on Kubernetes and exactly why not: a page with a table and the reasons. */
export async function assess({ translator, documents, sessions }: AssessParts, node: Node & { instance: NonNullable<Node['instance']> }): Promise<void> {
  const { instance } = node;
  const title = appearance(node, t).label;
  const loaded = await sessions.load(instance);
  if (loaded.kind !== 'ready') throw new Error(loaded.kind === 'failed' ? loaded.message : t('There is no token for {0}; sign in again.', instance.origin));
  const resources = resourcesBelow(node, loaded.snapshot);
  if (resources.length === 0) { void vscode.window.showInformationMessage(t('{0}: there is no resource in it.', title)); return; }
  const picked = node.type === 'kubernetes' ? node.destination : await pickOne(instance.origin, title);
  if (picked === undefined) return;
  const destination = picked === 'none' ? defaultDestination : picked;
  const assessed = await withProgress(t('Assessing {0}', title), async (signal, report) => {
    const answers: Assessed[] = [];
    const waiting = [...resources];
    const work = async (): Promise<void> => {
      for (let resource = waiting.shift(); resource !== undefined; resource = waiting.shift()) {
        answers.push(await assessOne(resource, signal));
        report(t('{0} of {1}', String(answers.length), String(resources.length)));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return answers;
  });
  if (assessed === undefined) return;
  const where = picked === 'none' ? t('There is no destination yet, so plain Ingress and the default storage class of a cluster are assumed; with Traefik and cert-manager more is possible.') : t('For the destination {0}.', destination.name);
  const page = documents.put([t('Assessment of {0}.md', title)], loadCore().assessmentReport(title, where, assessed), [instance.origin, destination.id]);
  await vscode.commands.executeCommand('markdown.showPreview', page);

  async function assessOne(resource: ResourceSummary, signal: AbortSignal): Promise<Assessed> {
    const about = { name: resource.name, kind: resource.kind, place: [resource.projectName, resource.environmentName].filter(Boolean).join(' / ') };
    try {
      const { translated } = await translator.translate(instance, resource, destination, signal);
      return { ...about, findings: translated.preview.findings };
    } catch (error) {
      // One that cannot be read is no reason to keep the answers about the others back.
      if (signal.aborted) throw error;
      return { ...about, findings: [], failure: sentence(error) };
    }
  }
}

/** Only destinations of this instance, or of none; `none` when there is nothing to choose from. */
async function pickOne(origin: string, title: string): Promise<KubernetesDestination | 'none' | undefined> {
  const usable = readDestinations().filter(({ instance }) => instance === undefined || instance === origin);
  if (usable.length <= 1) return usable[0] ?? 'none';
  return choose(title, t('Kubernetes destination'), usable.map((destination) => ({ label: destination.name, description: destination.ssh?.host ?? '', value: destination })));
}
