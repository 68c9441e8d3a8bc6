import { createHash } from 'node:crypto';
import bcrypt from 'bcrypt-pbkdf';

const sha512 = (bytes: Uint8Array): Buffer => createHash('sha512').update(bytes).digest();
const blockBytes = 32;

/**
 * OpenBSD's bcrypt_pbkdf, with which OpenSSH locks its keys. ssh2 computes it in one go, which stops the process for seconds with `ssh-keygen -a 100`;
 * here other work has its turn after every round of about 10 ms.
 */
export async function bcryptPbkdf(passphrase: string, salt: Uint8Array, bytes: number, rounds: number): Promise<Buffer> {
  const secret = sha512(Buffer.from(passphrase));
  const blocks = Math.ceil(bytes / blockBytes);
  const key = Buffer.alloc(bytes);
  for (let block = 0; block < blocks; block++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(block + 1);
    let last = Buffer.concat([salt, number]);
    const sum = Buffer.alloc(blockBytes);
    for (let round = 0; round < rounds; round++) {
      const hash = Buffer.alloc(blockBytes);
      bcrypt.hash(secret, sha512(last), hash);
      for (let i = 0; i < blockBytes; i++) sum[i] = (sum[i] ?? 0) ^ (hash[i] ?? 0);
      last = hash;
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    // The blocks are woven into each other, not set end to end.
    for (let i = 0; i * blocks + block < bytes; i++) key[i * blocks + block] = sum[i] ?? 0;
  }
  return key;
}
