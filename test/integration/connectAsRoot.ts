import { readFileSync } from 'node:fs';
import { connect, type Connection, memoryHostKeys } from '../../src/ssh';
import type { TestServer } from '../harness/server.ts';

/** Signs in to a test server with its own key; its host key must be the one that the harness made. */
export function connectAsRoot(server: TestServer): Promise<Connection> {
  return connect({
    host: '127.0.0.1', port: server.sshPort, user: 'root', auth: { keys: [{ name: 'test', text: readFileSync(server.privateKeyPath, 'utf8') }] },
    hostKeys: memoryHostKeys(), confirmHostKey: (fingerprint) => Promise.resolve(fingerprint === server.hostKeyFingerprint),
  });
}
