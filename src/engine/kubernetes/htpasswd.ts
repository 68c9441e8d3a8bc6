import { createHash } from 'node:crypto';
import type { Route } from '../../model/stack';
import { shortHash } from './naming';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Apache's `$apr1$` (MD5 in a thousand rounds, as `htpasswd -m` writes it), which Traefik and nginx both read. */
export function apr1(password: string, salt: string): string {
  const md5 = (...parts: (string | Buffer)[]): Buffer => { const hash = createHash('md5'); for (const part of parts) hash.update(part); return hash.digest(); };
  const bytes = Buffer.from(password);
  const inner = md5(bytes, salt, bytes);
  const first: Buffer[] = [bytes, Buffer.from('$apr1$'), Buffer.from(salt)];
  for (let left = bytes.length; left > 0; left -= 16) first.push(inner.subarray(0, Math.min(16, left)));
  for (let bits = bytes.length; bits > 0; bits >>= 1) first.push((bits & 1) === 1 ? Buffer.from([0]) : bytes.subarray(0, 1));
  let digest = md5(...first);
  for (let round = 0; round < 1000; round++) {
    digest = md5(round % 2 === 1 ? bytes : digest, round % 3 === 0 ? '' : salt, round % 7 === 0 ? '' : bytes, round % 2 === 1 ? digest : bytes);
  }
  const byte = (index: number): number => digest[index] ?? 0;
  const groups = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]].map(([a = 0, b = 0, c = 0]) => base64((byte(a) << 16) | (byte(b) << 8) | byte(c), 4));
  return `$apr1$${salt}$${groups.join('')}${base64(byte(11), 2)}`;
}

function base64(value: number, length: number): string {
  return Array.from({ length }, (_, index) => alphabet.charAt((value >> (6 * index)) & 63)).join('');
}

/** The line of a password file: the one Coolify's own proxy has where it is known, else made anew, the same for the same input. */
export function passwordLine(auth: NonNullable<Route['basicAuth']>, salt: string): string {
  if (auth.hash !== undefined && auth.hash !== '') return auth.hash;
  return `${auth.username}:${apr1(auth.password, shortHash(`${salt}\0${auth.username}`, 8))}`;
}
