import type { Duplex } from 'node:stream';
import { type AnyAuthMethod, Client, type ConnectConfig } from 'ssh2';
import { type Auth, noKeys, turns } from './authentication';
import { describeFailure, isSshError, SshError } from './errors';
import { type HostKey, type HostKeyStore, hostKeyOf, judge, preferredAlgorithms, type Verdict } from './hostKeys';
import { Sessions } from './sessions';
import { forward } from './tunnel';

export type { Auth } from './authentication';

export interface ConnectOptions {
  host: string;
  port: number;
  user: string;
  auth: Auth;
  hostKeys: HostKeyStore;
  /** The name under which host keys are kept, instead of host and port (ssh_config's HostKeyAlias). */
  hostKeyAlias?: string;
  /** Asked without an open connection, so the user may take their time. */
  confirmHostKey: (fingerprint: string, type: string) => Promise<boolean>;
  /** A connection to go through (ssh_config's ProxyJump). It stays the caller's to close. */
  via?: Connection;
  signal?: AbortSignal;
  /** Until the session is ready; 15 s by default. */
  timeoutMs?: number;
}

/** What is known of sudo on the other side. It is shared by all who use the connection. */
export interface Sudo {
  /** Asks the user, again after a wrong answer; undefined when there is none. */
  readonly ask: (wrong: boolean) => Promise<string | undefined>;
  /** Kept as long as the connection. Absent where sudo asks for none. */
  password?: string;
  works?: boolean;
  /** Why it does not work. */
  refusal?: string;
}

export interface Connection {
  readonly host: string;
  readonly port: number;
  /** Only for src/ssh. */
  readonly client: Client;
  /** Only for src/ssh. */
  readonly sessions: Sessions;
  readonly isOpen: () => boolean;
  /** Settles when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
  readonly close: () => void;
  /** Absent: nobody can be asked for a password. */
  readonly sudo?: Sudo;
}

interface Seen { key?: HostKey; verdict?: Verdict; agentFailed?: boolean }

/**
 * Connects; the host key is judged before any key of the user is offered. An unknown key is asked about with the connection closed (LoginGraceTime runs otherwise).
 * @throws SshError.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  // The first contact with an unknown server only reads its key: there is nothing to unlock yet.
  if ((await trusted(options)).length === 0) await attempt(options, []);
  let failure: unknown = noKeys();
  for await (const methods of turns(options.auth, options.user)) {
    try {
      const connection = await attempt(options, methods);
      if (connection !== undefined) return connection;
    } catch (error) {
      if (!isSshError(error) || error.kind !== 'authentication') throw error;
      failure = error;
    }
  }
  throw failure;
}

const known = ({ hostKeys, hostKeyAlias, host, port }: ConnectOptions) => hostKeys.list(hostKeyAlias ?? host, hostKeyAlias === undefined ? port : 22);
const trusted = async (options: ConnectOptions) => (await known(options)).filter((key) => key.revoked !== true);

/** Before any greeting was exchanged, so nothing was asked of the server yet and asking again is harmless. */
const lostEarly = 'Connection lost before handshake';

const isEarlyLoss = (error: unknown): boolean => error instanceof Error && (error.message === lostEarly || ('code' in error && error.code === 'ECONNRESET'));

/** A server that has no room for one more unfinished login (MaxStartups) closes at once; ours of a moment ago may be the one. */
async function openPatiently(options: ConnectOptions, methods: AnyAuthMethod[], keys: readonly HostKey[], seen: Seen): Promise<Connection> {
  for (const pause of [300, 1_000]) {
    try {
      return await open(options, methods, keys, seen);
    } catch (error) {
      if (!isEarlyLoss(error) || seen.key !== undefined || options.signal?.aborted) throw error;
      await new Promise((resolve) => { setTimeout(resolve, pause * (1 + Math.random())); });
    }
  }
  return open(options, methods, keys, seen);
}

/** One connection with these methods; undefined: it was for the host key only, which is now confirmed. */
async function attempt(options: ConnectOptions, methods: AnyAuthMethod[]): Promise<Connection | undefined> {
  const keys = await known(options);
  const seen: Seen = {};
  try {
    return await openPatiently(options, methods, keys, seen);
  } catch (error) {
    if (seen.key === undefined || seen.verdict === undefined || seen.verdict === 'trusted') throw describe(error, options, seen);
    await settleHostKey(options, seen.key, seen.verdict, keys, methods.length > 0);
    return undefined;
  }
}

