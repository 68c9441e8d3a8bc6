import { randomBytes, type KeyObject } from 'node:crypto';

// The format is described in OpenSSH's PROTOCOL.key.
const magic = 'openssh-key-v1\0';

const uint32 = (value: number): Buffer => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };
const field = (value: string | Buffer): Buffer => { const bytes = Buffer.from(value); return Buffer.concat([uint32(bytes.length), bytes]); };

/** An ed25519 key in OpenSSH's own format, unencrypted: the only one in which ssh2 reads it. It is kept in memory only. */
export function openSshEd25519(key: KeyObject): string {
  const { d, x } = key.export({ format: 'jwk' });
  const seed = Buffer.from(d ?? '', 'base64url');
  const point = Buffer.from(x ?? '', 'base64url');
  const check = randomBytes(4);
  const content = Buffer.concat([check, check, field('ssh-ed25519'), field(point), field(Buffer.concat([seed, point])), field('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (content.length % 8)) % 8 }, (_, index) => index + 1));
  const publicPart = Buffer.concat([field('ssh-ed25519'), field(point)]);
  const body = Buffer.concat([Buffer.from(magic, 'latin1'), field('none'), field('none'), field(''), uint32(1), field(publicPart), field(Buffer.concat([content, padding]))]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** The public part of a key file in OpenSSH's format, which is in clear even when the key is encrypted; undefined for another format. */
export function publicPartOf(text: string): Buffer | undefined {
  const match = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text);
  const body = Buffer.from(match?.[1] ?? '', 'base64');
  if (body.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const next = (): Buffer => {
    if (at + 4 > body.length) return Buffer.alloc(0);
    const end = at + 4 + body.readUInt32BE(at);
    const value = body.subarray(at + 4, end);
    at = end;
    return value;
  };
  next(); next(); next();
  at += 4; // The number of keys; OpenSSH itself writes one.
  const part = next();
  return part.length > 0 ? part : undefined;
}
