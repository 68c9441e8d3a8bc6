import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { registry } from './server-files.ts';

/** A root file system with Debian's busybox, dynamic because a static one resolves names only with luck. */
export function baseRootfs(): string {
  const tarball = join(cacheFolder('images'), `base-1-${process.arch}.tar`);
  if (existsSync(tarball)) return tarball;
  const folder = mkdtempSync(join(cacheFolder('images'), 'base-'));
  try {
    const root = join(folder, 'root');
    for (const name of ['bin', 'etc', 'tmp', 'root', 'proc', 'sys', 'dev', 'var']) mkdirSync(join(root, name), { recursive: true });
    const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
    if (busybox === undefined) throw new Error('busybox is not installed');
    copyFileSync(busybox, join(root, 'bin/busybox'));
    const libraries = execFileSync('sh', ['-c', `ldd ${busybox} || true`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).match(/\/\S+\.so\S*/g) ?? [];
    for (const library of libraries) {
      mkdirSync(join(root, dirname(library)), { recursive: true });
      copyFileSync(library, join(root, library));
    }
    for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n')) {
      if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
    }
    execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-cf', join(folder, 'base.tar'), '.']);
    renameSync(join(folder, 'base.tar'), tarball);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return tarball;
}

/** Runs a program in the server and returns its standard output; a status other than 0 is an error. */
export type Run = (argv: string[]) => string;

/** Puts a root file system under a name such as `library/redis:7.2` into the server's registry. */
export function pushImage(run: Run, tarball: string, name: string, changes: readonly string[]): void {
  run(['docker', 'import', ...changes.flatMap((change) => ['-c', change]), tarball, `${registry}/${name}`]);
  run(['docker', 'push', '-q', `${registry}/${name}`]);
}

/** What every server starts with: `test/base:1`, `library/busybox:1.35`, and the image of the pods' sandboxes. */
export function pushBaseImages(run: Run): void {
  const path = 'ENV PATH=/bin';
  pushImage(run, baseRootfs(), 'test/base:1', [path, 'CMD ["sh"]']);
  pushImage(run, baseRootfs(), 'test/pause:1', [path, 'CMD ["sleep","2147483647"]']);
  for (const name of ['library/busybox:1.35', 'library/busybox:latest']) {
    run(['docker', 'tag', `${registry}/test/base:1`, `${registry}/${name}`]);
    run(['docker', 'push', '-q', `${registry}/${name}`]);
  }
}

if (import.meta.main) console.log(baseRootfs());
