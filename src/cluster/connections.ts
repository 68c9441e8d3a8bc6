import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Access } from './kubeconfig';
import type { Dial } from './types';
import { Agent } from './undici';

/** As many as a preview needs at a time; a call waits for one rather than opening more. */
const mostForCalls = 4;
/** The API server closes idle connections after 90 s. */
const keepAliveTimeout = 60_000;

export interface Agents {
  /** Short requests share a few connections. */
  calls: Agent;
  /** Watches, logs and forwarded ports hold a connection each. */
  streams: Agent;
}

/**
 * The client would open a new TLS connection for every request; these keep them. Every connection of a cluster is made here, in one way:
 * dialled, then TLS with the kubeconfig's own trust, whatever address it was dialled at.
 */
export function createAgents(access: Access, dial: Dial | undefined, timeoutMs: number): Agents {
  const connect: buildConnector.connector = (options, callback) => {
    const port = Number(options.port === '' ? 443 : options.port);
    const wanted = Number(access.server.port === '' ? 443 : access.server.port);
    // A redirect must not carry the client certificate or the tunnel to another place.
    if (options.hostname !== access.server.hostname || port !== wanted) { callback(new Error('Another host than the API server was asked for.'), null); return; }
    openTls(access, bare(options.hostname), port, dial ?? dialDirectly, timeoutMs).then((socket) => callback(null, socket), (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null));
  };
  const common = { connect, keepAliveTimeout, keepAliveMaxTimeout: keepAliveTimeout, headersTimeout: 0, bodyTimeout: 0, allowH2: false } as const;
  return { calls: new Agent({ ...common, connections: mostForCalls }), streams: new Agent(common) };
}

/** An IPv6 address without its brackets. */
const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

const dialDirectly: Dial = (host, port) => new Promise<Duplex>((resolve, reject) => {
  const socket: Socket = connectTcp({ host, port, autoSelectFamily: true });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 15_000);
  socket.once('error', reject);
  socket.once('connect', () => { socket.removeListener('error', reject); resolve(socket); });
});

async function openTls(access: Access, host: string, port: number, dial: Dial, timeoutMs: number): Promise<TLSSocket> {
  let late = false;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => { late = true; reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })); }, timeoutMs);
  });
  const dialled = dial(host, port).then((stream) => {
    if (late) stream.destroy();
    return stream;
  });
  try {
    const stream = await Promise.race([dialled, timeout]);
    return await Promise.race([secure(access, host, stream), timeout.catch((error: unknown) => { stream.destroy(); throw error; })]);
  } finally {
    clearTimeout(timer);
  }
}

function secure(access: Access, host: string, stream: Duplex): Promise<TLSSocket> {
  const servername = access.tlsServerName ?? host;
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: stream, host: servername, ...(isIP(servername) === 0 && { servername }),
      ...(access.ca !== undefined && { ca: access.ca }), ...(access.cert !== undefined && { cert: access.cert }), ...(access.key !== undefined && { key: access.key }),
      rejectUnauthorized: !access.insecure, ALPNProtocols: ['http/1.1'],
    });
    const fail = (error: Error): void => { stream.destroy(); reject(error); };
    // An SSH channel that goes away makes no error of its own.
    const onClose = (): void => fail(Object.assign(new Error('closed during the TLS handshake'), { code: 'ECONNRESET' }));
    socket.once('error', fail);
    stream.once('close', onClose);
    socket.once('secureConnect', () => {
      socket.removeListener('error', fail);
      stream.removeListener('close', onClose);
      stream.on('error', () => socket.destroy());
      stream.once('close', () => socket.destroy());
      silenceAfterClose(socket);
      resolve(socket);
    });
  });
}

/**
 * A socket over another stream can say `end` or `error` after `close`; undici (8.13, client-h1.js, onHttpSocketEnd) then reads a parser that it has
 * thrown away, and that exception would have no catcher.
 */
function silenceAfterClose(socket: TLSSocket): void {
  socket.once('close', () => {
    socket.removeAllListeners('end');
    socket.removeAllListeners('error');
    socket.on('error', () => undefined);
  });
}
