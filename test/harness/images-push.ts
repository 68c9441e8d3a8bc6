import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cacheFolder } from './cache.ts';
import type { Run } from './images.ts';
import type { Layer } from './images-roots.ts';
import { registry } from './server-files.ts';

/** How an image's containers start, in the words of the image specification. */
export interface ImageConfig {
  Env?: readonly string[];
  Entrypoint?: readonly string[];
  Cmd?: readonly string[];
  WorkingDir?: string;
  User?: string;
  StopSignal?: string;
  ExposedPorts?: Readonly<Record<string, object>>;
  Volumes?: Readonly<Record<string, object>>;
}

const sha256 = (data: string | Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;

// The registry's HTTP interface. A blob is sent once, to the repository `test/layers`, and mounted in the others from there.
const pushScript = `set -eu
registry=http://$1/v2 repository=$2 tag=$3 manifest=$4
shift 4
start() { curl -sf -X POST -o /dev/null -D - "$registry/$1/blobs/uploads/$2" | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p'; }
while [ $# -gt 0 ]; do
  if ! curl -sf -o /dev/null -I "$registry/test/layers/blobs/$1"; then
    curl -sf -X PUT -H 'Content-Type: application/octet-stream' -T "$2" "$(start test/layers '')&digest=$1"
  fi
  start "$repository" "?mount=$1&from=test/layers" >/dev/null
  shift 2
done
curl -sf -X PUT -H 'Content-Type: application/vnd.docker.distribution.manifest.v2+json' -T "$manifest" "$registry/$repository/manifests/$tag"`;

/** Puts an image of layers and files into the registry, under every name (`repository:tag`). Docker takes no part in it: what is compressed already is only copied. */
export function pushLayers(run: Run, layers: readonly Layer[], files: string | undefined, config: ImageConfig, names: readonly string[]): void {
  const work = mkdtempSync(join(cacheFolder('images'), 'work-'));
  try {
    const all = files === undefined ? layers : [...layers, filesLayer(files, join(work, 'files.tar.gz'))];
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const image = JSON.stringify({ created: '1970-01-01T00:00:00Z', architecture, os: 'linux', config, rootfs: { type: 'layers', diff_ids: all.map((layer) => layer.diffId) }, history: all.map(() => ({ created_by: 'test' })) });
    const configPath = join(work, 'config.json');
    const manifestPath = join(work, 'manifest.json');
    writeFileSync(configPath, image);
    writeFileSync(manifestPath, JSON.stringify({
      schemaVersion: 2, mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: Buffer.byteLength(image), digest: sha256(image) },
      layers: all.map((layer) => ({ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: statSync(layer.path).size, digest: layer.digest })),
    }));
    const blobs = [...all.flatMap((layer) => [layer.digest, layer.path]), sha256(image), configPath];
    for (const name of names) {
      const [repository = '', tag = 'latest'] = name.split(':');
      run(['sh', '-c', pushScript, 'push', registry, repository, tag, manifestPath, ...blobs]);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The files of a folder as a layer: owned by root. */
function filesLayer(folder: string, path: string): Layer {
  const data = execFileSync('tar', ['-C', folder, '--owner=0', '--group=0', '--mode=u=rwX,go=rX', '--sort=name', '--mtime=@0', '-czf', '-', '.'], { maxBuffer: 1 << 26 });
  writeFileSync(path, data);
  return { path, digest: sha256(data), diffId: sha256(gunzipSync(data)) };
}
