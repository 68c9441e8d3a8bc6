import { CoolifyClient } from '../../coolify/client';
import { isCoolifyError } from '../../coolify/errors';
import type { Project } from '../../coolify/parseInstance';
import type { DockerDestination, Instance, ResourceSummary, Server } from '../../model/instance';

export interface Snapshot { servers: Server[]; destinations: DockerDestination[]; resources: ResourceSummary[]; projects: Project[] }

/** What asking an instance came to. */
export type Loaded = { kind: 'ready'; snapshot: Snapshot } | { kind: 'signedOut' } | { kind: 'failed'; message: string };

interface Entry { loaded: Promise<Loaded>; abort: AbortController }

/** Asks each instance once, when its row is first opened, and remembers the answer until a refresh. */
export class Sessions {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly token: (origin: string) => PromiseLike<string | undefined>) {}

  load(instance: Instance): Promise<Loaded> {
    const known = this.entries.get(instance.origin);
    if (known) return known.loaded;
    const abort = new AbortController();
    const loaded = this.ask(instance, abort.signal);
    this.entries.set(instance.origin, { loaded, abort });
    return loaded;
  }

  async client(instance: Instance): Promise<CoolifyClient | undefined> {
    const token = await this.token(instance.origin);
    return token === undefined ? undefined : new CoolifyClient({ url: instance.url, token });
  }

  forget(origin?: string): void {
    for (const [known, entry] of this.entries) {
      if (origin !== undefined && known !== origin) continue;
      entry.abort.abort();
      this.entries.delete(known);
    }
  }

  private async ask(instance: Instance, signal: AbortSignal): Promise<Loaded> {
    try {
      const client = await this.client(instance);
      if (client === undefined) return { kind: 'signedOut' };
      const tree = client.projectTree(signal);
      const [servers, destinations, resources, projects] = await Promise.all([
        client.servers(signal), client.destinations(signal), client.resources(signal, tree), tree,
      ]);
      return { kind: 'ready', snapshot: { servers, destinations, resources, projects } };
    } catch (error) {
      if (isCoolifyError(error)) return error.kind === 'badToken' ? { kind: 'signedOut' } : { kind: 'failed', message: error.message };
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }
}
