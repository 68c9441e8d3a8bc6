/** The built bundles, made anew when a source is newer. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

export const checkout = path.resolve(import.meta.dirname, '../..');
const dist = path.join(checkout, 'dist');

/** The path of a built bundle. Several test files may ask at once: one builds, the others wait. */
export async function builtBundle(name: 'extension' | 'core' | 'ssh' | 'cluster' | 'cli'): Promise<string> {
  const file = path.join(dist, `${name}.js`);
  const lock = path.join(dist, '.building');
  mkdirSync(dist, { recursive: true });
  for (let waited = 0; isStale(file); waited += 100) {
    if (waited > 60_000) throw new Error(`${lock} has been there for a minute; remove it if no build runs.`);
    if (!take(lock)) { await new Promise((resolve) => { setTimeout(resolve, 100); }); continue; }
    try {
      if (!isStale(file)) break;
      const { status, stderr } = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: checkout, encoding: 'utf8' });
      if (status !== 0) throw new Error(`The build failed: ${stderr}`);
      if (isStale(file)) throw new Error(`The build made no ${name}.js.`);
    } finally {
      rmSync(lock, { recursive: true });
    }
  }
  return file;
}

function take(lock: string): boolean {
  try { mkdirSync(lock); return true; } catch { return false; }
}

function isStale(file: string): boolean {
  const built = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['src', 'schemas'].flatMap((folder) => readdirSync(path.join(checkout, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(checkout, folder, name)));
  return [...sources, path.join(checkout, 'esbuild.mjs')].some((source) => (statSync(source, { throwIfNoEntry: false })?.mtimeMs ?? 0) > built);
}
