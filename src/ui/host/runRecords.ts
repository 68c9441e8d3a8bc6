import * as vscode from 'vscode';
import { isObject } from '../../text/json';

const actions = ['deploy', 'restart', 'stop', 'start', 'rollback'] as const;
/** What a run does to a resource. */
export type RunAction = (typeof actions)[number];

/** A run that may still be going on, as this machine remembers it. Holds no secrets; the truth is on the server. */
export interface RunRecord { runId: string; action: RunAction; destinationId: string; instance: string; resource: { uuid: string; name: string }; namespace: string }

/**
 * Runs whose end was not seen yet, in a file of the extension's own: the editor's memento is written some seconds late, and a window
 * may be closed before.
 */
export class RunRecords {
  private readonly file: vscode.Uri;
  /** Changes wait for one another, else one would undo the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly folder: vscode.Uri) { this.file = vscode.Uri.joinPath(folder, 'runs.json'); }

  async all(): Promise<RunRecord[]> {
    try {
      const stored: unknown = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(this.file)));
      return Array.isArray(stored) ? stored.flatMap(record) : [];
    } catch {
      // Not there yet, or not ours: then nothing is remembered, and the server still has its runs.
      return [];
    }
  }

  add(record: RunRecord): Promise<void> { return this.change((records) => [...records, record]); }
  remove(runId: string): Promise<void> { return this.change((records) => records.filter((other) => other.runId !== runId)); }

  private change(to: (records: RunRecord[]) => RunRecord[]): Promise<void> {
    const changed = this.last.then(async () => {
      await vscode.workspace.fs.createDirectory(this.folder);
      await vscode.workspace.fs.writeFile(this.file, new TextEncoder().encode(JSON.stringify(to(await this.all()))));
    });
    this.last = changed.catch(() => undefined);
    return changed;
  }
}

function record(value: unknown): RunRecord[] {
  if (!isObject(value) || !isObject(value['resource'])) return [];
  const { runId, destinationId, instance, namespace } = value;
  const { uuid, name } = value['resource'];
  const known = typeof runId === 'string' && typeof destinationId === 'string' && typeof instance === 'string' && typeof namespace === 'string' && typeof uuid === 'string' && typeof name === 'string';
  const action = actions.find((one) => one === value['action']) ?? 'deploy';
  return known ? [{ runId, action, destinationId, instance, namespace, resource: { uuid, name } }] : [];
}
