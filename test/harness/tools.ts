import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from './cache.ts';

/** The path of a command: of the machine's own, else of one that the tests' cache holds. Undefined when there is none. */
export function findTool(name: 'kubectl' | 'helm'): string | undefined {
  const own = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (own !== undefined) return own;
  const cache = cacheFolder();
  return readdirSync(cache).map((folder) => join(cache, folder, name)).find((file) => existsSync(file));
}
