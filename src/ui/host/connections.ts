import { homedir, userInfo } from 'node:os';
import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { Connection, ConnectionPool, HostTarget, PrivateKey } from '../../ssh';
import { isSshError } from '../../ssh/errors';
import { loadRemote } from './bundles';
import type { StoredHostKeys } from './hostKeys';
import type { SecretStore } from './secretStore';

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

/** One SSH connection for each account on a server, opened at first use as `ssh` would, and shared until the editor closes. */
export class Connections implements vscode.Disposable {
  private pool: ConnectionPool | undefined;
  /** Passphrases as they were typed, until the editor closes. */
  private readonly passphrases = new Map<string, string>();

  constructor(private readonly hostKeys: StoredHostKeys, private readonly coolifyKey: CoolifyKey, private readonly output: vscode.OutputChannel, private readonly sudoPasswords: SecretStore) {}

  to(target: SshTarget, options: OpenOptions = {}): Promise<Connection> {
    this.pool ??= new (loadRemote().ConnectionPool)();
    const key = JSON.stringify([target.ssh, target.ssh.coolifyKey === true ? target.server : '']);
    return this.pool.acquire(key, () => this.connect(target, options));
  }

  dispose(): void { this.pool?.closeAll(); }

  private async connect(target: SshTarget, { quiet = false, signal }: OpenOptions): Promise<Connection> {
    const { connectHost, readSshConfig } = loadRemote();
    const home = homedir();
    try {
      const connection = await connectHost(await this.hostTarget(target, signal), {
        config: await readSshConfig(home), local: { home, localUser: userInfo().username, environment: process.env }, hostKeys: this.hostKeys,
        confirmHostKey: (at, fingerprint, type, remark) => (quiet ? Promise.resolve(false) : confirmHostKey(at, fingerprint, type, remark)),
        passphrase: this.asker(quiet), onWarning: (sentence) => { this.output.appendLine(sentence); }, ...(signal && { signal }),
      });
      return { ...connection, sudo: { ask: (wrong) => this.sudoPassword(target, wrong, quiet) } };
    } catch (error) {
      if (quiet && isSshError(error) && (error.kind === 'authentication' || error.kind === 'host-key-unknown')) throw new Error(t('{0} has to be signed in to.', target.ssh.host));
      throw error;
    }
  }

  /** What sudo asks the account for: kept in SecretStorage until it is wrong. */
  private async sudoPassword({ ssh: { host, port, user } }: SshTarget, wrong: boolean, quiet: boolean): Promise<string | undefined> {
    const account = `${user}@${host}:${String(port)}`;
    if (wrong) await this.sudoPasswords.delete(account);
    const known = wrong ? undefined : await this.sudoPasswords.get(account);
    if (known !== undefined || quiet) return known;
    const typed = await vscode.window.showInputBox({ title: t('Password of {0} for sudo', account), prompt: wrong ? t('sudo does not take that password. Try again.') : t('Kept in the secret storage of the editor'), password: true, ignoreFocusOut: true });
    if (typed !== undefined && typed !== '') await this.sudoPasswords.set(account, typed);
    return typed;
  }

  private async hostTarget(target: SshTarget, signal?: AbortSignal): Promise<HostTarget> {
    const { host, port, user, identityFile, coolifyKey } = target.ssh;
    if (coolifyKey !== true) return { host, port, user, ...(identityFile !== undefined && { identityFile }) };
    const key = await this.coolifyKey(target, signal);
    if (key === undefined) throw new Error(t('Coolify gives no key for this server: the token lacks read:sensitive, or the key is gone.'));
    return { host, port, user, keys: [key] };
  }

  /** Asks for passphrases. One that is known is tried first, once for each connection: it may be wrong. */
  private asker(quiet: boolean): (name: string) => Promise<string | undefined> {
    const tried = new Set<string>();
    return async (name) => {
      // Asked for again: what was given did not open the key.
      const wrong = tried.has(name);
      const known = wrong ? undefined : this.passphrases.get(name);
      tried.add(name);
      if (known !== undefined || quiet) return known;
      const typed = await vscode.window.showInputBox({ title: t('Passphrase of {0}', name), prompt: wrong ? t('That passphrase does not open the key. Try again.') : t('Kept in memory until the editor closes'), password: true, ignoreFocusOut: true });
      if (typed !== undefined) this.passphrases.set(name, typed);
      return typed;
    };
  }
}

async function confirmHostKey(at: string, fingerprint: string, type: string, remark?: string): Promise<boolean> {
  const trust = t('Trust This Key');
  const compare = t('Compare it with what the server itself says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
  const detail = [`${type}\n${fingerprint}`, compare, remark].filter((part) => part !== undefined).join('\n\n');
  return await vscode.window.showWarningMessage(t('Is this the host key of {0}?', at), { modal: true, detail }, trust) === trust;
}
