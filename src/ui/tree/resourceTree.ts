import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance } from '../../model/instance';
import type { ClusterStates } from '../host/clusterStates';
import { readDestinations, readInstances } from '../host/settings';
import { appearance } from './appearance';
import { childrenOf, clusterRows, nodeId, podRows, roots, type Node } from './nodes';
import type { Sessions } from './session';

/** The tree view: asks nothing before a row is opened. */
export class ResourceTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  /** Rows as they were last given out: only these can be refreshed alone. */
  private readonly destinations = new Map<string, Node>();

  constructor(private readonly sessions: Sessions, private readonly states: ClusterStates) {}

  /** Forgets what one instance, or every instance, answered. */
  refresh(origin?: string): void {
    this.sessions.forget(origin);
    this.states.forget();
    this.changed.fire(undefined);
  }

  refreshDestination(destination: KubernetesDestination): void {
    const row = this.destinations.get(destination.id);
    if (row !== undefined) this.changed.fire(row);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.remember(roots(readInstances(), readDestinations()));
    if (node.type === 'kubernetes') return clusterRows(node, await this.states.of(node.destination), await this.resources(node.instance));
    if (node.type === 'deployed') return podRows(node);
    if (!node.instance) return [];
    return this.remember(childrenOf(node, await this.sessions.load(node.instance), readDestinations()));
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

  private async resources(instance: Instance | undefined) {
    if (instance === undefined) return [];
    const loaded = await this.sessions.load(instance);
    return loaded.kind === 'ready' ? loaded.snapshot.resources : [];
  }

  private remember(nodes: Node[]): Node[] {
    for (const node of nodes) if (node.type === 'kubernetes') this.destinations.set(node.destination.id, node);
    return nodes;
  }
}
