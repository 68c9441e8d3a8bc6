import { randomBytes, type KeyObject } from 'node:crypto';

// The format is described in OpenSSH's PROTOCOL.key.
const magic = 'openssh-key-v1\0';

const uint32 = (value: number): Buffer => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };
const field = (value: string | Buffer): Buffer => { const bytes = Buffer.from(value); return Buffer.concat([uint32(bytes.length), bytes]); };

/** Reads fields that each start with their length; what is not there is empty. */
export function fieldsOf(bytes: Buffer): { next: () => Buffer; number: () => number; rest: () => Buffer } {
  let at = 0;
  const take = (length: number): Buffer => { const part = bytes.subarray(at, at + length); at += length; return part; };
  const number = (): number => { const part = take(4); return part.length < 4 ? 0 : part.readUInt32BE(); };
  return { next: () => take(number()), number, rest: () => bytes.subarray(at) };
}

/** A file in OpenSSH's own format. */
export interface OpenSshKey {
  cipher: string;
  kdf: string;
  kdfOptions: Buffer;
  /** In clear even when the key is encrypted. */
  publicPart: Buffer;
  content: Buffer;
  /** What an authenticating cipher wrote behind the content. */
  tag: Buffer;
}

/** Undefined for another format. */
export function parseOpenSsh(text: string): OpenSshKey | undefined {
  const match = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text);
  const body = Buffer.from(match?.[1] ?? '', 'base64');
  if (body.toString('latin1', 0, magic.length) !== magic) return undefined;
  const { next, number, rest } = fieldsOf(body.subarray(magic.length));
  const [cipher, kdf, kdfOptions] = [next().toString('latin1'), next().toString('latin1'), next()];
  // The number of keys; OpenSSH itself writes one.
  number();
  return { cipher, kdf, kdfOptions, publicPart: next(), content: next(), tag: rest() };
}

/** An unencrypted key in OpenSSH's format, from its content with padding. It is kept in memory only. */
export function openOpenSsh(publicPart: Buffer, content: Buffer): string {
  const body = Buffer.concat([Buffer.from(magic, 'latin1'), field('none'), field('none'), field(''), uint32(1), field(publicPart), field(content)]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** An ed25519 key in OpenSSH's own format, the only one in which ssh2 reads it. */
export function openSshEd25519(key: KeyObject): string {
  const { d, x } = key.export({ format: 'jwk' });
  const seed = Buffer.from(d ?? '', 'base64url');
  const point = Buffer.from(x ?? '', 'base64url');
  const check = randomBytes(4);
  const content = Buffer.concat([check, check, field('ssh-ed25519'), field(point), field(Buffer.concat([seed, point])), field('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (content.length % 8)) % 8 }, (_, index) => index + 1));
  return openOpenSsh(Buffer.concat([field('ssh-ed25519'), field(point)]), Buffer.concat([content, padding]));
}

/** The public part of a key file in OpenSSH's format; undefined for another format. */
export function publicPartOf(text: string): Buffer | undefined {
  const part = parseOpenSsh(text)?.publicPart;
  return part !== undefined && part.length > 0 ? part : undefined;
}
