import * as vscode from 'vscode';
import { registerCommands } from './ui/commands/register';
import { resumeRuns } from './ui/commands/followRun';
import { Forwards } from './ui/commands/open';
import { LogChannels } from './ui/commands/viewLogs';
import { Problems } from './ui/documents/problems';
import { VirtualDocuments } from './ui/documents/virtualDocuments';
import { Clusters } from './ui/host/clusters';
import { ClusterStates } from './ui/host/clusterStates';
import { Connections, type CoolifyKey } from './ui/host/connections';
import { StoredHostKeys } from './ui/host/hostKeys';
import { RegistryLogins } from './ui/host/registryLogins';
import { SecretStore } from './ui/host/secretStore';
import { RunRecords } from './ui/host/runRecords';
import { Runs } from './ui/host/runs';
import { readDestinations, readInstances } from './ui/host/settings';
import { SettingProblems } from './ui/host/settingProblems';
import { Translator } from './ui/host/translator';
import { scheme, settings, views } from './ui/ids';
import { ResourceTree } from './ui/tree/resourceTree';
import { Sessions } from './ui/tree/session';

/** Registers commands and the view. Nothing is asked of any instance or server before a person opens the view. */
export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel('Coolify Kubernetes');
  const tokens = new SecretStore(context.secrets, 'token');
  const kubeconfigs = new SecretStore(context.secrets, 'kubeconfig');
  const registryLogins = new RegistryLogins(new SecretStore(context.secrets, 'registry'));
  const sessions = new Sessions((origin) => tokens.get(origin));
  const connections = new Connections(new StoredHostKeys(context.globalState), coolifyKey(sessions), output, new SecretStore(context.secrets, 'sudo'));
  const translator = new Translator(sessions, connections);
  const clusters = new Clusters(connections, kubeconfigs);
  const states = new ClusterStates(clusters);
  const tree = new ResourceTree(sessions, states);
  const documents = new VirtualDocuments();
  const problems = new Problems();
  const runs = new Runs(connections, new RunRecords(context.globalStorageUri), output, (destination) => { tree.refreshDestination(destination); }, vscode.Uri.joinPath(context.globalStorageUri, 'logs').fsPath, clusters, registryLogins);
  const settingProblems = new SettingProblems();
  const view = vscode.window.createTreeView(views.resources, { treeDataProvider: tree, showCollapseAll: true });
  const forwards = new Forwards();
  const logs = new LogChannels();
  context.subscriptions.push(
    tree, view, output, problems, forwards, logs, states, clusters, connections,
    vscode.workspace.registerTextDocumentContentProvider(scheme, documents),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(settings.section)) return;
      tree.refresh();
      settingProblems.tell();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => { tree.refresh(); settingProblems.tell(); }),
    context.secrets.onDidChange(() => { tree.refresh(); }),
    // A hidden view watches nothing.
    view.onDidChangeVisibility(({ visible }) => { if (!visible) states.forget(); else for (const destination of readDestinations()) tree.refreshDestination(destination); }),
    states.onDidChange((destination) => { tree.refreshDestination(destination); }),
    ...registerCommands({ tokens, kubeconfigs, registryLogins, sessions, translator, connections, clusters, states, runs, tree, view, documents, problems, output, forwards, logs }),
  );
  settingProblems.tell();
  onceVisible(context, view, () => { void resumeRuns({ runs, translator, sessions, output }); });
}

/** Coolify's own key of a server, through the API. The consent is the destination's `coolifyKey`. */
function coolifyKey(sessions: Sessions): CoolifyKey {
  return async ({ instance: origin, server }, signal) => {
    const instance = readInstances().find((known) => known.origin === origin);
    const client = instance && await sessions.client(instance);
    return server === undefined ? undefined : client?.serverPrivateKey(server, signal);
  };
}

/** A closed view asks nothing, so what a reload left behind is taken up when the view is first seen. */
function onceVisible(context: vscode.ExtensionContext, view: vscode.TreeView<unknown>, action: () => void): void {
  if (view.visible) { action(); return; }
  const listener = view.onDidChangeVisibility(({ visible }) => {
    if (!visible) return;
    listener.dispose();
    action();
  });
  context.subscriptions.push(listener);
}
