import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { Planned, PlanOptions } from '../../core';
import type { KubernetesDestination } from '../../model/destination';
import type { RunEvent, RunState } from '../../model/plan';
import type { KubectlOnServer } from '../../run';
import type { Connection } from '../../ssh';
import { runLine } from '../documents/runLog';
import { type RunLog, RunLogs } from '../documents/runLogFile';
import { doing, endingLine } from '../documents/runWords';
import { loadCore, loadRemote } from './bundles';
import { sshTarget, type Clusters } from './clusters';
import type { Connections, OpenOptions } from './connections';
import { explainFailure, type Why } from './failure';
import type { RegistryLogins } from './registryLogins';
import type { RunAction, RunRecord, RunRecords } from './runRecords';
import { sentence } from './sentence';
import { followStartingPods } from './startingPods';

const { t } = vscode.l10n;

/** How a followed run ended. */
export type Ending = { kind: 'succeeded' } | { kind: 'cancelled' } | { kind: 'failed'; why: Why[] } | { kind: 'died' } | { kind: 'unknown'; reason: string };

export interface StartOptions {
  action: RunAction;
  resource: { uuid: string; name: string };
  namespace: string;
  /** Origin of the Coolify instance, for reading the secrets to mask. */
  instance: string;
  onServer: KubectlOnServer;
  /** The plan and the files of the run, once the run has an id. */
  make: (options: PlanOptions) => Planned;
  signal: AbortSignal;
}

/** Starts runs on servers and follows them. A run goes on without us; what was started here is remembered until its end was seen. */
export class Runs {
  private readonly following = new Set<string>();
  private readonly logs: RunLogs;

  constructor(
    private readonly connections: Connections, private readonly records: RunRecords, private readonly output: vscode.OutputChannel,
    /** Called while something changes in the cluster of a destination. */
    private readonly onChange: (destination: KubernetesDestination) => void,
    /** Folder for whole logs. */
    logFolder: string,
    private readonly clusters: Clusters,
    private readonly registryLogins: RegistryLogins,
  ) {
    this.logs = new RunLogs(output, logFolder, (file) => t('The log is longer than this channel holds. All of it: {0}', pathToFileURL(file).href));
  }

  /** Runs of this machine whose end was not seen. */
  known(): Promise<RunRecord[]> { return this.records.all(); }

  /** Those of them that nobody follows: the window was closed meanwhile. */
  async unfollowed(): Promise<RunRecord[]> {
    return (await this.known()).filter(({ runId }) => !this.following.has(runId));
  }

  async start(destination: KubernetesDestination, { action, resource, namespace, instance, onServer, make, signal }: StartOptions): Promise<RunRecord> {
    const connection = await this.connections.to(sshTarget(destination), { signal });
    const { newRunId, startRun } = loadRemote();
    const runId = newRunId(resource);
    const { plan, files } = make({ id: runId, destination: destination.id, ...onServer, ...await this.registryLogins.of(destination) });
    const record = { runId, action, destinationId: destination.id, instance, resource, namespace };
    // Remembered first: a window that closes right now still finds the run.
    await this.records.add(record);
    try {
      await startRun(connection, plan, files, signal);
    } catch (error) {
      await this.records.remove(runId);
      throw error;
    }
    return record;
  }

  /** Shows a run in the output channel until its end, through lost connections. Cancelling ends the run itself. */
  async follow(record: RunRecord, destination: KubernetesDestination, secrets: readonly string[], options: OpenOptions = {}): Promise<Ending> {
    this.following.add(record.runId);
    try {
      const target = sshTarget(destination);
      const connection = await this.connections.to(target, options);
      const reconnect = (): Promise<Connection> => this.connections.to(target, { quiet: true });
      const { registry } = await this.registryLogins.of(destination);
      const hidden = registry === undefined ? secrets : [...secrets, registry.password];
      const followed = await this.withProgress(record, destination, connection, hidden, reconnect);
      const ending = await this.ending(followed, record, hidden, reconnect);
      if (ending.kind !== 'unknown') await this.records.remove(record.runId);
      this.output.appendLine(`\n${endingLine(record, destination, ending)}`);
      this.onChange(destination);
      return ending;
    } finally {
      this.following.delete(record.runId);
    }
  }

