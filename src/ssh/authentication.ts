import { type AnyAuthMethod, utils } from 'ssh2';
import { identitiesOf, OrderedAgent } from './agent';
import { SshError } from './errors';
import { publicPartOf } from './openSshKey';
import { isLocked, type PrivateKey, readUnlocked, unlock } from './privateKeys';

export interface Auth {
  /** Path of the agent's socket. */
  agent?: string;
  /** Of the agent, only the keys that are also in `keys` or `publicKeys` are offered (ssh_config's IdentitiesOnly). */
  identitiesOnly?: boolean;
  keys?: readonly PrivateKey[];
  /** Public parts, as text, of keys that the agent may hold while their private files are not here. */
  publicKeys?: readonly string[];
  /** Asked for an encrypted key; undefined skips the key. */
  passphrase?: (keyName: string) => Promise<string | undefined>;
}

/**
 * What to sign in with, in turns of one connection each: first the agent and the keys that are open, then each locked key.
 * A passphrase is asked for only when it is needed, and never while a connection waits, since its LoginGraceTime runs.
 */
export async function* turns(auth: Auth, username: string): AsyncGenerator<AnyAuthMethod[], void, undefined> {
  const keys = auth.keys ?? [];
  const open = keys.filter((key) => !isLocked(key));
  const first: AnyAuthMethod[] = [];
  const configured = [...keys.map(publicPart), ...(auth.publicKeys ?? []).map(parsePublic)].filter((part) => part !== undefined);
  if (auth.agent !== undefined) first.push({ type: 'agent', username, agent: new OrderedAgent(auth.agent, configured, auth.identitiesOnly === true) });
  first.push(...open.map((key) => ({ type: 'publickey' as const, username, key: readUnlocked(key) })));
  if (first.length > 0) yield first;
  const inAgent = auth.agent === undefined ? [] : await identitiesOf(auth.agent);
  for (const key of keys.filter(isLocked)) {
    // The agent has offered it already.
    if (inAgent.some((part) => publicPart(key)?.equals(part) === true)) continue;
    const unlocked = await unlock(key, auth.passphrase);
    if (unlocked !== undefined) yield [{ type: 'publickey', username, key: unlocked }];
  }
}

function publicPart(key: PrivateKey): Buffer | undefined {
  return publicPartOf(key.text) ?? (isLocked(key) ? undefined : readUnlocked(key).getPublicSSH());
}

function parsePublic(text: string): Buffer | undefined {
  const parsed = utils.parseKey(text);
  return parsed instanceof Error ? undefined : parsed.getPublicSSH();
}

export const noKeys = (): SshError => new SshError('authentication', 'There is no key to sign in with.', 'Choose a key file, or start an SSH agent.');
