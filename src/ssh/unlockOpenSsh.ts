import { createDecipheriv } from 'node:crypto';
import { bcryptPbkdf } from './bcryptPbkdf';
import { fieldsOf, openOpenSsh, parseOpenSsh } from './openSshKey';

/** Node's name, and the bytes of key and first block, of OpenSSH's ciphers for key files. */
const ciphers: Record<string, readonly [string, number, number]> = {
  'aes128-ctr': ['aes-128-ctr', 16, 16], 'aes192-ctr': ['aes-192-ctr', 24, 16], 'aes256-ctr': ['aes-256-ctr', 32, 16],
  'aes128-cbc': ['aes-128-cbc', 16, 16], 'aes192-cbc': ['aes-192-cbc', 24, 16], 'aes256-cbc': ['aes-256-cbc', 32, 16],
  'aes128-gcm@openssh.com': ['aes-128-gcm', 16, 12], 'aes256-gcm@openssh.com': ['aes-256-gcm', 32, 12],
};
/** More would take an hour; the file is data of somebody. */
const mostRounds = 100_000;

/** Whether `unlockOpenSsh` can open the file, given its passphrase. */
export function isLockedOpenSsh(text: string): boolean {
  const key = parseOpenSsh(text);
  return key?.kdf === 'bcrypt' && key.cipher in ciphers;
}

/** The key in OpenSSH's format without a passphrase; undefined: it is not the right one. */
export async function unlockOpenSsh(text: string, passphrase: string): Promise<string | undefined> {
  const key = parseOpenSsh(text);
  const cipher = ciphers[key?.cipher ?? ''];
  if (key === undefined || cipher === undefined) return undefined;
  const [name, keyBytes, firstBytes] = cipher;
  const options = fieldsOf(key.kdfOptions);
  const [salt, rounds] = [options.next(), options.number()];
  if (salt.length === 0 || rounds < 1 || rounds > mostRounds) return undefined;
  const derived = await bcryptPbkdf(passphrase, salt, keyBytes + firstBytes, rounds);
  const content = decrypt(name, derived.subarray(0, keyBytes), derived.subarray(keyBytes), key.content, key.tag);
  // The same four bytes twice: OpenSSH's own sign that the passphrase was right.
  if (content === undefined || content.length < 8 || !content.subarray(0, 4).equals(content.subarray(4, 8))) return undefined;
  return openOpenSsh(key.publicPart, content);
}

function decrypt(name: string, key: Buffer, first: Buffer, content: Buffer, tag: Buffer): Buffer | undefined {
  try {
    if (name === 'aes-128-gcm' || name === 'aes-256-gcm') {
      const decipher = createDecipheriv(name, key, first, { authTagLength: 16 });
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(content), decipher.final()]);
    }
    const decipher = createDecipheriv(name, key, first).setAutoPadding(false);
    return Buffer.concat([decipher.update(content), decipher.final()]);
  } catch {
    return undefined;
  }
}
