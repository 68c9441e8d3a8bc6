import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { Ending } from '../host/runs';
import type { RunRecord } from '../host/runRecords';

const { t } = vscode.l10n;

/** What a run is doing, as the title of its progress. */
export function doing({ action, resource }: Pick<RunRecord, 'action' | 'resource'>, destination: KubernetesDestination): string {
  switch (action) {
    case 'deploy': return t('Deploying {0} to {1}', resource.name, destination.name);
    case 'restart': return t('Restarting {0} on {1}', resource.name, destination.name);
    case 'stop': return t('Stopping {0} on {1}', resource.name, destination.name);
    case 'start': return t('Starting {0} on {1}', resource.name, destination.name);
    case 'rollback': return t('Rolling {0} back on {1}', resource.name, destination.name);
  }
}

/** What a run did, once it succeeded. */
export function done({ action, resource }: RunRecord, destination: KubernetesDestination): string {
  switch (action) {
    case 'deploy': return t('{0} is deployed to {1}.', resource.name, destination.name);
    case 'restart': return t('{0} was restarted on {1}.', resource.name, destination.name);
    case 'stop': return t('{0} is stopped on {1}.', resource.name, destination.name);
    case 'start': return t('{0} was started on {1}.', resource.name, destination.name);
    case 'rollback': return t('{0} was rolled back on {1}.', resource.name, destination.name);
  }
}

/** What a run did not achieve. */
export function failed({ action, resource }: RunRecord, destination: KubernetesDestination): string {
  switch (action) {
    case 'deploy': return t('{0} could not be deployed to {1}.', resource.name, destination.name);
    case 'restart': return t('{0} could not be restarted on {1}.', resource.name, destination.name);
    case 'stop': return t('{0} could not be stopped on {1}.', resource.name, destination.name);
    case 'start': return t('{0} could not be started on {1}.', resource.name, destination.name);
    case 'rollback': return t('{0} could not be rolled back on {1}.', resource.name, destination.name);
  }
}

/** The end of a run as the last lines of its log. */
export function endingLine(record: RunRecord, destination: KubernetesDestination, ending: Ending): string {
  switch (ending.kind) {
    case 'succeeded': return done(record, destination);
    case 'cancelled': return t('The run was cancelled. What was applied before stays in the cluster.');
    case 'died': return t('The run died with its server, or was killed; start it again.');
    case 'unknown': return t('How the run ended is not known: {0}.', ending.reason);
    case 'failed': return [failed(record, destination), ...ending.why.map(({ message, nextStep }) => `• ${message}\n  ${nextStep}`)].join('\n');
  }
}
