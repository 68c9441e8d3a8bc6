import { createServer, type Socket } from 'node:net';
import { isObject, type JsonObject } from '../text/json';
import type { Agents } from './connections';
import { ClusterError, shown } from './errors';
import type { Transport } from './transport';
import type { PortForward } from './types';
import { WebSocket } from './undici';

export interface PodPort { namespace: string; pod: string; port: number }

/** Channels of the protocol: data and errors; the first message of each only repeats the port (kubelet's portforward over WebSocket). */
const dataChannel = 0;
const mostBuffered = 1024 * 1024;
/** The protocol cannot say that one side has ended. After the client's end the answer may still come, for as long as it keeps coming. */
const quietAfterEndMs = 10_000;

/** Listens on this machine's loopback; every connection there is a WebSocket to the pod's port, over the cluster's own connections. */
export async function listenForPod(transport: Transport, agents: Agents, target: PodPort, onProblem: (message: string) => void = () => undefined): Promise<PortForward> {
  const open = new Set<() => void>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const end = join(socket, connect(transport, agents, target), (problem) => onProblem(`Port ${target.port} of pod ${target.pod}: ${problem}`));
    open.add(end);
    socket.once('close', () => { open.delete(end); });
  });
  const close = (): Promise<void> => new Promise((resolve) => {
    transport.closed.removeEventListener('abort', onClosed);
    for (const end of open) end();
    server.close(() => resolve());
  });
  const onClosed = (): void => void close();
  transport.closed.addEventListener('abort', onClosed, { once: true });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new ClusterError('unreachable', 'No port of this machine could be opened.', shown(error.message, 200))));
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve({ port: address.port, close });
    });
  });
}

function connect(transport: Transport, agents: Agents, { namespace, pod, port }: PodPort): WebSocket {
  const url = transport.url(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward`, { ports: String(port) });
  url.protocol = 'wss:';
  const socket = new WebSocket(url, { protocols: ['v4.channel.k8s.io'], dispatcher: agents.streams, headers: transport.identity() });
  socket.binaryType = 'arraybuffer';
  return socket;
}

/** Joins a local connection and a WebSocket until either ends. Returns what ends both. */
function join(local: Socket, remote: WebSocket, onProblem: (message: string) => void): () => void {
  const seen = new Set<number>();
  let opened = false;
  let quiet: NodeJS.Timeout | undefined;
  const end = (): void => { clearTimeout(quiet); local.destroy(); remote.close(); };
  const untilQuiet = (): void => { clearTimeout(quiet); quiet = setTimeout(end, quietAfterEndMs); };
  local.pause();
  local.on('error', end);
  local.once('close', end);
  local.on('data', (chunk: Buffer) => { remote.send(Buffer.concat([Buffer.of(dataChannel), chunk])); throttle(local, remote); });
  local.on('end', untilQuiet);
  remote.addEventListener('open', () => { opened = true; local.resume(); });
  remote.addEventListener('error', () => { if (!opened) onProblem('the API server does not forward it. The account needs get and create on pods/portforward, and the pod must run.'); end(); });
  remote.addEventListener('close', () => { clearTimeout(quiet); local.end(() => local.destroy()); });
  remote.addEventListener('message', ({ data }: { data: unknown }) => {
    if (!(data instanceof ArrayBuffer)) return;
    const [channel = -1] = new Uint8Array(data, 0, 1);
    const bytes = Buffer.from(data, 1);
    if (!seen.has(channel)) { seen.add(channel); return; }
    if (quiet !== undefined) untilQuiet();
    if (channel === dataChannel) local.write(bytes);
    else if (bytes.length > 0) { onProblem(reasonOf(bytes.toString('utf8'))); end(); }
  });
  return end;
}

/** The kubelet's and the runtime's words, with the usual cause in ours. */
const reasonOf = (text: string): string => (/connection refused|failed to connect to localhost/i.test(text) ? 'nothing listens on it in the pod (connection refused).' : shown(text, 300));

/** Stops reading while too much waits to be sent: the WebSocket tells its backlog, but not when it has gone. */
function throttle(local: Socket, remote: WebSocket): void {
  if (remote.bufferedAmount < mostBuffered || local.isPaused()) return;
  local.pause();
  const again = (): void => { if (local.destroyed) return; if (remote.bufferedAmount < mostBuffered) local.resume(); else setTimeout(again, 10); };
  setTimeout(again, 10);
}

/** Undefined when ports of this pod can be forwarded, else why not. */
export function notForwardable(pod: JsonObject | undefined, name: string): string | undefined {
  if (pod === undefined) return `There is no pod ${name}.`;
  const phase = isObject(pod['status']) ? pod['status']['phase'] : undefined;
  return phase === 'Running' ? undefined : `The pod ${name} does not run (${String(phase)}).`;
}
