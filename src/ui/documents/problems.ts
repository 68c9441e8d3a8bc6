import * as vscode from 'vscode';
import type { Problem } from '../../core';

const severities = { error: vscode.DiagnosticSeverity.Error, warning: vscode.DiagnosticSeverity.Warning, info: vscode.DiagnosticSeverity.Information };

/** Findings in the Problems panel, for documents that are open: they go when the preview is closed. */
export class Problems implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('coolify-kubernetes');
  private readonly closing = vscode.workspace.onDidCloseTextDocument((document) => { this.collection.delete(document.uri); });

  async show(uri: vscode.Uri, problems: readonly Problem[]): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    this.collection.set(uri, problems.map(({ start, end, finding }) => {
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      const diagnostic = new vscode.Diagnostic(range, finding.fix === undefined ? finding.message : `${finding.message} ${finding.fix}`, severities[finding.severity]);
      diagnostic.source = 'Coolify';
      diagnostic.code = finding.code;
      return diagnostic;
    }));
  }

  dispose(): void {
    this.closing.dispose();
    this.collection.dispose();
  }
}
