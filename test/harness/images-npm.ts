import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { readLayer } from './images-roots.ts';
import type { Layer, Progress } from './images-roots.ts';

/** Packages of npm that become a layer under /opt/NAME. */
export interface NpmLayer { name: string; packages: Readonly<Record<string, string>>; overrides?: Readonly<Record<string, string>> }

/** Node itself, from npm too: how this machine has it does not matter then. It is at /opt/node/node_modules/.bin/node. */
export const nodeProgram: NpmLayer = { name: 'node', packages: { [`node-linux-${process.arch}`]: '24.9.0' } };

const pack = 'cd "$1" && tar -C root --owner=0 --group=0 -cf out/layer.tar . && sha256sum <out/layer.tar | cut -d " " -f 1 >out/diff-id && gzip -1n out/layer.tar && sha256sum <out/layer.tar.gz | cut -d " " -f 1 >out/digest';

/** Installs packages without running their scripts; once for each machine, one to four minutes each. */
export function npmLayer(layer: NpmLayer, progress: Progress): Layer {
  const final = join(cacheFolder('images'), `npm-${layer.name}-${createHash('sha256').update(JSON.stringify(layer)).digest('hex').slice(0, 12)}-${process.arch}`);
  if (existsSync(final)) return readLayer(final);
  progress(`installing ${Object.keys(layer.packages).join(', ')} from npm, once for this machine`);
  const work = mkdtempSync(join(cacheFolder('images'), 'work-'));
  try {
    const app = join(work, 'root/opt', layer.name);
    mkdirSync(app, { recursive: true });
    mkdirSync(join(work, 'out'));
    writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, dependencies: layer.packages, overrides: layer.overrides ?? {} }));
    execFileSync('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: app, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('sh', ['-euc', pack, 'pack', work]);
    if (!existsSync(final)) renameSync(join(work, 'out'), final);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return readLayer(final);
}
