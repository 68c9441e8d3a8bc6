import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Auth } from './authentication';
import { connect, type Connection } from './connection';
import type { Directive } from './configSyntax';
import { SshError } from './errors';
import type { HostKeyStore } from './hostKeys';
import { hasCertificateAuthority, readIfThere, withKnownHosts } from './knownHosts';
import type { PrivateKey } from './privateKeys';
import { type LocalFacts, type ResolvedHost, resolveHost } from './sshConfig';

/** A server as the user names it. What is given here wins over ssh_config. */
export interface HostTarget {
  /** A name from ssh_config, a host name or an address. */
  host: string;
  user?: string;
  port?: number;
  /** Only this key file is offered. */
  identityFile?: string;
  /** Only these keys are offered; they never touch the disk. */
  keys?: readonly PrivateKey[];
}

export interface HostContext {
  /** From readSshConfig; empty to go without. */
  config: readonly (readonly Directive[])[];
  local: LocalFacts;
  /** The extension's own store; known_hosts is read beside it. */
  hostKeys: HostKeyStore;
  /** @param at `host:port` of the hop in question. @param remark a sentence to show, where there is something to say. */
  confirmHostKey: (at: string, fingerprint: string, type: string, remark?: string) => Promise<boolean>;
  passphrase?: (keyName: string) => Promise<string | undefined>;
  /** Told what ssh_config asks for and is not done. */
  onWarning?: (sentence: string) => void;
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** More hops than anybody has; a loop in ssh_config ends here. */
const mostHops = 8;

/**
 * Connects as `ssh` would by ssh_config, agent, key files, known_hosts and jump hosts, each hop's host key being checked. Closing the connection closes the hops.
 * @throws SshError.
 */
export function connectHost(target: HostTarget, context: HostContext): Promise<Connection> {
  return through(target, undefined, context, 0);
}

/** @param jumps the hops before the target; absent: those of its ssh_config. */
async function through(target: HostTarget, jumps: readonly string[] | undefined, context: HostContext, depth: number): Promise<Connection> {
  if (/[\s\0-\x1f]|^-|^$/.test(target.host)) throw new SshError('unresolved', `"${target.host}" is no host name.`, 'Check the address of the server.');
  if (depth > mostHops) throw new SshError('unreachable', `ProxyJump leads through more than ${mostHops} hosts.`, 'Check ssh_config for a loop.');
  const resolved = resolveHost(target.host, context.config, context.local, target);
  for (const warning of resolved.warnings) context.onWarning?.(warning);
  const hops = jumps ?? resolved.proxyJump;
  const last = hops.at(-1);
  // A single hop has its own ssh_config, jumps included; in a list each is reached through the one before.
  const via = last === undefined ? undefined : await through(parseHop(last), hops.length > 1 ? hops.slice(0, -1) : undefined, context, depth + 1);
  try {
    const connection = await connectResolved(target, resolved, via, context);
    if (via !== undefined) void connection.closed.then(via.close);
    return connection;
  } catch (error) {
    via?.close();
    throw error;
  }
}

async function connectResolved(target: HostTarget, resolved: ResolvedHost, via: Connection | undefined, context: HostContext): Promise<Connection> {
  const { host, port, hostKeyAlias } = resolved;
  const files = resolved.knownHostsFiles ?? ['.ssh/known_hosts', '.ssh/known_hosts2'].map((name) => path.join(context.local.home, name));
  const all = [...files, '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
  return connect({
    host, port, user: resolved.user ?? context.local.localUser,
    auth: await authOf(target, resolved, context),
    hostKeys: withKnownHosts(context.hostKeys, all),
    ...(hostKeyAlias !== undefined && { hostKeyAlias }),
    confirmHostKey: async (fingerprint, type) => {
      const texts = await Promise.all(all.map(readIfThere));
      const authority = texts.some((text) => hasCertificateAuthority(text, hostKeyAlias ?? host, hostKeyAlias === undefined ? port : 22));
      return context.confirmHostKey(`${host}:${port}`, fingerprint, type, authority ? 'known_hosts names a certificate authority for this host; certificates are not supported, so the key has to be confirmed.' : undefined);
    },
    ...(via && { via }), ...(context.signal && { signal: context.signal }), ...(context.timeoutMs !== undefined && { timeoutMs: context.timeoutMs }),
  });
}

async function authOf(target: HostTarget, resolved: ResolvedHost, context: HostContext): Promise<Auth> {
  const passphrase = context.passphrase && { passphrase: context.passphrase };
  if (target.keys !== undefined) return { keys: target.keys, ...passphrase };
  if (target.identityFile !== undefined) return { keys: [await readKey(expandHome(target.identityFile, context.local.home))], ...passphrase };
  const socket = resolved.identityAgent ?? context.local.environment['SSH_AUTH_SOCK'];
  const agent = socket === undefined || socket === '' || socket === 'none' ? undefined : socket;
  const configured = resolved.identityFiles.length > 0;
  const files = configured ? resolved.identityFiles : ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => path.join(context.local.home, '.ssh', name));
  const keys = (await Promise.all(files.map((file) => readKey(file).catch(() => undefined)))).filter((key) => key !== undefined);
  const publicKeys = (await Promise.all(files.map((file) => readFile(file.endsWith('.pub') ? file : `${file}.pub`, 'utf8').catch(() => undefined)))).filter((text) => text !== undefined);
  // A missing file is no error, as in OpenSSH; but it is worth a word when it was asked for.
  if (configured) for (const file of files) if (!keys.some((key) => key.name === file) && !file.endsWith('.pub')) context.onWarning?.(`The key file ${file} of ssh_config cannot be read.`);
  return {
    ...(agent !== undefined && { agent }), ...(resolved.identitiesOnly && { identitiesOnly: true }),
    // A public key as IdentityFile chooses a key of the agent.
    keys: keys.filter((key) => !key.name.endsWith('.pub')), publicKeys, ...passphrase,
  };
}

export function expandHome(file: string, home: string): string {
  return /^~(?=[/\\]|$)/.test(file) ? path.join(home, file.slice(1)) : file;
}

async function readKey(file: string): Promise<PrivateKey> {
  try {
    return { name: file, text: await readFile(file, 'utf8') };
  } catch (error) {
    throw new SshError('key-format', `The key file ${file} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)}).`, 'Check the path and its permissions.');
  }
}

/** `[user@]host[:port]` or `ssh://…`; an IPv6 address stands in brackets. @throws SshError `unresolved`. */
export function parseHop(text: string): HostTarget {
  const match = /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^:\s@[\]]+))(?::(\d{1,5}))?\/?$/.exec(text);
  const host = match?.[2] ?? match?.[3];
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) throw new SshError('unresolved', `ProxyJump names "${text}", which is no host.`, 'Write it as user@host:port.');
  return { host, ...(match?.[1] !== undefined && { user: match[1] }), ...(port !== undefined && { port }) };
}
