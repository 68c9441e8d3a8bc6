import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Makes a key file; with a passphrase, it is `right`. */
export type Make = (file: string) => void;
export const keygen = (...args: string[]): Make => (file) => { execFileSync('ssh-keygen', ['-q', '-f', file, ...args]); };
/** A key made by OpenSSL in PKCS#8, the form that many clouds hand out. */
const pkcs8 = (algorithm: string[], cipher: string[] = []): Make => (file) => {
  execFileSync('openssl', ['genpkey', ...algorithm, ...cipher, '-out', file], { stdio: 'ignore' });
  execFileSync('chmod', ['600', file]);
};
const changed = (make: Make, change: (text: string) => string): Make => (file) => {
  make(file);
  writePublic(file);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};
const locked = ['-aes-256-cbc', '-pass', 'pass:right'];

/** Writes FILE.pub where the tool that made the key did not. */
export function writePublic(file: string): void {
  if (existsSync(`${file}.pub`)) return;
  const key = createPublicKey({ key: createPrivateKey({ key: readFileSync(file), passphrase: 'right' }).export({ type: 'pkcs8', format: 'pem' }) });
  writeFileSync(`${file}.pub`, key.asymmetricKeyType === 'ed25519' ? ed25519Line(key) : execFileSync('ssh-keygen', ['-y', '-P', 'right', '-f', file], { encoding: 'utf8' }));
}

/** ssh-keygen reads no ed25519 key in PKCS#8. */
function ed25519Line(key: KeyObject): string {
  const fields = [Buffer.from('ssh-ed25519'), Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')];
  return `ssh-ed25519 ${Buffer.concat(fields.flatMap((field) => { const length = Buffer.alloc(4); length.writeUInt32BE(field.length); return [length, field]; })).toString('base64')}`;
}

/** Formats in which people keep keys. */
export const openFormats: Record<string, Make> = {
  'OpenSSH ed25519': keygen('-t', 'ed25519', '-N', ''),
  'OpenSSH ECDSA': keygen('-t', 'ecdsa', '-b', '384', '-N', ''),
  'OpenSSH RSA': keygen('-t', 'rsa', '-b', '2048', '-N', ''),
  'PEM RSA (PKCS#1)': keygen('-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', ''),
  'PEM EC (SEC1)': keygen('-t', 'ecdsa', '-m', 'PEM', '-N', ''),
  'PKCS#8 RSA': pkcs8(['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']),
  'PKCS#8 EC': pkcs8(['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:named_curve']),
  'PKCS#8 ed25519': pkcs8(['-algorithm', 'ed25519']),
  'with CRLF': changed(keygen('-t', 'ed25519', '-N', ''), (text) => text.replaceAll('\n', '\r\n')),
  'with a byte order mark': changed(keygen('-t', 'ed25519', '-N', ''), (text) => `\ufeff${text}`),
  'without the last newline': changed(keygen('-t', 'ed25519', '-N', ''), (text) => text.trim()),
};
export const lockedFormats: Record<string, Make> = {
  'locked OpenSSH ed25519': keygen('-t', 'ed25519', '-N', 'right'),
  'locked OpenSSH, AES-GCM': keygen('-t', 'ed25519', '-Z', 'aes256-gcm@openssh.com', '-N', 'right'),
  'locked PEM RSA': keygen('-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'right'),
  'locked PKCS#8 RSA': pkcs8(['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], locked),
  'locked PKCS#8 EC': pkcs8(['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:named_curve'], locked),
};
