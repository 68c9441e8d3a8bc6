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
