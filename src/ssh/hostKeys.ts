import { createHash } from 'node:crypto';

export interface HostKey {
  /** As SSH names it: `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`. */
  type: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  fingerprint: string;
  /** Marked so in known_hosts: never to be trusted, whoever shows it. */
  revoked?: boolean;
}

/** Trusted keys, per host and port. The extension keeps them in its own storage. */
export interface HostKeyStore {
  list(host: string, port: number): Promise<readonly HostKey[]>;
  add(host: string, port: number, key: HostKey): Promise<void>;
}

/** A key blob starts with its type as a length-prefixed string (RFC 4253, 6.6). */
export function hostKeyOf(blob: Buffer): HostKey {
  const type = blob.length < 4 ? '' : blob.toString('latin1', 4, 4 + blob.readUInt32BE(0));
  return { type, fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}` };
}

export type Verdict = 'trusted' | 'unknown' | 'changed' | 'revoked';

/** A host with any trusted key must show one of them: another type is no excuse, since known types are asked for first. */
export function judge(key: HostKey, known: readonly HostKey[]): Verdict {
  const same = known.filter((k) => k.type === key.type && k.fingerprint === key.fingerprint);
  if (same.some((k) => k.revoked)) return 'revoked';
  if (same.length > 0) return 'trusted';
  return known.every((k) => k.revoked) ? 'unknown' : 'changed';
}

const algorithms = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256'] as const;
export type HostKeyAlgorithm = (typeof algorithms)[number];

/** Whether a server can prove such a key here; ssh-dss, hardware keys and certificates cannot be. */
export const isSupportedType = (type: string): boolean => type === 'ssh-rsa' || algorithms.some((one) => one === type);

/** Known types first, as OpenSSH does, so that a server with several keys raises no false alarm. SHA-1 signatures stay off. */
export function preferredAlgorithms(known: readonly HostKey[]): HostKeyAlgorithm[] {
  const isKnown = (algorithm: HostKeyAlgorithm) =>
    known.some((k) => k.type === algorithm || (k.type === 'ssh-rsa' && algorithm.startsWith('rsa-sha2-')));
  return [...algorithms.filter(isKnown), ...algorithms.filter((a) => !isKnown(a))];
}

/** A store that lives as long as the process. */
export function memoryHostKeys(): HostKeyStore {
  const keys = new Map<string, HostKey[]>();
  const place = (host: string, port: number) => `[${host}]:${port}`;
  return {
    list: (host, port) => Promise.resolve(keys.get(place(host, port)) ?? []),
    add: (host, port, key) => {
      keys.set(place(host, port), [...(keys.get(place(host, port)) ?? []), key]);
      return Promise.resolve();
    },
  };
}
