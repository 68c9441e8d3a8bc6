import type { Json, JsonObject } from '../../text/json';
import type { Container, Mount, Volume } from '../../model/stack';
import type { Manifest } from '../../model/manifest';
import type { RenderContext } from './context';
import { objectName, shortHash } from './naming';

/** Databases refuse a folder that holds `lost+found`, as a fresh file system does. */
const ownSubFolder = /(^|\/)(postgres|postgresql|postgis|pgvector|timescaledb|timescaledb-ha|mysql|mysql-server|mariadb|percona|mongo|mongodb)(:|@|$)/;
/** The API server's limit for one ConfigMap or Secret. */
const largestFile = 1024 * 1024 - 4096;

/** The volumes of one pod: claims, files, host paths, memory. Containers of one pod share what is the same. */
export class PodVolumes {
  readonly volumes = new Map<string, Json>();
  readonly manifests: Manifest[] = [];
  /** Content that a change of which must roll the pods. */
  readonly contents: string[] = [];
  constructor(private readonly context: RenderContext) {}

  mountsOf(container: Container): Json[] {
    // The API refuses two mounts at one place; of several the last counts, as for Docker.
    const byTarget = new Map(container.mounts.map((mount) => [mount.target.length > 1 ? mount.target.replace(/\/+$/, '') : mount.target, mount]));
    const all = [...byTarget.values()];
    const files = all.filter((mount) => mount.kind === 'file');
    const mounts = all.flatMap((mount): Json[] => (mount.kind === 'file' ? [] : [this.mount(container, mount)]));
    mounts.push(...this.files(container, files), ...container.devices.map((device): Json => this.add(`dev-${shortHash(device.host, 6)}`, { hostPath: { path: device.host } }, { mountPath: device.container })));
    return mounts;
  }

  private add(name: string, source: JsonObject, mount: JsonObject): Json {
    this.volumes.set(name, { name, ...source });
    return { name, ...mount };
  }

  private mount(container: Container, mount: Exclude<Mount, { kind: 'file' }>): Json {
    const at: JsonObject = { mountPath: mount.target, ...(mount.readOnly ? { readOnly: true } : {}) };
    switch (mount.kind) {
      case 'volume': case 'directory': {
        const claim = this.context.volumeNames.get(claimKey(mount)) ?? 'data';
        const root = holdsDatabase(this.context, claimKey(mount)) ? 'data' : undefined;
        const subPath = mount.kind === 'volume' ? mount.subPath ?? root : [root, mount.subPath].filter((part) => part !== undefined).join('/') || undefined;
        return this.add(claim, { persistentVolumeClaim: { claimName: claim } }, { ...at, ...(subPath === undefined ? {} : { subPath }) });
      }
      case 'hostPath': return this.add(`host-${shortHash(mount.path, 6)}`, { hostPath: { path: mount.path, ...(mount.pathType === '' ? {} : { type: mount.pathType }) } }, { ...at, ...this.propagation(container, mount) });
      case 'tmpfs': return this.add(`memory-${shortHash(`${container.name}${mount.target}`, 6)}`, { emptyDir: { medium: 'Memory', ...(mount.sizeBytes === undefined ? {} : { sizeLimit: String(mount.sizeBytes) }) } }, at);
    }
  }

  /** The API allows both ways to a privileged container only. */
  private propagation(container: Container, { propagation, origin }: Extract<Mount, { kind: 'hostPath' }>): JsonObject {
    if (propagation === undefined) return {};
    if (propagation === 'shared' && container.privileged === true) return { mountPropagation: 'Bidirectional' };
    if (propagation === 'shared') this.context.find('volume', 'approximated', origin, `What ${container.name} mounts below it does not appear on the node: only a privileged container may do that.`);
    return { mountPropagation: 'HostToContainer' };
  }

  private holdsSecret(content: string): boolean {
    return this.context.shortSecretValues.some((secret) => content.includes(secret));
  }

  private files(container: Container, files: Extract<Mount, { kind: 'file' }>[]): Json[] {
    const mounts: Json[] = [];
    const groups = new Map<string, Extract<Mount, { kind: 'file' }>[]>();
    for (const file of files) {
      if (Buffer.byteLength(file.content) > largestFile) {
        this.context.find('fileTooLarge', 'refused', file.origin, `The file for ${file.target} is larger than the 1 MiB that a ConfigMap holds.`, { fix: 'Put it into the image or onto a volume.' });
        continue;
      }
      // One object for each kind and mode: a mode is set for a whole volume.
      const together = file.within === undefined ? [file] : files.filter((other) => other.within === file.within);
      const secret = together.some((other) => other.secret || this.holdsSecret(other.content));
      const stem = `${secret ? 'secret' : 'config'}-${file.within === undefined ? '' : `${shortHash(file.within, 6)}-`}${(file.mode ?? 0o755).toString(8)}`;
      const key = roomyKey(groups, stem, file.content);
      groups.set(key, [...(groups.get(key) ?? []), file]);
    }
    for (const [group, members] of groups) {
      const secret = group.startsWith('secret');
      const name = objectName(`${this.context.nameOf(container.name)}-files-${group}`, 63);
      const mode = members[0]?.mode ?? 0o755;
      const entries = (binary: boolean): JsonObject => Object.fromEntries(members.filter((file) => (file.binary === true) === binary)
        .map((file) => [fileKey(file.target), secret && !binary ? Buffer.from(file.content).toString('base64') : file.content]));
      const [data, binaryData] = [entries(false), entries(true)];
      this.contents.push(JSON.stringify([data, binaryData]));
      this.manifests.push(secret ? this.context.object('v1', 'Secret', name, { type: 'Opaque', data: { ...data, ...binaryData } }, container) : this.context.object('v1', 'ConfigMap', name, { data, ...(Object.keys(binaryData).length === 0 ? {} : { binaryData }) }, container));
      const within = members[0]?.within;
      if (within !== undefined) {
        const items = members.map((file): Json => ({ key: fileKey(file.target), path: file.target.slice(within.length + 1) }));
        mounts.push(this.add(name, secret ? { secret: { secretName: name, items, defaultMode: mode } } : { configMap: { name, items, defaultMode: mode } }, { mountPath: within, readOnly: true }));
        continue;
      }
      const source: JsonObject = secret ? { secret: { secretName: name, defaultMode: mode } } : { configMap: { name, defaultMode: mode } };
      for (const file of members) mounts.push(this.add(name, source, { mountPath: file.target, subPath: fileKey(file.target), ...(file.readOnly ? { readOnly: true } : {}) }));
    }
    return mounts;
  }
}

