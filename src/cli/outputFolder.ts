import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../text/json';
import { writeYaml } from '../text/yaml';
import type { Manifest } from '../model/manifest';

/** What tells a folder that this program wrote. */
export const marker = '.coolify-kubernetes';

/** An own folder is replaced, an empty one used, anything else left alone. A string says why not. Throws the system's error when it cannot be written. */
export function prepareFolder(folder: string): string | undefined {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) return `${folder} is no folder.`;
    const entries = readdirSync(folder);
    if (entries.length > 0 && !entries.includes(marker)) return `${folder} is not empty and was not written by this program; choose another folder.`;
    for (const entry of entries) if (entry !== marker) rmSync(path.join(folder, entry), { recursive: true });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(folder, marker), 'Written by coolify-kubernetes translate; replaced by its next run.\n', { mode: 0o600 });
  return undefined;
}

/** Whether a file lies in a folder, links followed. */
export function isInside(folder: string, file: string): boolean {
  if (!existsSync(folder) || !existsSync(file)) return false;
  const relative = path.relative(realpathSync(folder), realpathSync(file));
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}

/** One file for each object, in the order in which they are applied, for the owner only. */
export function writeManifests(folder: string, manifests: readonly Manifest[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  manifests.forEach((manifest, index) => {
    const file = `${String(index).padStart(3, '0')}-${manifest.kind.toLowerCase()}-${manifest.metadata.name}.yaml`;
    writeFileSync(path.join(folder, file), writeYaml(plain(manifest)), { mode: 0o600 });
  });
}

/** A manifest is JSON but for keys that are undefined. */
export function plain(manifest: Manifest): Json {
  return JSON.parse(JSON.stringify(manifest)) as Json;
}
