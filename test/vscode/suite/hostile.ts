import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Tests } from './index';
import { extension } from './plain';

const setting = (name: string): unknown => vscode.workspace.getConfiguration('coolifyKubernetes').get(name);

/** For a folder that is not trusted and whose settings point to an address and a server of an attacker. */
export const hostile: Tests = {
  'is restricted, and the folder brings settings': () => {
    assert.equal(vscode.workspace.isTrusted, false);
    assert.equal(vscode.workspace.getConfiguration('editor').get('tabSize'), 3, 'the settings of the folder are not read at all, so this test shows nothing');
  },

  'takes instances and destinations from the user alone': () => {
    assert.match(JSON.stringify(setting('instances')), /mine/);
    assert.match(JSON.stringify(setting('destinations')), /mine/);
    assert.doesNotMatch(JSON.stringify([setting('instances'), setting('destinations')]), /theirs/);
  },

  'works in it': async () => {
    await extension().activate();
    await vscode.commands.executeCommand('coolifyKubernetes.resources.focus');
    await vscode.commands.executeCommand('coolifyKubernetes.refresh');
    await sleep(1000);
  },
};
