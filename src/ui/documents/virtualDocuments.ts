import * as vscode from 'vscode';
import { scheme } from '../ids';

/** Read-only documents that exist in memory only. */
export class VirtualDocuments implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  /**
   * Puts a text under a path that people read, replacing what stood there. `which` tells apart what has the same path: the two sides of
   * a diff have, else the editor shows a renamed file.
   */
  put(path: readonly string[], text: string, which: readonly string[] = []): vscode.Uri {
    const uri = vscode.Uri.from({ scheme, path: `/${path.map((part) => part.replaceAll('/', '-')).join('/')}`, query: which.join('/') });
    const key = uri.toString();
    const before = this.texts.get(key);
    this.texts.set(key, text);
    if (before !== undefined && before !== text) this.changed.fire(uri);
    return uri;
  }

  provideTextDocumentContent(uri: vscode.Uri): string { return this.texts.get(uri.toString()) ?? ''; }
}
