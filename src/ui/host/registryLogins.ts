import type { KubernetesDestination } from '../../model/destination';
import type { RegistryLogin } from '../../model/registryLogin';
import { isObject, type Json } from '../../text/json';
import type { SecretStore } from './secretStore';

/** How to sign in to registries, in SecretStorage by host and path. */
export class RegistryLogins {
  constructor(private readonly secrets: SecretStore) {}

  /** For a plan; nothing where the server's own Docker configuration is to be used. */
  async of({ registry }: Pick<KubernetesDestination, 'registry'>): Promise<{ registry?: RegistryLogin & { pullSecret?: string } }> {
    const text = registry && await this.secrets.get(registry.host);
    if (registry === undefined || text === undefined) return {};
    const value = JSON.parse(text) as Json;
    if (!isObject(value) || typeof value['username'] !== 'string' || typeof value['password'] !== 'string') return {};
    return { registry: { ...registry, username: value['username'], password: value['password'] } };
  }

  async username(host: string): Promise<string> {
    return (await this.of({ registry: { host } })).registry?.username ?? '';
  }

  async set({ host, username, password }: RegistryLogin): Promise<void> {
    if (username === '') await this.secrets.delete(host);
    else await this.secrets.set(host, JSON.stringify({ username, password }));
  }
}
