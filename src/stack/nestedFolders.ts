import type { Container } from '../model/stack';

/**
 * A folder of the server that lies in another one that is mounted too: what is written to the one is seen in the other
 * (`/data` for one program, `/data/media` for the next), so both stand for one claim. The outermost folder counts, but not the
 * compose file's own: there lies the code, which an image holds.
 */
export function shareNestedFolders(containers: readonly Container[]): void {
  const folders = containers.flatMap((container) => container.mounts).filter((mount) => mount.kind === 'directory');
  // `./data/` and `./data` are one folder.
  for (const mount of folders) mount.id = withoutSlash(mount.id);
  const paths = [...new Set(folders.map((mount) => mount.id))].filter((path) => path !== '.').sort((a, b) => a.length - b.length);
  for (const mount of folders) {
    const own = withoutSlash(mount.hostPath);
    const outer = paths.find((path) => own.startsWith(`${path}/`));
    if (outer === undefined || own.split('/').includes('..')) continue;
    mount.id = outer;
    mount.subPath = own.slice(outer.length + 1);
  }
}

function withoutSlash(path: string): string {
  return path.replaceAll(/\/+/g, '/').replace(/(?<=.)\/$/, '');
}
