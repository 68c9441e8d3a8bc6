import { isObject, scalarText } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import { parseDockerBytes } from '../text/quantities';
import type { Mount, Volume } from '../model/stack';
import { dockerSocketFix } from './dockerSocket';
import { holdsPassword, looksSecret } from './secretNames';
import type { FindingList } from './findings';

/** What is known about a bind mount from elsewhere (Coolify's file storages, a file beside the compose file). */
export interface KnownFile { directory: boolean; content?: string; binary?: boolean; mode?: number; /** What lies in a folder. */ files?: readonly FolderFile[] }
/** A file of a folder, by its path in it with `/`. */
export interface FolderFile { path: string; content: string }

export interface MountContext {
  service: string;
  /** Names of top-level volumes are kept as they are; Coolify's own names for them, when known. */
  fileAt: (service: string, source: string, target: string) => KnownFile | undefined;
  containsSecret: (content: string) => boolean;
  /** The image of the service, for advice. */
  image?: string;
  findings: FindingList;
}

/** Host paths that mean the node itself, so a claim would be wrong. */
const nodePaths = /^\/(proc|sys|dev|run|var\/run|run\/udev|lib\/modules|etc\/(localtime|timezone|machine-id|os-release)|var\/log|var\/lib\/docker|cgroup)?(\/|$)/;
const modes = new Set(['ro', 'rw', 'z', 'Z', 'rslave', 'rprivate', 'rshared', 'slave', 'private', 'shared', 'cached', 'delegated', 'consistent', 'nocopy', 'U']);

/** Compose `volumes`, `tmpfs` and `shm_size` of one service as mounts. Values are already interpolated. */
export function readMounts(service: JsonObject, path: string[], context: MountContext): Mount[] {
  const mounts: Mount[] = [];
  const volumes = service['volumes'];
  const entries: [string, Json][] = Array.isArray(volumes) ? volumes.map((item, i) => [String(i), item]) : isObject(volumes) ? Object.entries(volumes).map(([k, v]) => [k, v === null ? k : typeof v === 'string' ? `${k}:${v}` : v]) : [];
  for (const [key, item] of entries) {
    const at = [...path, 'volumes', key];
    const mount = isObject(item) ? longMount(item, at, context) : shortMount(scalarText(item), at, context);
    if (mount !== undefined) mounts.push(...(Array.isArray(mount) ? mount : [mount]));
  }
  mounts.push(...tmpfsMounts(service['tmpfs'], [...path, 'tmpfs'], context.findings));
  const shm = service['shm_size'];
  if (typeof shm === 'string' || typeof shm === 'number') {
    const sizeBytes = parseDockerBytes(shm);
    mounts.push({ kind: 'tmpfs', target: '/dev/shm', readOnly: false, ...(sizeBytes === undefined ? {} : { sizeBytes }), origin: context.findings.origin([...path, 'shm_size']) });
  }
  return lastPerTarget(mounts);
}

/** Docker refuses two mounts at one place; of several the last counts, and Kubernetes would refuse too. */
function lastPerTarget(mounts: Mount[]): Mount[] {
  const byTarget = new Map<string, Mount>();
  for (const mount of mounts) {
    byTarget.delete(normalise(mount.target));
    byTarget.set(normalise(mount.target), mount);
  }
  return [...byTarget.values()];
}

function normalise(target: string): string {
  return target.length > 1 ? target.replace(/\/+$/, '') : target;
}

