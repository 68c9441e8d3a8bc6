import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance, ResourceSummary } from '../../model/instance';
import type { RegistryLogins } from '../host/registryLogins';
import type { SecretStore } from '../host/secretStore';
import { readDestinations, readInstances } from '../host/settings';
import { sentence } from '../host/sentence';
import { commands } from '../ids';
import { choose } from '../prompts/ask';
import type { Node } from '../tree/nodes';
import type { ResourceTree } from '../tree/resourceTree';
import type { Sessions } from '../tree/session';
import { addDestination, type DestinationParts } from './addDestination';
import { assess, type AssessParts } from './assess';
import { changesSinceLastRun } from './changesSinceLastRun';
import { connect, pickInstance, removeInstance, signIn } from './connect';
import { deploy, type DeployParts } from './deploy';
import { diffWithCluster, type DiffParts } from './diffWithCluster';
import { followRun, type FollowParts } from './followRun';
import { duplicateDestination, editDestination, removeDestination, testDestination, type ManageParts } from './manageDestination';
import { open, type OpenParts } from './open';
import { restart, rollback, start, stop, type OperateParts } from './operate';
import { previewManifests, type PreviewParts } from './preview';
import { viewLogs, type LogParts } from './viewLogs';

export interface Parts extends DestinationParts, ManageParts, AssessParts, PreviewParts, DiffParts, DeployParts, FollowParts, OperateParts, OpenParts, LogParts {
  tokens: SecretStore; kubeconfigs: SecretStore; registryLogins: RegistryLogins; tree: ResourceTree; view: vscode.TreeView<Node>;
}

const { t } = vscode.l10n;

/** One handler for each command id. A failure becomes one sentence, never a stack trace. */
export function registerCommands(parts: Parts): vscode.Disposable[] {
  const handlers = handlersOf(parts);
  return (Object.keys(commands) as (keyof typeof commands)[]).map((name) => vscode.commands.registerCommand(commands[name], async (node?: Node) => {
    try {
      await handlers[name](node);
    } catch (error) {
      const message = sentence(error);
      parts.output.appendLine(`${commands[name]}: ${message}`);
      void vscode.window.showErrorMessage(t('Coolify: {0}', message));
    }
  }));
}

function handlersOf(parts: Parts): Record<keyof typeof commands, (node?: Node) => unknown> {
  const { tokens, tree, states, view } = parts;
  const instanceOf = async (node?: Node): Promise<Instance | undefined> => node?.instance ?? await pickInstance();
  const withDestination = async (node: Node | undefined, action: (destination: KubernetesDestination) => Promise<void>): Promise<void> => {
    const destination = node?.type === 'kubernetes' ? node.destination : await anyDestination();
    if (destination !== undefined) await action(destination);
  };
  const withResource = async (node: Node | undefined, action: (resource: ChosenResource) => Promise<void>): Promise<void> => {
    const chosen = await resourceOf(node ?? view.selection[0], parts.sessions);
    if (chosen !== undefined) await action(chosen);
    else void vscode.window.showInformationMessage(t('Select a resource in the Coolify view first.'));
  };
  const withDeployed = async (node: Node | undefined, action: (deployed: Node & { type: 'deployed' }) => Promise<void>): Promise<void> => {
    const chosen = node ?? view.selection[0];
    if (chosen?.type === 'deployed') await action(chosen);
    else void vscode.window.showInformationMessage(t('Select what runs below a Kubernetes destination in the Coolify view first.'));
  };
  const withRow = async (node: Node | undefined, action: (node: Node) => Promise<void>): Promise<void> => {
    const chosen = node ?? view.selection[0];
    if (chosen !== undefined) await action(chosen);
    else void vscode.window.showInformationMessage(t('Select a row in the Coolify view first.'));
  };
  return {
    connect: () => connect(tokens),
    signIn: async (node) => {
      const instance = await instanceOf(node);
      return instance ? signIn(tokens, instance) : connect(tokens);
    },
    removeInstance: async (node) => {
      const instance = await instanceOf(node);
      if (instance) await removeInstance(tokens, instance);
    },
    refresh: (node) => (node?.type === 'clusterError' ? states.retry(node.destination) : tree.refresh(node?.instance?.origin)),
    addDestination: async (node) => {
      const instance = await instanceOf(node);
      if (instance) await addDestination(parts, instance, node?.type === 'server' || node?.type === 'noKubernetes' ? node.server : undefined);
      else await connect(tokens);
    },
    editDestination: (node) => withDestination(node, (destination) => editDestination(parts, destination)),
    duplicateDestination: (node) => withDestination(node, (destination) => duplicateDestination(parts, destination)),
    removeDestination: (node) => withDestination(node, (destination) => removeDestination(parts, destination)),
    testDestination: (node) => withDestination(node, (destination) => testDestination(parts, destination)),
    assess: async (node) => {
      const row = node ?? view.selection[0];
      const instance = row?.instance ?? await pickInstance();
      if (instance) await assess(parts, row?.instance === undefined ? { type: 'instance', instance } : { ...row, instance });
      else if (readInstances().length === 0) await connect(tokens);
    },
    previewManifests: (node) => withResource(node, ({ instance, resource, destination }) => previewManifests(parts, instance, resource, destination)),
    diffWithCluster: (node) => withResource(node, ({ instance, resource, destination }) => diffWithCluster(parts, instance, resource, destination)),
    deploy: (node) => withResource(node, ({ instance, resource, destination }) => deploy(parts, instance, resource, destination)),
    changesSinceLastRun: (node) => withResource(node, ({ instance, resource, destination }) => changesSinceLastRun(parts, instance, resource, destination)),
    restart: (node) => withDeployed(node, (deployed) => restart(parts, deployed)),
    stop: (node) => withDeployed(node, (deployed) => stop(parts, deployed)),
    start: (node) => withDeployed(node, (deployed) => start(parts, deployed)),
    rollback: (node) => withDeployed(node, (deployed) => rollback(parts, deployed)),
    followRun: () => followRun(parts),
    open: (node) => withRow(node, (row) => open(parts, row)),
    viewLogs: (node) => withRow(node, (row) => viewLogs(parts, row)),
  };
}

/** A resource, and the destination where its row says which one is meant. */
interface ChosenResource { instance: Instance; resource: ResourceSummary; destination?: KubernetesDestination }

/** The resource of a row, or the one behind what is deployed. */
async function resourceOf(node: Node | undefined, sessions: Sessions): Promise<ChosenResource | undefined> {
  if (node?.type === 'resource') return node;
  if (node?.type !== 'deployed' || node.instance === undefined) return undefined;
  const { instance, destination, deployed: { uuid } } = node;
  const loaded = await sessions.load(instance);
  const resource = loaded.kind === 'ready' ? loaded.snapshot.resources.find((known) => known.uuid === uuid) : undefined;
  return resource && { instance, resource, destination };
}

async function anyDestination(): Promise<KubernetesDestination | undefined> {
  const destinations = readDestinations();
  if (destinations.length === 0) { void vscode.window.showInformationMessage(t('There is no Kubernetes destination yet.')); return undefined; }
  return destinations.length === 1 ? destinations[0] : choose(t('Kubernetes destination'), t('Destination'), destinations.map((value) => ({ label: value.name, description: value.ssh?.host ?? '', value })));
}
