import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

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

/** Files of an export below a folder, for the owner only. */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of files) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  }
}
