import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { matchesList } from './configSyntax';
import { SshError } from './errors';
import { type HostKey, type HostKeyStore, hostKeyOf, isSupportedType } from './hostKeys';

/** The keys that a known_hosts text has for a host, as sshd(8) describes the format. Revoked keys are marked; certificate authorities are left out. */
export function knownHostKeys(text: string, host: string, port: number): HostKey[] {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  return text.split(/\r?\n/).flatMap((line) => {
    const [, marker, hosts = '', type = '', encoded = ''] = /^\s*(?:(@\S+)\s+)?([^\s#]\S*)\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    if (hosts === '' || !names(hosts, name)) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    const blob = Buffer.from(encoded, 'base64');
    const key = hostKeyOf(blob);
    // A damaged line says nothing; keys of a type that cannot be verified here neither.
    if (key.type !== type || !isSupportedType(type) || !isWhole(blob)) return [];
    return [{ ...key, ...(marker === '@revoked' && { revoked: true }) }];
  });
}

/** A key is a row of length-prefixed fields (RFC 4253, 6.6) that fills it. */
function isWhole(blob: Buffer): boolean {
  let at = 0;
  while (at + 4 <= blob.length) at += 4 + blob.readUInt32BE(at);
  return at === blob.length;
}

/** Whether a host is under a certificate authority, which is not supported: its key is then asked about like an unknown one. */
export function hasCertificateAuthority(text: string, host: string, port: number): boolean {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  return text.split(/\r?\n/).some((line) => {
    const hosts = /^\s*@cert-authority\s+(\S+)\s/.exec(line)?.[1];
    return hosts !== undefined && names(hosts, name);
  });
}

/** `|1|salt|hash` is HMAC-SHA1 of the name; anything else a list of patterns. */
function names(hosts: string, name: string): boolean {
  if (!hosts.startsWith('|')) return matchesList(name, hosts.toLowerCase().split(','));
  const [, version, salt = '', hash = ''] = hosts.split('|');
  return version === '1' && createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(Buffer.from(hash, 'base64'));
}

/**
 * Our own store first; where it knows nothing of a host, known_hosts counts. What known_hosts marks as revoked is refused in any case. The files are never written.
 * @throws SshError `known-hosts` from `list`, when a file is there but cannot be read: a changed key would go unseen.
 */
export function withKnownHosts(own: HostKeyStore, files: readonly string[]): HostKeyStore {
  return {
    list: async (host, port) => {
      const [mine, texts] = await Promise.all([own.list(host, port), Promise.all(files.map(readIfThere))]);
      const theirs = texts.flatMap((text) => knownHostKeys(text, host, port));
      return [...(mine.length > 0 ? mine : theirs.filter((key) => key.revoked !== true)), ...theirs.filter((key) => key.revoked === true)];
    },
    add: (host, port, key) => own.add(host, port, key),
  };
}

export async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new SshError('known-hosts', `The file ${file} cannot be read (${code}), so a changed host key would go unseen.`, 'Make it readable for your account.');
  }
}