function shortMount(text: string, at: string[], context: MountContext): Mount | Mount[] | undefined {
  const parts = text.split(':');
  const options = parts.length > 1 && (parts.at(-1) ?? '').split(',').every((mode) => modes.has(mode)) ? (parts.pop() ?? '').split(',') : [];
  const [source, target] = parts.length === 1 ? [undefined, parts[0] ?? ''] : [parts[0] ?? '', parts.slice(1).join(':')];
  if (!target.startsWith('/')) {
    context.findings.add('invalidValue', 'approximated', at, 'This mount has no absolute path in the container; it is left out.', { fix: 'Write it as source:/path.' });
    return undefined;
  }
  const readOnly = options.includes('ro');
  if (options.some((option) => option.toLowerCase() === 'z')) context.findings.add('key', 'ignored', at, 'The kubelet labels volumes for SELinux itself.');
  const nowhere = source === '' && !/\/docker\.sock$/.test(target);
  if (nowhere) context.findings.add('missingVariable', 'approximated', at, `What is to be mounted at ${target} is empty, so a claim of its own is made for it.`, { fix: 'Set the variable that names it.' });
  if (source === undefined || nowhere) return { kind: 'volume', volume: anonymous(context.service, target), target, readOnly, origin: context.findings.origin(at) };
  if (source === '' || isPath(source)) return bindMount(source, target, readOnly, at, context, { propagation: options.find((option) => /^r?(shared|slave)$/.test(option)) ?? null });
  return { kind: 'volume', volume: source, target, readOnly, ...(options.includes('nocopy') ? { noCopy: true } : {}), origin: context.findings.origin(at) };
}

function isPath(source: string): boolean {
  return /^(\.|\/|~)/.test(source);
}

function anonymous(service: string, target: string): string {
  return `${service}-${target.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '')}`;
}

function longMount(item: JsonObject, at: string[], context: MountContext): Mount | Mount[] | undefined {
  // Coolify joins source and target by a colon, so options at the target's end count (`/data/users.yml:ro`).
  const [, target = '', options = ''] = /^(.*?)(?::((?:ro|rw|z|Z|,)+))?$/.exec(typeof item['target'] === 'string' ? item['target'] : '') ?? [];
  const source = typeof item['source'] === 'string' ? item['source'] : '';
  const type = typeof item['type'] === 'string' ? item['type'] : isPath(source) ? 'bind' : 'volume';
  const readOnly = item['read_only'] === true || item['read_only'] === 'true' || options.split(',').includes('ro');
  const origin = context.findings.origin(at);
  if (target === '') {
    context.findings.add('invalidValue', 'approximated', at, 'This mount names no place in the container; it is left out.', { fix: 'Add target: /path.' });
    return undefined;
  }
  if (type === 'tmpfs') {
    const memory = isObject(item['tmpfs']) ? item['tmpfs'] : {};
    const size = memory['size'];
    const sizeBytes = typeof size === 'string' || typeof size === 'number' ? parseDockerBytes(size) : undefined;
    return { kind: 'tmpfs', target, readOnly, ...(sizeBytes === undefined ? {} : { sizeBytes }), ...(typeof memory['mode'] === 'number' ? { mode: memory['mode'] } : {}), origin };
  }
  if (type === 'bind') return bindMount(source, target, readOnly, at, context, item);
  if (type !== 'volume') {
    context.findings.add('notYet', 'refused', at, `A mount of type ${type} has no counterpart in a pod.`, { fix: 'Use a volume instead.' });
    return undefined;
  }
  const volume = isObject(item['volume']) ? item['volume'] : {};
  const subPath = volume['subpath'];
  return { kind: 'volume', volume: source === '' ? anonymous(context.service, target) : source, target, readOnly, ...(typeof subPath === 'string' ? { subPath } : {}), ...(volume['nocopy'] === true || volume['nocopy'] === 'true' ? { noCopy: true } : {}), origin };
}

