import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '../../fixtures/cluster');
export const pem = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;
export interface StandIn { port: number; requests: { method: string; url: string; authorization: string | undefined }[]; connections: () => number; dropAll: () => void; close: () => Promise<void> }

/** An HTTPS server in the place of an API server, for answers that a real one cannot be made to give (a proxy's page, half a body, too many requests). */
export async function startStandIn(handler: Handler, certificate = 'server'): Promise<StandIn> {
  const requests: StandIn['requests'] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ cert: pem(`${certificate}.crt`), key: pem(`${certificate}.key`) }, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization });
      handler(request, response, body);
    });
  });
  server.on('secureConnection', () => { connections += 1; });
  server.on('connection', (socket: Socket) => { sockets.add(socket); socket.once('close', () => sockets.delete(socket)); });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  const dropAll = (): void => { for (const socket of sockets) socket.destroy(); };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0, requests, connections: () => connections, dropAll,
    close: () => new Promise((resolve) => { dropAll(); server.close(() => resolve()); }),
  };
}

export const json = (response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

export const status = (code: number, message: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message, ...more });

export const token = 'a-token-of-the-test-0123456789';

/** A kubeconfig; parts given here replace those of a good one. */
export function kubeconfig(port: number, changes: { cluster?: Record<string, unknown>; user?: Record<string, unknown>; context?: Record<string, unknown>; top?: Record<string, unknown> } = {}): string {
  return JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'main',
    clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': base64(pem('ca.crt')), ...changes.cluster } }],
    users: [{ name: 'u', user: { token, ...changes.user } }],
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', ...changes.context } }],
    ...changes.top,
  });
}
export const data = (name: string): string => base64(pem(name));
