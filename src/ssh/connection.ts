import { Client, type AnyAuthMethod, type ConnectConfig } from 'ssh2';
import { describeFailure, SshError } from './errors';
import { type HostKey, type HostKeyStore, hostKeyOf, judge, preferredAlgorithms, type Verdict } from './hostKeys';
import { type PrivateKey, unlock } from './privateKeys';

export interface Auth {
  /** Path of the agent's socket. */
  agent?: string;
  keys?: readonly PrivateKey[];
  /** Asked for an encrypted key; undefined skips the key. */
  passphrase?: (keyName: string) => Promise<string | undefined>;
}

export interface ConnectOptions {
  host: string;
  port: number;
  user: string;
  auth: Auth;
  hostKeys: HostKeyStore;
  /** Asked without an open connection, so the user may take their time. */
  confirmHostKey: (fingerprint: string, type: string) => Promise<boolean>;
  signal?: AbortSignal;
  /** Until the session is ready; 15 s by default. */
  timeoutMs?: number;
}

export interface Connection {
  readonly host: string;
  readonly port: number;
  /** Only for src/ssh. */
  readonly client: Client;
  readonly isOpen: () => boolean;
  /** Settles when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
  readonly close: () => void;
}

interface Seen { key?: HostKey; verdict?: Verdict }

/** Connects; the host key is judged before any key of the user is offered. An unknown key is asked about with the connection closed (LoginGraceTime runs otherwise). */
export async function connect(options: ConnectOptions): Promise<Connection> {
  for (let attempt = 0; ; attempt++) {
    const known = await options.hostKeys.list(options.host, options.port);
    const seen: Seen = {};
    // Without a known key there is nothing to unlock yet: the first contact only reads the host key.
    const methods = known.length === 0 ? [] : await authMethods(options);
    try {
      return await open(options, methods, known, seen);
    } catch (error) {
      if (seen.key === undefined || seen.verdict === undefined || seen.verdict === 'trusted') throw describeFailure(error, options.host, options.port);
      await settleHostKey(options, seen.key, seen.verdict, known, attempt);
    }
  }
}

async function settleHostKey(options: ConnectOptions, key: HostKey, verdict: Verdict, known: readonly HostKey[], attempt: number): Promise<void> {
  const at = `${options.host}:${options.port}`;
  if (verdict === 'changed' || attempt > 0) {
    throw new SshError('host-key-changed', `The host key of ${at} has changed: known ${known.map((k) => k.fingerprint).join(', ')}, shown ${key.fingerprint}.`,
      'If the server was reinstalled, remove the old key first; otherwise somebody may be in between.');
  }
  if (!(await options.confirmHostKey(key.fingerprint, key.type))) {
    throw new SshError('host-key-unknown', `The host key ${key.fingerprint} of ${at} is not trusted.`, 'Compare it with the output of ssh-keygen -lf on the server.');
  }
  await options.hostKeys.add(options.host, options.port, key);
}

async function authMethods({ auth, user }: ConnectOptions): Promise<AnyAuthMethod[]> {
  const methods: AnyAuthMethod[] = [];
  for (const key of auth.keys ?? []) {
    const unlocked = await unlock(key, auth.passphrase);
    if (unlocked !== undefined) methods.push({ type: 'publickey', username: user, ...unlocked });
  }
  if (auth.agent !== undefined) methods.push({ type: 'agent', username: user, agent: auth.agent });
  if (methods.length === 0) throw new SshError('authentication', 'There is no key to sign in with.', 'Choose a key file, or start an SSH agent.');
  return methods;
}

function configOf(options: ConnectOptions, methods: AnyAuthMethod[], known: readonly HostKey[], seen: Seen): ConnectConfig {
  return {
    host: options.host, port: options.port, username: options.user,
    readyTimeout: options.timeoutMs ?? 15_000,
    keepaliveInterval: 5_000, keepaliveCountMax: 2,
    authHandler: methods,
    algorithms: { serverHostKey: preferredAlgorithms(known) },
    hostVerifier: (blob: Buffer) => {
      seen.key = hostKeyOf(blob);
      seen.verdict = judge(seen.key, known);
      return seen.verdict === 'trusted';
    },
  };
}

function open(options: ConnectOptions, methods: AnyAuthMethod[], known: readonly HostKey[], seen: Seen): Promise<Connection> {
  const client = new Client();
  let isOpen = false;
  const closed = new Promise<void>((resolve) => client.once('close', () => { isOpen = false; resolve(); }));
  return new Promise((resolve, reject) => {
    const { signal } = options;
    const abort = () => { reject(new SshError('aborted', 'Connecting was cancelled.', '')); client.destroy(); };
    if (signal?.aborted) { abort(); return; }
    signal?.addEventListener('abort', abort, { once: true });
    const settle = () => signal?.removeEventListener('abort', abort);
    // Attached for life: a late ECONNRESET without a listener would end the process.
    client.on('error', (error) => { settle(); reject(error); if (!isOpen) client.destroy(); });
    client.once('close', () => { settle(); reject(new Error('Connection lost before handshake')); });
    client.once('ready', () => {
      settle();
      isOpen = true;
      resolve({ host: options.host, port: options.port, client, isOpen: () => isOpen, closed, close: () => { isOpen = false; client.end(); } });
    });
    client.connect(configOf(options, methods, known, seen));
    // Nagle costs 40 ms per command otherwise.
    client.setNoDelay(true);
  });
}