function claimKey(mount: Extract<Mount, { kind: 'volume' | 'directory' }>): string {
  return mount.kind === 'volume' ? mount.volume : mount.id;
}

/** Decided for the claim, not for the container: a backup beside a database has to see the same folder. */
export function holdsDatabase(context: RenderContext, key: string): boolean {
  return context.stack.containers.some((container) => ownSubFolder.test(container.image) && claimKeysOf([container]).includes(key));
}

/** A key that is legal and unique for a path. */
function fileKey(target: string): string {
  const base = (target.split('/').filter((part) => part !== '').at(-1) ?? 'file').replace(/[^A-Za-z0-9._-]/g, '_');
  return `${shortHash(target, 6)}-${base}`.slice(0, 253);
}

/** The first object of a kind and mode that has room for one more file. */
function roomyKey(groups: ReadonlyMap<string, { content: string }[]>, stem: string, content: string): string {
  for (let index = 1; ; index++) {
    const key = index === 1 ? stem : `${stem}-${String(index)}`;
    const size = (groups.get(key) ?? []).reduce((sum, file) => sum + Buffer.byteLength(file.content), Buffer.byteLength(content));
    if (size <= largestFile || !groups.has(key)) return key;
  }
}

/** Claims of the stack: one for each volume, ReadWriteOnce unless the destination has a class for sharing. */
export function claims(context: RenderContext): Manifest[] {
  const { storage } = context.destination;
  return [...context.volumeNames].flatMap(([key, name]) => {
    const shared = sharers(context, key).length > 1 && storage.sharedClassName !== undefined;
    const className = shared ? storage.sharedClassName : storage.className;
    const volume = context.stack.volumes.find((item) => item.name === key);
    if (volume?.nfs !== undefined) return nfsVolume(context, name, volume.nfs, volume.origin);
    return [context.object('v1', 'PersistentVolumeClaim', name, {
      spec: { accessModes: [shared ? 'ReadWriteMany' : 'ReadWriteOnce'], ...(className === undefined ? {} : { storageClassName: className }), resources: { requests: { storage: `${String(storage.sizeGi)}Gi` } } },
    })];
  });
}

/** The same export, mounted by every node that needs it. A class that only the two of them name keeps any other claim away. */
function nfsVolume(context: RenderContext, claim: string, { server, path, mountOptions }: NonNullable<Volume['nfs']>, origin: Volume['origin']): Manifest[] {
  const volume = objectName(`${context.namespace}-${claim}`, 63);
  const storage = `${String(context.destination.storage.sizeGi)}Gi`;
  const common: JsonObject = { accessModes: ['ReadWriteMany'], storageClassName: volume };
  context.find('volume', 'translated', origin, `${server}:${path} is mounted as it is; the nodes need an NFS client.`);
  return [
    { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: volume, labels: context.labels() }, spec: { ...common, capacity: { storage }, persistentVolumeReclaimPolicy: 'Retain', ...(mountOptions.length === 0 ? {} : { mountOptions }), nfs: { server, path } } },
    context.object('v1', 'PersistentVolumeClaim', claim, { spec: { ...common, volumeName: volume, resources: { requests: { storage } } } }),
  ];
}

/** Whether several nodes may mount a claim. */
export function isShareable(context: RenderContext, key: string): boolean {
  return context.destination.storage.sharedClassName !== undefined || context.stack.volumes.some((volume) => volume.name === key && volume.nfs !== undefined);
}

/** Pods (by their first container) that mount a claim. */
export function sharers(context: RenderContext, key: string): string[] {
  const users = context.stack.containers.filter((container) => container.mounts.some((mount) => (mount.kind === 'volume' && mount.volume === key) || (mount.kind === 'directory' && mount.id === key)));
  return [...new Set(users.map((container) => context.podOf(container.name)))];
}

/** Keys of the claims that a pod's containers mount. */
export function claimKeysOf(containers: readonly Container[]): string[] {
  return [...new Set(containers.flatMap((container) => container.mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volume] : mount.kind === 'directory' ? [mount.id] : []))))];
}
