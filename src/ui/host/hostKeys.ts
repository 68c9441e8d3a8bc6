import type * as vscode from 'vscode';
import type { HostKey, HostKeyStore } from '../../ssh';
import { isObject } from '../../text/json';

const storageKey = 'hostKeys';

/** Trusted host keys in the extension's own storage, one list for each address. */
export class StoredHostKeys implements HostKeyStore {
  constructor(private readonly memento: vscode.Memento) {}

  list(host: string, port: number): Promise<readonly HostKey[]> {
    return Promise.resolve(this.all()[address(host, port)] ?? []);
  }

  async add(host: string, port: number, key: HostKey): Promise<void> {
    const all = this.all();
    await this.memento.update(storageKey, { ...all, [address(host, port)]: [...(all[address(host, port)] ?? []), key] });
  }

  /** After a server was reinstalled: the next connection asks again. */
  async forget(host: string, port: number): Promise<void> {
    const { [address(host, port)]: _gone, ...others } = this.all();
    await this.memento.update(storageKey, others);
  }

  private all(): Record<string, HostKey[]> {
    const stored: unknown = this.memento.get(storageKey);
    if (!isObject(stored)) return {};
    return Object.fromEntries(Object.entries(stored).map(([at, keys]) => [at, (Array.isArray(keys) ? keys : []).flatMap((key) => hostKey(key))]));
  }
}

const address = (host: string, port: number): string => `${host.toLowerCase()}:${String(port)}`;

function hostKey(value: unknown): HostKey[] {
  return isObject(value) && typeof value['type'] === 'string' && typeof value['fingerprint'] === 'string' ? [{ type: value['type'], fingerprint: value['fingerprint'] }] : [];
}
