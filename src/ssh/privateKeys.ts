import { createPrivateKey } from 'node:crypto';
import { utils } from 'ssh2';
import { SshError } from './errors';

export interface PrivateKey {
  /** What the passphrase prompt calls it: usually the path. */
  name: string;
  text: string;
}

function parses(text: string, passphrase?: string): true | string {
  const parsed = utils.parseKey(text, passphrase);
  return parsed instanceof Error ? parsed.message : true;
}

/** PKCS#8 is not read by ssh2; RSA and EC keys have an equal form that is. */
function fromPkcs8(key: PrivateKey, passphrase?: string): string {
  try {
    const object = createPrivateKey({ key: key.text, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
    const type = object.asymmetricKeyType === 'rsa' ? 'pkcs1' : object.asymmetricKeyType === 'ec' ? 'sec1' : undefined;
    if (type !== undefined) return object.export({ type, format: 'pem' }).toString();
  } catch { /* Said below, in words. */ }
  throw new SshError('key-format', `The key ${key.name} is in a format that cannot be read.`, 'Convert it in place: ssh-keygen -p -f <key file>.');
}

/** The key as ssh2 takes it, after asking for its passphrase up to three times. Undefined: the user gave up. */
export async function unlock(key: PrivateKey, ask?: (name: string) => Promise<string | undefined>): Promise<{ key: string; passphrase?: string } | undefined> {
  const encryptedPkcs8 = key.text.includes('BEGIN ENCRYPTED PRIVATE KEY');
  if (!encryptedPkcs8) {
    const result = parses(key.text);
    if (result === true) return { key: key.text };
    if (!/passphrase/i.test(result)) return { key: fromPkcs8(key) };
  }
  for (let attempt = 0; attempt < 3; attempt++) {
    const passphrase = await ask?.(key.name);
    if (passphrase === undefined) return undefined;
    if (encryptedPkcs8) return { key: fromPkcs8(key, passphrase) };
    if (parses(key.text, passphrase) === true) return { key: key.text, passphrase };
  }
  throw new SshError('key-format', `The passphrase does not open the key ${key.name}.`, 'Try again, or use an agent.');
}
