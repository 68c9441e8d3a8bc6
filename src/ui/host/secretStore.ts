import type * as vscode from 'vscode';

/**
 * Secrets of one kind in the editor's SecretStorage, and nowhere else: tokens by the origin of their instance (a changed address
 * means signing in again), kubeconfigs by the id of their destination, passwords of sudo by account and server, logins of registries by their host.
 */
export class SecretStore {
  constructor(private readonly secrets: vscode.SecretStorage, private readonly kind: 'token' | 'kubeconfig' | 'sudo' | 'registry') {}

  get(of: string): Thenable<string | undefined> { return this.secrets.get(`${this.kind} ${of}`); }
  set(of: string, secret: string): Thenable<void> { return this.secrets.store(`${this.kind} ${of}`, secret); }
  delete(of: string): Thenable<void> { return this.secrets.delete(`${this.kind} ${of}`); }
}
