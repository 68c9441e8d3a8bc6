import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connection } from './connection';
import { SshError } from './errors';

/** A stream to a host and port as the server sees them. */
export function forward(connection: Connection, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    if (!connection.isOpen()) { reject(new SshError('lost', `The connection to ${connection.host} was lost.`, 'Connect again.')); return; }
    connection.client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      if (error) reject(new SshError('forward-refused', `${host}:${port} cannot be reached from ${connection.host}.`, `Check that it listens there and that AllowTcpForwarding is on. (${error.message})`));
      else resolve(channel);
    });
  });
}

export interface Tunnel { port: number; close: () => Promise<void> }

/** A port on this machine's loopback that leads to a host and port of the server. */
export function openTunnel(connection: Connection, host: string, port: number): Promise<Tunnel> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    forward(connection, host, port).then((channel) => {
      channel.on('error', () => socket.destroy());
      channel.once('close', () => socket.destroy());
      socket.once('close', () => channel.destroy());
      socket.pipe(channel).pipe(socket);
    }, () => socket.destroy());
  });
  const close = () => new Promise<void>((resolve) => {
    for (const socket of sockets) socket.destroy();
    server.close(() => resolve());
  });
  void connection.closed.then(close);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The tunnel has no port.'));
      else resolve({ port: address.port, close });
    });
  });
}
