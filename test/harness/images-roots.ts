import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { ensurePackages } from './packages.ts';

/** What a program's packages add to a minimal Debian. */
export interface RootLayer {
  name: string;
  packages: readonly string[];
  /** Accounts with the numbers of the official image, made before the packages make their own: `[name, uid, gid]`. */
  users: readonly (readonly [string, number, number])[];
  /** A shell script that runs in the new root at the end. */
  after?: string;
}

/** A layer of an image as a registry holds it: a compressed tar file, its digest, and the digest of what is in it. */
export interface Layer { path: string; digest: string; diffId: string }

export type Progress = (line: string) => void;

const script = join(import.meta.dirname, 'programs/build-root.sh');
const mirror = 'http://deb.debian.org/debian';
const needs = ['debootstrap', 'debian-archive-keyring', 'util-linux', 'mount', 'curl'];

/** The key of a root in the cache. The script is part of it, so an old root is never taken for a new one. */
const folderOf = (name: string, ...parts: unknown[]): string =>
  join(cacheFolder('images'), `${name}-${createHash('sha256').update(readFileSync(script)).update(JSON.stringify(parts)).digest('hex').slice(0, 12)}-${process.arch}`);
const baseFolder = (): string => folderOf('debian', 'base');
const layerFolder = ({ name, packages, users, after }: RootLayer): string => folderOf(name, packages, users, after);

/** Why these layers cannot be had here, in one line; undefined when they are there or can be made. Installs packages only where that was agreed to. */
export function missingForRoots(layers: readonly RootLayer[]): string | undefined {
  return ensurePackages([baseFolder(), ...layers.map(layerFolder)].every((folder) => existsSync(folder)) ? ['curl'] : needs);
}

/** A minimal Debian; made once for each machine, about a minute. */
export function debianLayer(progress: Progress): Layer {
  const final = baseFolder();
  if (!existsSync(final)) make('a minimal Debian', final, 'base', [mirror], progress);
  return readLayer(final);
}

/** What a program's packages add to the minimal Debian; made once for each machine, up to half a minute. */
export function programLayer(layer: RootLayer, progress: Progress): Layer {
  const final = layerFolder(layer);
  const users = layer.users.map((user) => user.join(' ')).join('\n');
  if (!existsSync(final)) {
    debianLayer(progress);
    make(`the root of ${layer.name}`, final, 'layer', [baseFolder(), users, layer.after ?? '', ...layer.packages], progress);
  }
  return readLayer(final);
}

/** The layer that a folder of the cache holds. */
export function readLayer(folder: string): Layer {
  const sum = (name: string): string => `sha256:${readFileSync(join(folder, name), 'utf8').trim()}`;
  return { path: join(folder, 'layer.tar.gz'), digest: sum('digest'), diffId: sum('diff-id') };
}

/** Works in a folder beside the final one and moves the result there when it is whole. */
function make(title: string, final: string, kind: 'base' | 'layer', args: string[], progress: Progress): void {
  const reason = ensurePackages(needs);
  if (reason !== undefined) throw new Error(`${title} cannot be made: ${reason}`);
  sweep();
  const start = Date.now();
  progress(`making ${title}, once for this machine`);
  const work = mkdtempSync(join(cacheFolder('images'), 'work-'));
  const out = join(work, 'out');
  mkdirSync(out);
  try {
    // In namespaces of its own: all its mounts and processes end with it, even when it is killed.
    const { status, stdout, stderr } = spawnSync('unshare', ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', 'sh', script, kind, work, out, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status !== 0) throw new Error(`${title} could not be made: ${[stdout, stderr].join('\n').trim().split('\n').slice(-8).join('\n')}`);
    if (!existsSync(final)) renameSync(out, final);
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
