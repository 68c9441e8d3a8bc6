import * as vscode from 'vscode';
import { readDestinations, readInstances } from '../host/settings';
import { appearance } from './appearance';
import { childrenOf, nodeId, roots, type Node } from './nodes';
import type { Sessions } from './session';

/** The tree view: asks nothing before a row is opened. */
export class ResourceTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly sessions: Sessions) {}

  /** Forgets what one instance, or every instance, answered. */
  refresh(origin?: string): void {
    this.sessions.forget(origin);
    this.changed.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return roots(readInstances(), readDestinations());
    if (!node.instance) return [];
    return childrenOf(node, await this.sessions.load(node.instance), readDestinations());
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const row = appearance(node, vscode.l10n.t);
    const state = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(row.label, row.expandable ? state.Collapsed : state.None);
    item.id = nodeId(node);
    if (row.description !== undefined) item.description = row.description;
    item.tooltip = row.tooltip;
    item.contextValue = row.context;
    item.accessibilityInformation = { label: row.spoken };
    item.iconPath = new vscode.ThemeIcon(row.icon, row.color === undefined ? undefined : new vscode.ThemeColor(row.color));
    if (row.command) item.command = { command: row.command.id, title: row.command.title, arguments: [node] };
    return item;
  }

  dispose(): void {
    this.sessions.forget();
    this.changed.dispose();
  }
}
