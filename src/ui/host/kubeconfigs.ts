import type * as vscode from 'vscode';

/** Kubeconfigs of destinations without a server, in SecretStorage alone: they hold credentials. */
export class Kubeconfigs {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  get(id: string): Thenable<string | undefined> { return this.secrets.get(key(id)); }
  set(id: string, text: string): Thenable<void> { return this.secrets.store(key(id), text); }
  delete(id: string): Thenable<void> { return this.secrets.delete(key(id)); }
}

const key = (id: string): string => `kubeconfig ${id}`;
