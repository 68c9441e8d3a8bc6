import { chmodSync, cpSync, linkSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';
import type { Run } from './images.ts';
import { debianRoot, layerRoot, missingForRoots } from './images-roots.ts';
import type { Progress, RootLayer } from './images-roots.ts';
import { registry } from './server-files.ts';

/** An image with the real program in it, from Debian, behind the contract of the official image. Its Dockerfile is in `programs/NAME`. */
export interface ProgramImage extends RootLayer {
  /** The names under which it can be pulled, as people write them. The version may be another one than the tag says. */
  images: readonly string[];
}

/** All that can be had. Numbers of accounts are those of the official images. */
export const programs: readonly ProgramImage[] = [
  {
    name: 'postgres', images: ['postgres:15-alpine', 'postgres:16-alpine', 'postgres:17-alpine', 'postgres:15', 'postgres:16', 'postgres:17'],
    packages: ['postgresql-15'], users: [['postgres', 70, 70]],
    after: `rm -rf /var/lib/postgresql/* /etc/postgresql/*; sed -i "s/^#listen_addresses.*/listen_addresses = '*'/" /usr/share/postgresql/15/postgresql.conf.sample`,
  },
  {
    name: 'redis', images: ['redis:7.2', 'redis:7.2-alpine', 'redis:7.4-alpine', 'redis:7-alpine', 'redis:7', 'redis:alpine', 'redis:latest'],
    packages: ['redis-server', 'redis-tools'], users: [['redis', 999, 1000]],
  },
  {
    name: 'rabbitmq', images: ['rabbitmq:3-management', 'rabbitmq:3', 'rabbitmq:management'],
    packages: ['rabbitmq-server'], users: [['rabbitmq', 999, 999]], after: 'rm -f /var/lib/rabbitmq/.erlang.cookie',
  },
  {
    name: 'nginx', images: ['nginx:1.27-alpine', 'nginx:1.27', 'nginx:alpine', 'nginx:latest'],
    packages: ['nginx-light', 'curl', 'wget'], users: [['nginx', 101, 101]], after: 'rm -rf /etc/nginx/sites-enabled /etc/nginx/conf.d/* /var/www',
  },
];

function programOf(name: string): ProgramImage {
  const found = programs.find((program) => program.images.includes(name));
  if (found === undefined) throw new Error(`there is no program for the image ${name}; there is ${programs.flatMap((program) => program.images).join(', ')}`);
  return found;
}

/** Why these images cannot be had here, in one line; undefined when they can. Installs packages only where that was agreed to. */
export function missingForPrograms(names: readonly string[]): string | undefined {
  return missingForRoots(names.map(programOf));
}

/**
 * Puts images with real programs under their real names, such as `postgres:16-alpine`, into the registry of the server in which `run` runs.
 * What they are made of is cached outside the checkout; the first time it takes one to two minutes and needs a Debian mirror.
 */
export function pushProgramImages(run: Run, names: readonly string[], progress: Progress = () => undefined): void {
  const base = `${registry}/test/debian:1`;
  for (const program of new Set(names.map(programOf))) {
    const layer = layerRoot(program, progress);
    const start = Date.now();
    if (run(['docker', 'image', 'ls', '-q', base]).trim() === '') run(['docker', 'import', debianRoot(progress), base]);
    const built = `test/program-${program.name}:1`;
    build(run, program, layer, base, built);
    const wanted = program.images.filter((name) => names.includes(name));
    for (const name of wanted) {
      const target = `${registry}/${name.includes('/') ? name : `library/${name}`}`;
      run(['docker', 'tag', built, target]);
      run(['docker', 'push', '-q', target]);
    }
    progress(`pushed ${wanted.join(', ')} in ${Math.round((Date.now() - start) / 1000)} s`);
  }
}

function build(run: Run, program: ProgramImage, layer: string, base: string, tag: string): void {
  const context = mkdtempSync(join(cacheFolder('images'), 'work-'));
  try {
    cpSync(join(import.meta.dirname, 'programs', program.name), context, { recursive: true });
    chmodSync(join(context, 'docker-entrypoint.sh'), 0o755);
    linkSync(layer, join(context, 'root.tar'));
    run(['docker', 'build', '-q', '--build-arg', `BASE=${base}`, '-t', tag, context]);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** Makes the given roots, or all, ahead of time: `node test/harness/images-programs.ts [IMAGE…]`. */
if (import.meta.main) {
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  for (const program of names.length === 0 ? programs : new Set(names.map(programOf))) console.log(layerRoot(program, (line) => { console.error(line); }));
}
