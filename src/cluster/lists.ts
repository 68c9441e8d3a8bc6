import { isObject, type JsonObject } from '../text/json';
import { type Discovery, pathOf, type Resource, withoutManagedFields } from './discovery';
import { isClusterError } from './errors';
import type { Transport } from './transport';
import type { ListOptions } from './types';

const pageSize = '500';

export interface Listed { resource: Resource; path: string; items: JsonObject[]; resourceVersion: string }

/** Lists every object page by page, with the version from which a watch goes on. */
export async function listObjects(transport: Transport, discovery: Discovery, apiVersion: string, kind: string, options: ListOptions): Promise<Listed> {
  const resource = await discovery.find(apiVersion, kind, options.signal);
  const path = pathOf(resource, options.namespace);
  try {
    return { resource, path, ...(await pages(transport, resource, path, options)) };
  } catch (error) {
    // The list changed too much between two pages: the continue token is no longer good.
    if (!isClusterError(error) || error.kind !== 'gone') throw error;
    return { resource, path, ...(await pages(transport, resource, path, options, null)) };
  }
}

async function pages(transport: Transport, resource: Resource, path: string, options: ListOptions, limit: string | null = pageSize): Promise<{ items: JsonObject[]; resourceVersion: string }> {
  const items: JsonObject[] = [];
  const query = { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector, ...(limit !== null && { limit }) };
  let next: string | undefined;
  for (;;) {
    const body = await transport.object({ path, query: { ...query, continue: next }, what: `list ${resource.plural}`, signal: options.signal });
    const metadata = isObject(body['metadata']) ? body['metadata'] : {};
    // Items of a list do not say what they are.
    for (const item of Array.isArray(body['items']) ? body['items'].filter(isObject) : []) items.push(withoutManagedFields({ apiVersion: resource.apiVersion, kind: resource.kind, ...item }));
    next = typeof metadata['continue'] === 'string' && metadata['continue'] !== '' ? metadata['continue'] : undefined;
    if (next === undefined) return { items, resourceVersion: typeof metadata['resourceVersion'] === 'string' ? metadata['resourceVersion'] : '' };
  }
}
