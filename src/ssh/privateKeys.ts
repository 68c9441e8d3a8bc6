import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type ParsedKey, utils } from 'ssh2';
import { SshError } from './errors';
import { openSshEd25519 } from './openSshKey';
import { isLockedOpenSsh, unlockOpenSsh } from './unlockOpenSsh';

export interface PrivateKey {
  /** What the passphrase prompt calls it: usually the path. */
  name: string;
  text: string;
}

/** A private key, or why it is none: it is locked, or it is something else. */
function parse(text: string, passphrase?: string): ParsedKey | 'locked' | 'other' {
  const parsed = utils.parseKey(text, passphrase);
  if (!(parsed instanceof Error)) return parsed.isPrivateKey() ? parsed : 'other';
  return /passphrase|integrity check|decrypt/i.test(parsed.message) ? 'locked' : 'other';
}

const isEncryptedPkcs8 = (text: string): boolean => text.includes('BEGIN ENCRYPTED PRIVATE KEY');

/** Whether a passphrase is needed before the key can be used. */
export function isLocked(key: PrivateKey): boolean {
  return isEncryptedPkcs8(key.text) || parse(key.text) === 'locked';
}

/** A key that needs no passphrase. @throws SshError `key-format`. */
export function readUnlocked(key: PrivateKey): ParsedKey {
  const parsed = parse(key.text);
  if (typeof parsed !== 'string') return parsed;
  const object = pkcs8(key.text);
  if (object !== undefined) return convert(key, object);
  throw unreadable(key);
}

/**
 * The key, after asking for its passphrase up to three times. Undefined: the user gave up.
 * It is decrypted here, once: that takes seconds with some keys, and no connection should wait for it; nor does other work.
 * @throws SshError `key-format`.
 */
export async function unlock(key: PrivateKey, ask?: (name: string) => Promise<string | undefined>): Promise<ParsedKey | undefined> {
  if (!isLocked(key)) return readUnlocked(key);
  for (let attempt = 0; attempt < 3; attempt++) {
    const passphrase = await ask?.(key.name);
    if (passphrase === undefined) return undefined;
    const opened = await open(key, passphrase);
    if (opened !== undefined) return opened;
  }
  throw new SshError('key-format', `The passphrase does not open the key ${key.name}.`, 'Try again, or use an agent.');
}

async function open(key: PrivateKey, passphrase: string): Promise<ParsedKey | undefined> {
  if (isLockedOpenSsh(key.text)) {
    const text = await unlockOpenSsh(key.text, passphrase);
    const unlocked = text === undefined ? 'locked' : parse(text);
    return typeof unlocked === 'string' ? undefined : unlocked;
  }
  if (isEncryptedPkcs8(key.text)) {
    const object = pkcs8(key.text, passphrase);
    return object && convert(key, object);
  }
  const parsed = parse(key.text, passphrase);
  return typeof parsed === 'string' ? undefined : parsed;
}

/** PKCS#8, or undefined: OpenSSL gives a wrong passphrase and a broken file many names. */
function pkcs8(text: string, passphrase?: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
  } catch {
    return undefined;
  }
}

/** PKCS#8 is not read by ssh2; each type of key has an equal form that is. */
function convert(key: PrivateKey, object: KeyObject): ParsedKey {
  const parsed = parse(formOf(object));
  if (typeof parsed === 'string') throw unreadable(key);
  return parsed;
}

function formOf(object: KeyObject): string {
  switch (object.asymmetricKeyType) {
    case 'rsa': return object.export({ type: 'pkcs1', format: 'pem' }).toString();
    case 'ec': return object.export({ type: 'sec1', format: 'pem' }).toString();
    case 'ed25519': return openSshEd25519(object);
    default: return '';
  }
}

/** What is usually wrong with a file that is taken for a private key. */
const mistakes: readonly (readonly [RegExp, string])[] = [
  [/^PuTTY-User-Key-File-/, 'It is a PuTTY key; convert it: puttygen KEY -O private-openssh -o NEW_KEY.'],
  [/-cert-v01@openssh\.com|BEGIN (OPENSSH )?CERTIFICATE/, 'Certificates are not supported; use a plain key.'],
  [/^(ssh-|ecdsa-|sk-)|BEGIN (SSH2 )?PUBLIC KEY/, 'It is a public key; choose the private one, usually the same name without .pub.'],
  [/BEGIN [A-Z ]*PRIVATE KEY-----[^\n]+-----END/, 'Its line breaks were lost; copy the file itself.'],
];

function unreadable(key: PrivateKey): SshError {
  const mistake = mistakes.find(([pattern]) => pattern.test(key.text.trim()))?.[1];
  return new SshError('key-format', `The key ${key.name} is in a format that cannot be read.`, mistake ?? 'Convert it in place: ssh-keygen -p -f <key file>. Keys kept in hardware work through an agent only where it signs for them.');
}
