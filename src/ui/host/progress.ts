import * as vscode from 'vscode';

/** Runs something that can be cancelled under a notification; undefined when it was cancelled. */
export function withProgress<T>(title: string, work: (signal: AbortSignal, report: (message: string) => void) => Promise<T>): Promise<T | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return Promise.resolve(vscode.window.withProgress(options, async (progress, cancellation) => {
    const abort = new AbortController();
    cancellation.onCancellationRequested(() => { abort.abort(); });
    try {
      return await work(abort.signal, (message) => { progress.report({ message }); });
    } catch (error) {
      if (abort.signal.aborted) return undefined;
      throw error;
    }
  }));
}