function bindMount(source: string, target: string, readOnly: boolean, at: string[], context: MountContext, item: JsonObject): Mount | Mount[] | undefined {
  const origin = context.findings.origin(at);
  if (/\/(docker|podman)\.sock$/.test(source) || /\/docker\.sock$/.test(target)) {
    context.findings.add('dockerSocket', 'refused', at, 'There is no Docker socket on a Kubernetes node, so what this program does with Docker cannot work.', { fix: dockerSocketFix(context.image ?? '') });
    return undefined;
  }
  const content = item['content'];
  if (typeof content === 'string') return file(content, false, typeof item['mode'] === 'number' ? item['mode'] : undefined, target, readOnly, at, context);
  const declaredDirectory = item['is_directory'] === true || item['isDirectory'] === true;
  const known = declaredDirectory ? undefined : context.fileAt(context.service, source, target);
  if (known?.content !== undefined && !known.directory) return file(known.content, known.binary ?? false, known.mode, target, readOnly, at, context);
  if (known?.directory === false) {
    return missingFile(source, target, readOnly, at, context);
  }
  if (source === '/' || nodePaths.test(source)) {
    context.findings.add('hostPath', 'approximated', at, 'This is a path of the node the pod runs on, not of Coolify\'s server.');
    const propagation = isObject(item['bind']) ? item['bind']['propagation'] : item['propagation'];
    return { kind: 'hostPath', path: source, pathType: '', target, readOnly, ...(propagation === 'rslave' || propagation === 'slave' || propagation === 'rshared' || propagation === 'shared' ? { propagation: propagation.endsWith('slave') ? 'slave' as const : 'shared' as const } : {}), origin };
  }
  if (known === undefined && !declaredDirectory && looksLikeFile(source, target)) return missingFile(source, target, readOnly, at, context);
  if (known?.files !== undefined && known.files.length > 0) return folder(source, known.files, target, readOnly, at, context);
  context.findings.add('directoryStartsEmpty', 'approximated', at, 'The directory becomes a claim that starts empty; what lies in it on Coolify\'s server is not copied.', { fix: 'Copy the data before the first start.' });
  return { kind: 'directory', id: source, hostPath: source, target, readOnly, origin };
}

/** A folder that nobody writes to is a ConfigMap or Secret as a whole; of any other one the files lie in a claim. */
function folder(source: string, files: readonly FolderFile[], target: string, readOnly: boolean, at: string[], context: MountContext): Mount[] {
  const origin = context.findings.origin(at);
  const base = normalise(target) === '/' ? '' : normalise(target);
  const secret = files.some(({ path, content }) => isSecretFile(path, content, context));
  context.findings.add('key', 'translated', at, `The content of the folder, ${String(files.length)} ${files.length === 1 ? 'file' : 'files'}, travels with the manifests, in a ${secret ? 'Secret' : 'ConfigMap'}.`);
  const mounts = files.map(({ path, content }): Mount => ({ kind: 'file', content, secret, target: `${base}/${path}`, readOnly, ...(readOnly ? { within: base } : {}), origin }));
  return readOnly && base !== '' ? mounts : [{ kind: 'directory', id: source, hostPath: source, target, readOnly, origin }, ...mounts];
}

function isSecretFile(path: string, content: string, context: MountContext): boolean {
  return context.containsSecret(content) || looksSecret(path.split('/').at(-1) ?? '', content) || holdsPassword(content);
}

const fileNames = /\.(conf|cfg|cnf|ini|ya?ml|json|toml|xml|properties|env|sh|sql|txt|pem|crt|cert|key|php|js|mjs|py|rb|lua|html?|css|tpl|tmpl|template|hcl|rules|list|htpasswd|acl|vcl|cnf|service|csv)$|(^|\/)(Caddyfile|Dockerfile|Corefile|my\.cnf|htpasswd)$/i;

/** Both names end as those of files do. */
function looksLikeFile(source: string, target: string): boolean {
  return fileNames.test(source) && fileNames.test(target);
}

/** A claim would put a folder in a file's place, and the container would not start: an empty file stands in until its content is given. */
function missingFile(source: string, target: string, readOnly: boolean, at: string[], context: MountContext): Mount {
  context.findings.add('missingFileContent', 'refused', at, 'The content of this file is not known, since it lies on the server only; an empty file stands in its place.', { fix: `Copy the content of ${source} into Coolify's storage for it, or put the file beside the compose file.` });
  return { kind: 'file', content: '', secret: false, target, readOnly, origin: context.findings.origin(at) };
}

