import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { isSshError, type SshError } from '../../ssh/errors';
import type { Connection } from '../../ssh';
import { loadRemote } from '../host/bundles';
import type { Connections, SshTarget } from '../host/connections';
import { formatSshAddress } from '../host/parseSshAddress';
import { ask, choose } from './ask';
import { askAddress } from './server';

const { t } = vscode.l10n;

/** A connection, and the target as it finally worked. */
export interface SignedIn { connection: Connection; target: SshTarget }

/**
 * Connects, asking on the way: first what the agent and the usual key files offer, then a key file, then, with consent,
 * Coolify's own key. A wrong address can be corrected. Undefined: the person gave up, and nothing is kept but host keys they trusted.
 */
export async function signInToServer(title: string, connections: Connections, first: SshTarget, offersCoolifyKey: boolean): Promise<SignedIn | undefined> {
  let target = first;
  for (;;) {
    const outcome = await attempt(connections, target);
    if ('connection' in outcome) return { connection: outcome.connection, target };
    if (outcome.error?.kind === 'aborted') return undefined;
    const next = await nextTarget(title, target, outcome, offersCoolifyKey);
    if (next === undefined) return undefined;
    target = next;
  }
}

interface Failed { message: string; error?: SshError }

function attempt(connections: Connections, target: SshTarget): Thenable<{ connection: Connection } | Failed> {
  const options = { location: vscode.ProgressLocation.Notification, title: t('Connecting to {0}', formatSshAddress(target.ssh)), cancellable: true };
  return vscode.window.withProgress(options, async (_progress, cancellation) => {
    const abort = new AbortController();
    cancellation.onCancellationRequested(() => { abort.abort(); });
    try {
      return { connection: await connections.to(target, { signal: abort.signal }) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return isSshError(error) ? { message: `${message} ${error.hint}`.trim(), error } : { message };
    }
  });
}

type Way = 'key' | 'coolify' | 'address' | 'again';

async function nextTarget(title: string, target: SshTarget, { message, error }: Failed, offersCoolifyKey: boolean): Promise<SshTarget | undefined> {
  const aboutKeys = error === undefined || error.kind === 'authentication' || error.kind === 'key-format';
  const keys = [
    { label: t('$(key) Use a key file…'), value: 'key' as const },
    ...(offersCoolifyKey ? [{ label: t('$(cloud) Use Coolify’s own key for this server'), detail: t('Read through the API for each session and kept in memory only'), value: 'coolify' as const }] : []),
  ];
  const address = { label: t('$(edit) Change the address…'), description: formatSshAddress(target.ssh), value: 'address' as const };
  const again = { label: t('$(refresh) Try again'), value: 'again' as const };
  const way: Way | undefined = await choose<Way>(title, message, aboutKeys ? [...keys, address, again] : [again, address, ...keys]);
  const { identityFile: _file, coolifyKey: _key, ...place } = target.ssh;
  switch (way) {
    case undefined: return undefined;
    case 'again': return target;
    case 'coolify': return await consent() ? { ...target, ssh: { ...place, coolifyKey: true } } : target;
    case 'key': {
      const identityFile = await askKeyFile(title);
      return identityFile === undefined ? target : { ...target, ssh: { ...place, identityFile } };
    }
    case 'address': {
      const changed = await askAddress(title, t('Address of the server from this machine, as user@host:port'), target.ssh);
      return changed === undefined ? target : { ...target, ssh: { ...target.ssh, ...changed } };
    }
  }
}

async function consent(): Promise<boolean> {
  const use = t('Use Coolify’s Key');
  const detail = t('It opens every server that Coolify reaches with it. It is read through the API when it is needed, kept in memory, and never stored.');
  return await vscode.window.showWarningMessage(t('Use Coolify’s own private key for this server?'), { modal: true, detail }, use) === use;
}

async function askKeyFile(title: string): Promise<string | undefined> {
  const file = await ask({ title, prompt: t('Path of the private key file'), value: '~/.ssh/id_ed25519', problem: (typed) => (typed === '' ? t('A path is needed.') : undefined) });
  if (file === undefined) return undefined;
  if (await access(loadRemote().expandHome(file, homedir())).then(() => true, () => false)) return file;
  void vscode.window.showErrorMessage(t('The key file {0} cannot be read; nothing was changed.', file));
  return undefined;
}
