import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { Auth, Connection, PrivateKey } from '../../ssh';
import { isSshError } from '../../ssh/errors';
import { loadRemote } from './bundles';
import type { StoredHostKeys } from './hostKeys';

const { t } = vscode.l10n;

/** Where and as whom: what a connection needs of a destination. */
export type SshTarget = Pick<KubernetesDestination, 'instance' | 'server'> & { ssh: NonNullable<KubernetesDestination['ssh']> };

export interface OpenOptions {
  /** Asks nothing: a connection that needs an answer fails. */
  quiet?: boolean;
  signal?: AbortSignal;
}

/** Reads Coolify's own key of a server; the caller has the consent. */
export type CoolifyKey = (target: SshTarget, signal?: AbortSignal) => Promise<PrivateKey | undefined>;

/** One SSH connection for each account on a server, opened at first use and shared. */
export class Connections implements vscode.Disposable {
  private readonly open = new Map<string, Promise<Connection>>();
  /** Passphrases that opened a key, until the editor closes. */
  private readonly passphrases = new Map<string, string>();

  constructor(private readonly hostKeys: StoredHostKeys, private readonly coolifyKey: CoolifyKey) {}

  async to(target: SshTarget, options: OpenOptions = {}): Promise<Connection> {
    const key = JSON.stringify([target.ssh, target.ssh.coolifyKey === true ? target.server : '']);
    const known = await this.open.get(key)?.catch(() => undefined);
    if (known?.isOpen()) return known;
    const opening = this.connect(target, options);
    this.open.set(key, opening);
    opening.catch(() => { if (this.open.get(key) === opening) this.open.delete(key); });
    return opening;
  }

  dispose(): void {
    for (const opening of this.open.values()) opening.then((connection) => { connection.close(); }, () => undefined);
    this.open.clear();
  }

  private async connect(target: SshTarget, { quiet, signal }: OpenOptions): Promise<Connection> {
    const { host, port, user } = target.ssh;
    try {
      return await loadRemote().connect({
        host, port, user, auth: await this.auth(target, quiet === true, signal), hostKeys: this.hostKeys,
        confirmHostKey: (fingerprint, type) => (quiet === true ? Promise.resolve(false) : confirmHostKey(`${host}:${String(port)}`, fingerprint, type)),
        ...(signal && { signal }),
      });
    } catch (error) {
      if (quiet === true && isSshError(error) && (error.kind === 'authentication' || error.kind === 'host-key-unknown')) throw new Error(t('{0} has to be signed in to.', host));
      throw error;
    }
  }

  private async auth(target: SshTarget, quiet: boolean, signal?: AbortSignal): Promise<Auth> {
    const passphrase = (name: string): Promise<string | undefined> => this.passphrase(name, quiet);
    if (target.ssh.coolifyKey === true) {
      const key = await this.coolifyKey(target, signal);
      if (key === undefined) throw new Error(t('Coolify gives no key for this server: the token lacks read:sensitive, or the key is gone.'));
      return { keys: [key] };
    }
    if (target.ssh.identityFile !== undefined) return { keys: [await readKey(target.ssh.identityFile)], passphrase };
    const agent = process.env['SSH_AUTH_SOCK'];
    return { ...(agent !== undefined && agent !== '' && { agent }), keys: await usualKeys(), passphrase };
  }

  private async passphrase(name: string, quiet: boolean): Promise<string | undefined> {
    const known = this.passphrases.get(name);
    if (known !== undefined || quiet) { this.passphrases.delete(name); return known; }
    const typed = await vscode.window.showInputBox({ title: t('Passphrase of {0}', name), prompt: t('Kept in memory until the editor closes'), password: true, ignoreFocusOut: true });
    if (typed !== undefined) this.passphrases.set(name, typed);
    return typed;
  }
}

async function confirmHostKey(at: string, fingerprint: string, type: string): Promise<boolean> {
  const trust = t('Trust This Key');
  const detail = t('{0}\n{1}\n\nCompare it with what the server itself says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub', type, fingerprint);
  return await vscode.window.showWarningMessage(t('Is this the host key of {0}?', at), { modal: true, detail }, trust) === trust;
}

export function expandHome(file: string): string {
  return file === '~' || file.startsWith('~/') ? path.join(homedir(), file.slice(1)) : file;
}

/** A key file as text. Rejects with a sentence when it cannot be read. */
export async function readKey(file: string): Promise<PrivateKey> {
  const text = await readFile(expandHome(file), 'utf8').catch((error: unknown) => {
    throw new Error(t('The key file {0} cannot be read: {1}', file, error instanceof Error && 'code' in error ? String(error.code) : String(error)));
  });
  return { name: file, text };
}

/** The files that `ssh` itself would try; those that are not there are left out. */
async function usualKeys(): Promise<PrivateKey[]> {
  const files = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `~/.ssh/${name}`);
  const read = await Promise.all(files.map((file) => readKey(file).catch(() => undefined)));
  return read.filter((key) => key !== undefined);
}
