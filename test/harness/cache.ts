import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder outside the checkout for what is expensive to make; one sub-folder for each key. */
export function cacheFolder(...key: string[]): string {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'coolify-kubernetes', ...key);
  mkdirSync(folder, { recursive: true });
  return folder;
}

if (import.meta.main) console.log(cacheFolder(...process.argv.slice(2)));