function file(content: string, binary: boolean, mode: number | undefined, target: string, readOnly: boolean, at: string[], context: MountContext): Mount {
  const secret = isSecretFile(target, content, context);
  context.findings.add('key', 'translated', at, `The file's content travels with the manifests, in a ${secret ? 'Secret' : 'ConfigMap'}.`);
  return { kind: 'file', content, ...(binary ? { binary } : {}), ...(mode === undefined ? {} : { mode }), secret, target, readOnly, origin: context.findings.origin(at) };
}

function tmpfsMounts(value: Json | undefined, path: string[], findings: FindingList): Mount[] {
  const items = typeof value === 'string' ? [value] : Array.isArray(value) ? value.map(scalarText) : [];
  return items.map((item, index) => {
    const [target, options = ''] = item.split(':');
    const size = /(?:^|,)size=([^,]+)/.exec(options)?.[1];
    const mode = /(?:^|,)mode=([0-7]+)/.exec(options)?.[1];
    const sizeBytes = size === undefined ? undefined : parseDockerBytes(size);
    const rest = options.split(',').filter((option) => option !== '' && option !== 'rw' && !option.startsWith('size='));
    if (rest.length > 0) findings.add('key', 'approximated', [...path, String(index)], `A pod's memory volume knows a size only; everyone may write to it. Left out: ${rest.join(', ')}.`);
    return { kind: 'tmpfs', target: target ?? '', readOnly: false, ...(sizeBytes === undefined ? {} : { sizeBytes }), ...(mode === undefined ? {} : { mode: parseInt(mode, 8) }), origin: findings.origin([...path, String(index)]) };
  });
}

/** Top-level `volumes`: external ones, and nfs. */
export function readVolumes(value: Json | undefined, findings: FindingList): Map<string, Volume> {
  const volumes = new Map<string, Volume>();
  if (!isObject(value)) return volumes;
  for (const [name, item] of Object.entries(value)) {
    const definition = isObject(item) ? item : {};
    const volume: Volume = { name, origin: findings.origin(['volumes', name]) };
    if (typeof definition['name'] === 'string') volume.dockerName = definition['name'];
    if (definition['external'] === true || isObject(definition['external'])) {
      volume.external = true;
      findings.add('externalVolume', 'approximated', ['volumes', name], 'A volume of another stack cannot be mounted across namespaces; a claim of its own is made, which starts empty.');
    }
    const nfs = nfsOptions(definition['driver_opts']);
    if (nfs !== undefined) volume.nfs = nfs;
    else if (definition['driver_opts'] != null) findings.add('notYet', 'approximated', ['volumes', name, 'driver_opts'], 'Options of a Docker volume driver are not carried over; the destination\'s storage class decides.');
    findings.add('key', 'translated', ['volumes', name], nfs === undefined ? 'Becomes a claim.' : 'Becomes a claim for a volume on the same NFS server.');
    volumes.set(name, volume);
  }
  return volumes;
}

/** `type: nfs`, `o: addr=…,options`, `device: :/path` of Docker's local driver. */
function nfsOptions(value: Json | undefined): Volume['nfs'] {
  if (!isObject(value) || !/^nfs4?$/.test(scalarText(value['type']))) return undefined;
  const options = scalarText(value['o']).split(',').map((option) => option.trim()).filter((option) => option !== '');
  const server = options.find((option) => option.startsWith('addr='))?.slice('addr='.length);
  const mountOptions = options.filter((option) => !option.startsWith('addr=') && option !== 'rw');
  if (value['type'] === 'nfs4' && !options.some((option) => /^(nfs)?vers=/.test(option))) mountOptions.unshift('nfsvers=4');
  const path = scalarText(value['device']).replace(/^:/, '');
  return server === undefined || path === '' ? undefined : { server, path, mountOptions };
}
