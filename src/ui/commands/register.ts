import * as vscode from 'vscode';
import type { Instance } from '../../model/instance';
import type { VirtualDocuments } from '../documents/virtualDocuments';
import type { Tokens } from '../host/tokens';
import { commands } from '../ids';
import type { Node } from '../tree/nodes';
import type { ResourceTree } from '../tree/resourceTree';
import type { Sessions } from '../tree/session';
import { connect, pickInstance, removeInstance, signIn } from './connect';
import { previewManifests } from './preview';

export interface Parts { tokens: Tokens; sessions: Sessions; tree: ResourceTree; view: vscode.TreeView<Node>; documents: VirtualDocuments; output: vscode.OutputChannel }

/** One handler for each command id. A failure becomes one sentence, never a stack trace. */
export function registerCommands(parts: Parts): vscode.Disposable[] {
  const { tokens, sessions, tree, view, documents, output } = parts;
  const instanceOf = async (node?: Node): Promise<Instance | undefined> => node?.instance ?? await pickInstance();
  const handlers: Record<keyof typeof commands, (node?: Node) => unknown> = {
    connect: () => connect(tokens),
    signIn: async (node) => {
      const instance = await instanceOf(node);
      return instance ? signIn(tokens, instance) : connect(tokens);
    },
    removeInstance: async (node) => {
      const instance = await instanceOf(node);
      if (instance) await removeInstance(tokens, instance);
    },
    refresh: (node) => { tree.refresh(node?.instance?.origin); },
    previewManifests: async (node) => {
      const chosen = node ?? view.selection[0];
      if (chosen?.type === 'resource') await previewManifests(chosen.instance, chosen.resource, sessions, documents, output);
      else void vscode.window.showInformationMessage(vscode.l10n.t('Select a resource in the Coolify view first.'));
    },
  };
  return (Object.keys(commands) as (keyof typeof commands)[]).map((name) => vscode.commands.registerCommand(commands[name], async (node?: Node) => {
    try {
      await handlers[name](node);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      output.appendLine(`${commands[name]}: ${message}`);
      void vscode.window.showErrorMessage(vscode.l10n.t('Coolify: {0}', message));
    }
  }));
}
