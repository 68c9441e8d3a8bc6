import { isObject, type JsonObject } from '../text/json';
import { ClusterError, shown } from './errors';
import type { Transport } from './transport';

/** A kind as the API serves it. */
export interface Resource { apiVersion: string; kind: string; plural: string; namespaced: boolean }

interface Known { at: number; resources: Promise<ReadonlyMap<string, Resource> | undefined> }

/** After a definition was installed its kind must be found, so a miss is looked up again after this time. */
const missMs = 2_000;

/** Maps kinds to paths by the API server's own discovery, one request per group and version. */
export class Discovery {
  private readonly known = new Map<string, Known>();
  constructor(private readonly transport: Transport) {}

  /** @throws ClusterError `unknown-kind` when the cluster does not serve it. */
  async find(apiVersion: string, kind: string, signal?: AbortSignal): Promise<Resource> {
    const found = await this.lookUp(apiVersion, kind, signal);
    if (found !== undefined) return found;
    throw new ClusterError('unknown-kind', `The cluster knows no ${shown(kind, 80)} of ${shown(apiVersion, 80)}.`, 'Install what defines it (its CustomResourceDefinition), or choose another way in the destination.');
  }

  private async lookUp(apiVersion: string, kind: string, signal: AbortSignal | undefined): Promise<Resource | undefined> {
    if (!/^(?:[a-z0-9][a-z0-9.-]*\/)?v[a-z0-9]+$/.test(apiVersion)) return undefined;
    const known = this.known.get(apiVersion);
    const found = known === undefined ? undefined : (await raced(known.resources, signal))?.get(kind);
    if (found !== undefined || (known !== undefined && Date.now() - known.at < missMs)) return found;
    const resources = this.read(apiVersion);
    const entry = { at: Date.now(), resources };
    this.known.set(apiVersion, entry);
    resources.catch(() => { if (this.known.get(apiVersion) === entry) this.known.delete(apiVersion); });
    return (await raced(resources, signal))?.get(kind);
  }

  private async read(apiVersion: string): Promise<ReadonlyMap<string, Resource> | undefined> {
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const what = `read what ${apiVersion} offers`;
    const { code, body } = await this.transport.answer({ path, what });
    if (code === 404 && (body !== undefined || apiVersion.includes('/'))) return undefined;
    if (code >= 400 || body === undefined) throw this.transport.refusal(code, body, what);
    const list = Array.isArray(body['resources']) ? body['resources'].filter(isObject) : [];
    return new Map(list.flatMap((entry): [string, Resource][] => {
      const { name, kind, namespaced } = entry;
      if (typeof name !== 'string' || typeof kind !== 'string' || name.includes('/')) return [];
      return [[kind, { apiVersion, kind, plural: name, namespaced: namespaced === true }]];
    }));
  }
}

/** The path of a kind's objects, or of one of them. */
export function pathOf(resource: Resource, namespace: string | undefined, name?: string): string {
  const root = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

/** A shared request goes on when one of those who wait for it is cancelled. */
function raced<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new ClusterError('aborted', 'Cancelled.', ''));
    if (signal.aborted) { abort(); return; }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** An object without the record of who owns which field: it is long, and no person reads it. */
export function withoutManagedFields(object: JsonObject): JsonObject {
  if (!isObject(object['metadata'])) return object;
  return { ...object, metadata: Object.fromEntries(Object.entries(object['metadata']).filter(([name]) => name !== 'managedFields')) };
}
