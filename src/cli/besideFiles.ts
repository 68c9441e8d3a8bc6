import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { FolderFile } from '../stack/composeVolumes';
import { readText } from './textFile';

/** What one ConfigMap may hold, with room for its keys. */
const mostBytes = 1000 * 1024;
const mostFiles = 100;

/** A text file below the compose file's folder; nothing outside it is read, not by a link either. */
export function readBeside(folder: string, relative: string): string | undefined {
  const file = placeBeside(folder, relative);
  if (file === undefined || !statSync(file).isFile()) return undefined;
  const text = readText(file);
  return typeof text === 'string' ? text : undefined;
}

/**
 * The files of a folder below the compose file's, in order of their paths. Undefined for the compose file's own folder (it
 * holds the code, and often `.env`), and for a folder with anything that is no text, with links, or with more than one ConfigMap takes.
 */
export function readFolderBeside(folder: string, relative: string): FolderFile[] | undefined {
  const start = placeBeside(folder, relative);
  if (start === undefined || !statSync(start).isDirectory() || start === realpathSync(folder)) return undefined;
  const files: FolderFile[] = [];
  const waiting = [''];
  for (let bytes = 0, below = waiting.shift(); below !== undefined; below = waiting.shift()) {
    for (const entry of readdirSync(path.join(start, below), { withFileTypes: true })) {
      const inside = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(inside);
      // They keep an empty folder in git.
      else if (/^\.git(keep|ignore)$/.test(entry.name)) continue;
      else {
        const content = entry.isFile() ? readText(path.join(start, inside)) : undefined;
        if (typeof content !== 'string') return undefined;
        bytes += Buffer.byteLength(content);
        files.push({ path: inside, content });
      }
      if (bytes > mostBytes || files.length > mostFiles || waiting.length > mostFiles) return undefined;
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The real place of a path, when it lies in the folder. */
function placeBeside(folder: string, relative: string): string | undefined {
  if (relative.includes('\0')) return undefined;
  const file = path.resolve(folder, relative);
  if (!existsSync(file)) return undefined;
  const real = realpathSync(file);
  const inside = path.relative(realpathSync(folder), real);
  return inside.startsWith('..') || path.isAbsolute(inside) ? undefined : real;
}