  private withProgress(record: RunRecord, destination: KubernetesDestination, connection: Connection, secrets: readonly string[], reconnect: () => Promise<Connection>): Thenable<Followed> {
    const location = { location: vscode.ProgressLocation.Notification, title: doing(record, destination), cancellable: true };
    return vscode.window.withProgress(location, (progress, cancellation) => {
      const { cancelRun, followRun } = loadRemote();
      cancellation.onCancellationRequested(() => {
        progress.report({ message: t('cancelling…') });
        reconnect().then((current) => cancelRun(current, record.runId)).catch((error: unknown) => { this.output.appendLine(t('The run could not be cancelled: {0}', String(error))); });
      });
      this.logs.makeRoom();
      this.output.appendLine(`\n${t('{0} → {1}, run {2}', record.resource.name, destination.name, record.runId)}`);
      const log = this.logs.open(record.runId);
      const failed = failedStep();
      const ended = new AbortController();
      const show = (event: RunEvent): void => {
        const line = runLine(event);
        if (line !== '') log.append(line);
        failed.take(event, line.trim());
        if (event.type === 'step') progress.report({ message: event.title });
        if (event.type === 'stage' && event.stage === 'apply' && record.action !== 'stop') void this.showStarting(record, destination, secrets, ended.signal, log);
      };
      return followRun(connection, record.runId, 0, show, undefined, reconnect, { secrets }).then((state) => ({ state, failed: failed.words() })).finally(() => { ended.abort(); return log.close(); });
    });
  }

  /** The words of new pods, beside those of the run. A help only: where the cluster cannot be asked from here, the run's own log is enough. */
  private async showStarting({ resource, namespace }: RunRecord, destination: KubernetesDestination, secrets: readonly string[], signal: AbortSignal, log: RunLog): Promise<void> {
    try {
      const cluster = await this.clusters.of(destination, { quiet: true, signal });
      await followStartingPods(cluster, { namespace, selector: loadCore().resourceSelector(resource), secrets, signal }, (line) => { if (!signal.aborted) log.append(`${line}\n`); });
    } catch (error) {
      if (!signal.aborted) log.append(`  ${t('The logs of new pods cannot be read: {0}', sentence(error))}\n`);
    }
  }

  private async ending({ state, failed }: Followed, record: RunRecord, secrets: readonly string[], reconnect: () => Promise<Connection>): Promise<Ending> {
    switch (state.kind) {
      case 'running': return { kind: 'unknown', reason: t('it is still running') };
      case 'unknown': return { kind: 'unknown', reason: state.reason };
      case 'died': return { kind: 'died' };
      case 'done': {
        if (state.exit === 0) return { kind: 'succeeded' };
        if (state.exit === 143 || state.exit === 137) return { kind: 'cancelled' };
        const why = await explainFailure(await reconnect(), record.runId, secrets);
        return { kind: 'failed', why: why.length > 0 || failed === undefined ? why : [failed] };
      }
    }
  }
}

/** A run's end, and the last words of the step that failed. */
interface Followed { state: RunState; failed: Why | undefined }

/** Remembers what the first failed step said at last. */
function failedStep(): { take: (event: RunEvent, line: string) => void; words: () => Why | undefined } {
  let title = '';
  let last: string[] = [];
  let found: Why | undefined;
  return {
    take: (event, line) => {
      if (event.type === 'step') { title = line.replace(/^▸ /, ''); last = []; }
      if (event.type === 'output') last = [...last, line].slice(-2);
      if (event.type === 'exit' && event.code !== 0) found ??= { message: `${title}: ${last.join(' ')}`, nextStep: t('The log has the rest.') };
    },
    words: () => found,
  };
}
