import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import { secretValuesOf } from '../host/secretValues';
import { readDestinations } from '../host/settings';
import type { RunRecord } from '../host/runRecords';
import type { Runs } from '../host/runs';
import type { Translator } from '../host/translator';
import type { Sessions } from '../tree/session';
import { commands } from '../ids';
import { choose } from '../prompts/ask';
import { report } from './deploy';

const { t } = vscode.l10n;

export interface FollowParts { runs: Runs; translator: Translator; sessions: Sessions; output: vscode.OutputChannel }

/** Follows a run that was started here and whose end was not seen. */
export async function followRun(parts: FollowParts): Promise<void> {
  const records = await parts.runs.unfollowed();
  if (records.length === 0) { void vscode.window.showInformationMessage(t('No deployment is waiting to be followed.')); return; }
  const record = records.length === 1 ? records[0] : await choose(t('Follow Deployment'), t('Deployment'), records.map((value) => ({ label: value.resource.name, description: destinationOf(value)?.name ?? '', value })));
  if (record !== undefined) await follow(parts, record, false);
}

/** Takes up every run that a closed window left behind, without asking anything; where that does not work, it is offered. */
export async function resumeRuns(parts: FollowParts): Promise<void> {
  await Promise.all((await parts.runs.unfollowed()).map(async (record) => {
    try {
      await follow(parts, record, true);
    } catch (error) {
      const again = t('Follow');
      const reason = error instanceof Error ? error.message : String(error);
      if (await vscode.window.showWarningMessage(t('A deployment of {0} was going on when the window closed, and cannot be followed yet: {1}', record.resource.name, reason), again) === again) await vscode.commands.executeCommand(commands.followRun);
    }
  }));
}

const destinationOf = (record: RunRecord): KubernetesDestination | undefined => readDestinations().find(({ id }) => id === record.destinationId);

async function follow({ runs, translator, sessions, output }: FollowParts, record: RunRecord, quiet: boolean): Promise<void> {
  const destination = destinationOf(record);
  if (destination === undefined) throw new Error(t('Its destination is no longer in the settings.'));
  const secrets = await secretValuesOf({ translator, sessions }, record.instance, record.resource.uuid, destination);
  await report(await runs.follow(record, destination, secrets, { quiet }), record, destination, output);
}
