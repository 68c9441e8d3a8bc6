export { type Auth, connect, type Connection, type ConnectOptions } from './connection';
export { isSshError, SshError, type SshErrorKind } from './errors';
export { type Exit, readScript, runScript, type ScriptOptions } from './exec';
export { type HostKey, type HostKeyStore, memoryHostKeys } from './hostKeys';
export type { PrivateKey } from './privateKeys';
export { readSshConfig } from './readSshConfig';
export { type LocalFacts, type ResolvedHost, resolveHost } from './sshConfig';
export { forward, openTunnel, type Tunnel } from './tunnel';
