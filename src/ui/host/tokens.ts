import type * as vscode from 'vscode';

/** Tokens in SecretStorage, one for each origin: a changed address means signing in again. */
export class Tokens {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  get(origin: string): Thenable<string | undefined> { return this.secrets.get(key(origin)); }
  set(origin: string, token: string): Thenable<void> { return this.secrets.store(key(origin), token); }
  delete(origin: string): Thenable<void> { return this.secrets.delete(key(origin)); }
}

const key = (origin: string): string => `token ${origin}`;
