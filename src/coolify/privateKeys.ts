import type { JsonObject } from '../text/json';
import { number, text } from './parse';

/** One of Coolify's own SSH keys. `text` is the PEM or OpenSSH text: keep it in memory only. */
export interface PrivateKey { name: string; text: string }

/** The key among `/security/keys` that `/servers/{uuid}` names; undefined when it is absent, or its text is hidden from this token. */
export function keyOfServer(server: JsonObject, keys: readonly JsonObject[]): PrivateKey | undefined {
  const id = number(server, 'private_key_id');
  return id === undefined ? undefined : keyById(id, keys);
}

/** A key by its number: other resources name keys in no other way. */
export function keyById(id: number, keys: readonly JsonObject[]): PrivateKey | undefined {
  const key = keys.find((candidate) => number(candidate, 'id') === id);
  const keyText = key && text(key, 'private_key');
  return key && keyText !== undefined ? { name: text(key, 'name') ?? 'a key of Coolify', text: keyText } : undefined;
}
