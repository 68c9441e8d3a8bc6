import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Tests } from './index';

const section = 'coolifyKubernetes';
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('coolify-kubernetes.coolify-kubernetes');
  assert(found, 'the extension is not there');
  return found;
}

/** What package.json contributes. */
function contributed(key: string): unknown {
  const manifest: unknown = extension().packageJSON;
  assert(isObject(manifest) && isObject(manifest.contributes));
  return manifest.contributes[key];
}

/** Every address that this process connects to while something runs. VS Code's own pipes have a path, not a port. */
async function connections(during: () => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  const original = net.Socket.prototype.connect;
  const watch = function (this: net.Socket, ...args: Parameters<typeof original>): net.Socket {
    const [first] = args.flat() as unknown[];
    if (typeof first === 'number' || (isObject(first) && first.port !== undefined)) seen.push(typeof first === 'number' ? String(first) : `${String(first.host)}:${String(first.port)}`);
    return original.apply(this, args);
  };
  net.Socket.prototype.connect = watch as typeof original;
  try { await during(); } finally { net.Socket.prototype.connect = original; }
  return seen;
}

/** Waits until VS Code's own extensions, which share this process, have started, so that their work is not counted. */
async function othersAreDone(): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const before = process.threadCpuUsage();
    await sleep(1000);
    const { user, system } = process.threadCpuUsage(before);
    if (user + system < 50_000) return;
  }
}

export const plain: Tests = {
  'is not active before it is needed, and then quickly, without asking anybody': async (note) => {
    await othersAreDone();
    assert.equal(extension().isActive, false);
    let took = 0;
    let worked = 0;
    const asked = await connections(async () => {
      const start = performance.now();
      const before = process.threadCpuUsage();
      await extension().activate();
      took = performance.now() - start;
      const { user, system } = process.threadCpuUsage(before);
      worked = (user + system) / 1000;
      await sleep(500);
    });
    note(`activated in ${took.toFixed(0)} ms, of which the processor worked ${worked.toFixed(0)} ms`);
    // Not the time on the clock, which depends on what else the machine does.
    assert(worked < 300, `activation took ${worked.toFixed(0)} ms of the processor`);
    assert.deepEqual(asked, []);
  },

  'notices a connection, so the test before can fail': async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => { server.once('listening', resolve); });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const asked = await connections(async () => { await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(200) }).catch(() => undefined); });
    server.close();
    assert.equal(asked.length, 1, asked.join());
  },

  'registers every command that it declares, and no other': async () => {
    const declared = contributed('commands');
    assert(Array.isArray(declared));
    const names = declared.map((entry: unknown) => isObject(entry) ? String(entry.command) : '').sort();
    const registered = (await vscode.commands.getCommands(true)).filter((name) => name.startsWith(`${section}.`));
    // VS Code makes commands of its own for each view: focus, open, remove, and so on.
    const views = Object.values(contributed('views') as Record<string, { id: string }[]>).flat().map((view) => view.id);
    const own = registered.filter((name) => !views.some((view) => name.startsWith(`${view}.`)));
    assert(names.length > 0);
    assert.deepEqual(own.sort(), names);
  },

  'gives every setting a default and a scope that VS Code keeps': async () => {
    const configuration = contributed('configuration');
    assert(isObject(configuration) && isObject(configuration.properties));
    for (const [name, schema] of Object.entries(configuration.properties)) {
      assert(isObject(schema));
      assert.deepEqual(vscode.workspace.getConfiguration().inspect(name)?.defaultValue, schema.default, name);
    }
    await assert.rejects(async () => vscode.workspace.getConfiguration(section).update('instances', [], vscode.ConfigurationTarget.Workspace), /application|cannot|not support|unable/i);
  },

  'underlines what is wrong in the settings': async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert(folder, 'there is no workspace folder');
    const file = path.join(folder, '.vscode/settings.json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ [`${section}.destinations`]: [{ id: 'a', name: 'A', namespace: 'Not_A_Name', unknown: 1 }] }));
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    const messages = (): string => vscode.languages.getDiagnostics(document.uri).map((d) => d.message).join('\n');
    for (const end = Date.now() + 90_000; Date.now() < end && !messages().includes('unknown');) await sleep(100);
    assert.match(messages(), /unknown/);
    assert.match(messages(), /Lower-case letters, digits and hyphens/);
  },
};
