import * as vscode from 'vscode';
import { registerCommands } from './ui/commands/register';
import { VirtualDocuments } from './ui/documents/virtualDocuments';
import { Tokens } from './ui/host/tokens';
import { scheme, settings, views } from './ui/ids';
import { ResourceTree } from './ui/tree/resourceTree';
import { Sessions } from './ui/tree/session';

/** Registers commands and the view. Nothing is asked of any instance before a person opens a row. */
export function activate(context: vscode.ExtensionContext): void {
  const tokens = new Tokens(context.secrets);
  const sessions = new Sessions((origin) => tokens.get(origin));
  const tree = new ResourceTree(sessions);
  const documents = new VirtualDocuments();
  const output = vscode.window.createOutputChannel('Coolify Kubernetes');
  const view = vscode.window.createTreeView(views.resources, { treeDataProvider: tree, showCollapseAll: true });
  context.subscriptions.push(
    tree, view, output,
    vscode.workspace.registerTextDocumentContentProvider(scheme, documents),
    vscode.workspace.onDidChangeConfiguration((event) => { if (event.affectsConfiguration(settings.section)) tree.refresh(); }),
    context.secrets.onDidChange(() => { tree.refresh(); }),
    ...registerCommands({ tokens, sessions, tree, view, documents, output }),
  );
}