function describe(error: unknown, { host, port }: ConnectOptions, seen: Seen): SshError {
  const described = describeFailure(error, host, port);
  if (described.kind !== 'authentication' || seen.agentFailed !== true) return described;
  return new SshError('authentication', `${described.message} The SSH agent did not answer or refused to sign.`, described.hint);
}

async function settleHostKey(options: ConnectOptions, key: HostKey, verdict: Verdict, keys: readonly HostKey[], isSecond: boolean): Promise<void> {
  const at = `${options.host}:${options.port}`;
  if (verdict === 'revoked') {
    throw new SshError('host-key-revoked', `The host key ${key.fingerprint} of ${at} is marked as revoked in known_hosts.`, 'Somebody has the server\'s old key. Do not connect; ask who runs the server.');
  }
  if (verdict === 'changed' || isSecond) {
    const before = keys.filter((one) => one.revoked !== true).map((one) => one.fingerprint).join(', ');
    throw new SshError('host-key-changed', `The host key of ${at} has changed: known ${before}, shown ${key.fingerprint}.`,
      'If the server was reinstalled, remove the old key first; otherwise somebody may be in between.');
  }
  if (!(await options.confirmHostKey(key.fingerprint, key.type))) {
    throw new SshError('host-key-unknown', `The host key ${key.fingerprint} of ${at} is not trusted.`, 'Compare it with the output of ssh-keygen -lf on the server.');
  }
  const { hostKeyAlias } = options;
  await options.hostKeys.add(hostKeyAlias ?? options.host, hostKeyAlias === undefined ? options.port : 22, key);
}

function configOf(options: ConnectOptions, methods: AnyAuthMethod[], keys: readonly HostKey[], seen: Seen, sock: Duplex | undefined): ConnectConfig {
  return {
    host: options.host, port: options.port, username: options.user,
    ...(sock && { sock }),
    readyTimeout: options.timeoutMs ?? 15_000,
    // A dead link is noticed after two questions without an answer: 12 s at most.
    keepaliveInterval: 4_000, keepaliveCountMax: 2,
    authHandler: methods,
    algorithms: { serverHostKey: preferredAlgorithms(keys.filter((key) => key.revoked !== true)) },
    hostVerifier: (blob: Buffer) => {
      seen.key = hostKeyOf(blob);
      seen.verdict = judge(seen.key, keys);
      // A first contact ends here, trusted or not.
      return seen.verdict === 'trusted';
    },
  };
}

async function open(options: ConnectOptions, methods: AnyAuthMethod[], keys: readonly HostKey[], seen: Seen): Promise<Connection> {
  const sock = options.via === undefined ? undefined : await forward(options.via, options.host, options.port);
  const client = new Client();
  let isOpen = false;
  const closed = new Promise<void>((resolve) => client.once('close', () => { isOpen = false; resolve(); }));
  return new Promise((resolve, reject) => {
    const { signal } = options;
    const end = () => { client.destroy(); sock?.destroy(); };
    const abort = () => { reject(new SshError('aborted', 'Connecting was cancelled.', '')); end(); };
    if (signal?.aborted) { abort(); return; }
    signal?.addEventListener('abort', abort, { once: true });
    const settle = () => signal?.removeEventListener('abort', abort);
    // Attached for life: a late ECONNRESET without a listener would end the process.
    client.on('error', (error) => {
      // ssh2 goes on with the next method.
      if (!isOpen && 'level' in error && error.level === 'agent') { seen.agentFailed = true; return; }
      settle(); reject(error); if (!isOpen) end();
    });
    client.once('close', () => { settle(); reject(new Error(lostEarly)); });
    client.once('ready', () => {
      settle();
      isOpen = true;
      resolve({ host: options.host, port: options.port, client, sessions: new Sessions(client), isOpen: () => isOpen, closed, close: () => { isOpen = false; client.end(); } });
    });
    client.connect(configOf(options, methods, keys, seen, sock));
    // Nagle costs 40 ms per command otherwise.
    client.setNoDelay(true);
  });
}
