import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { ensurePackages } from './packages.ts';

/** What a program's image adds to a minimal Debian. */
export interface RootLayer {
  name: string;
  packages: readonly string[];
  /** Accounts with the numbers of the official image, made before the packages make their own: `[name, uid, gid]`. */
  users: readonly (readonly [string, number, number])[];
  /** A shell script that runs in the new root at the end. */
  after?: string;
}

export type Progress = (line: string) => void;

const script = join(import.meta.dirname, 'programs/build-root.sh');
const mirror = 'http://deb.debian.org/debian';
const needs = ['debootstrap', 'debian-archive-keyring', 'util-linux', 'mount'];

/** Bumped by a change of the script itself, so that an old root is never taken for a new one. */
const key = (...parts: unknown[]): string => createHash('sha256').update(readFileSync(script)).update(JSON.stringify(parts)).digest('hex').slice(0, 12);
const tarball = (name: string, hash: string): string => join(cacheFolder('images'), `${name}-${hash}-${process.arch}.tar`);
const basePath = (): string => tarball('debian', key('base'));
const layerPath = (layer: RootLayer): string => tarball(layer.name, key(layer));

/** Why these layers cannot be had here, in one line; undefined when they are there or can be made. Installs packages only where that was agreed to. */
export function missingForRoots(layers: readonly RootLayer[]): string | undefined {
  return [basePath(), ...layers.map(layerPath)].every((path) => existsSync(path)) ? undefined : ensurePackages(needs);
}

/** The tar file of a minimal Debian; made once for each machine, about a minute. */
export function debianRoot(progress: Progress): string {
  const final = basePath();
  if (!existsSync(final)) make('a minimal Debian', final, 'base', [mirror], progress);
  return final;
}

/** The tar file with what a program's packages add to the minimal Debian; made once for each machine, up to half a minute. */
export function layerRoot(layer: RootLayer, progress: Progress): string {
  const final = layerPath(layer);
  if (existsSync(final)) return final;
  const users = layer.users.map((user) => user.join(' ')).join('\n');
  make(`the root of ${layer.name}`, final, 'layer', [debianRoot(progress), users, layer.after ?? '', ...layer.packages], progress);
  return final;
}

/** Works in a folder beside the final file and moves the file there when it is whole. */
function make(title: string, final: string, kind: 'base' | 'layer', args: string[], progress: Progress): void {
  const reason = ensurePackages(needs);
  if (reason !== undefined) throw new Error(`${title} cannot be made: ${reason}`);
  sweep();
  const start = Date.now();
  progress(`making ${title}, once for this machine`);
  const work = mkdtempSync(join(cacheFolder('images'), 'work-'));
  const out = join(work, 'out.tar');
  try {
    // In namespaces of its own: all its mounts and processes end with it, even when it is killed.
    const { status, stdout, stderr } = spawnSync('unshare', ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', 'sh', script, kind, work, out, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status !== 0) throw new Error(`${title} could not be made: ${[stdout, stderr].join('\n').trim().split('\n').slice(-8).join('\n')}`);
    renameSync(out, final);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  progress(`made ${title} in ${Math.round((Date.now() - start) / 1000)} s`);
}

/** Removes what an interrupted run left behind. */
function sweep(): void {
  const folder = cacheFolder('images');
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith('work-'))) {
    const path = join(folder, name);
    if (Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { recursive: true, force: true });
  }
}
