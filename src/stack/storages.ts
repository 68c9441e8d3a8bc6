import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import type { Mount, Volume } from '../model/stack';
import { fileStorage, flagField, listField, textField } from './apiFields';
import type { FindingList } from './findings';
import { holdsPassword, looksSecret } from './secretNames';

export interface Storages {
  mounts: Mount[];
  volumes: Volume[];
  /** Compose's `volumes` entries, as Coolify writes them. */
  compose: string[];
}

/** Host paths that mean the node itself. */
const nodePaths = /^\/(etc\/(localtime|timezone|machine-id|os-release)|proc|sys|dev|run\/udev|lib\/modules)(\/|$)/;

/** `…/storages` of the resource `uuid`: volumes, host paths, files and directories. `suffix` ends volume names and host paths of a preview deployment. */
export function readStorages(storages: Json, uuid: string, findings: FindingList, suffix = ''): Storages {
  const result: Storages = { mounts: [], volumes: [], compose: [] };
  const body: JsonObject = isObject(storages) ? storages : {};
  for (const row of listField(body['persistent_storages'])) readVolume(row, uuid, suffix, result, findings);
  for (const row of listField(body['file_storages'])) readFile(row, suffix, result, findings);
  return result;
}

function suffixOf(row: JsonObject, suffix: string): string {
  return row['is_preview_suffix_enabled'] === undefined || flagField(row, 'is_preview_suffix_enabled') ? suffix : '';
}

function readVolume(row: JsonObject, uuid: string, suffix: string, { mounts, volumes, compose }: Storages, findings: FindingList): void {
  const name = `${textField(row, 'name') ?? 'data'}${suffixOf(row, suffix)}`;
  const target = textField(row, 'mount_path') ?? '/data';
  const hostPath = textField(row, 'host_path');
  const path = ['storages', textField(row, 'uuid') ?? name];
  if (hostPath !== undefined) {
    mounts.push(directory(`${hostPath}${suffixOf(row, suffix)}`, target, path, findings));
    compose.push(`${hostPath}${suffixOf(row, suffix)}:${target}`);
    return;
  }
  // Coolify puts the resource's uuid into each name; one without it may be there to be shared.
  if (name.includes(uuid)) findings.add('field', 'translated', path, `The volume ${name} becomes a claim.`);
  else findings.add('field', 'approximated', path, `The volume ${name} becomes a claim of this resource alone; another resource of Coolify that mounts a volume of this name no longer shares it.`, { fix: 'Let the resources share a compose file, or a storage of their own.' });
  for (const [key, value] of Object.entries(row)) if (/backup/i.test(key) && ((Array.isArray(value) && value.length > 0) || isObject(value))) findings.add('backup', 'refused', [...path, key], 'Backups of volumes are not made here.', { fix: 'Take snapshots of the claim (VolumeSnapshot), or a tool such as Velero.' });
  volumes.push({ name, dockerName: name, origin: findings.origin(path) });
  mounts.push({ kind: 'volume', volume: name, target, readOnly: false, origin: findings.origin(path) });
  compose.push(`${name}:${target}`);
}

function readFile(row: JsonObject, suffix: string, { mounts, compose }: Storages, findings: FindingList): void {
  const target = textField(row, 'mount_path') ?? '';
  const source = `${textField(row, 'fs_path') ?? target}${flagField(row, 'is_directory') ? suffixOf(row, suffix) : ''}`;
  const path = ['storages', textField(row, 'uuid') ?? target];
  const file = fileStorage(row);
  compose.push(`${source}:${target}`);
  if (/\/(docker|podman)\.sock$/.test(source)) {
    findings.add('dockerSocket', 'refused', path, 'There is no Docker socket on a Kubernetes node, so what this program does with Docker cannot work.', { fix: 'Use the program\'s own Kubernetes support, or keep it in Docker.' });
  } else if (nodePaths.test(source)) {
    findings.add('hostPath', 'approximated', path, `${source} is that of the node the pod runs on, not of Coolify's server.`);
    mounts.push({ kind: 'hostPath', path: source, pathType: '', target, readOnly: false, origin: findings.origin(path) });
  } else if (file.directory) mounts.push(directory(source, target, path, findings));
  else if (flagField(row, 'is_host_file') || (file.content === undefined && row['content'] !== null)) {
    findings.add('missingFileContent', 'refused', path, `The content of ${source} is not stored in Coolify; it lies on the server only.`, { fix: 'Copy it into Coolify\'s storage, or use a token with read:sensitive.' });
  } else {
    const git = flagField(row, 'is_based_on_git');
    findings.add('field', 'approximated', path, `${git ? 'Coolify takes this file from the repository at each deployment; the copy it has stored' : 'The file\'s content'} travels with the manifests. The program reads it and cannot write to it.`);
    const owner = textField(row, 'chown');
    if (owner !== undefined) findings.add('field', 'approximated', [...path, 'chown'], `The file belongs to ${owner} in Docker; here it belongs to root, so everybody may read it.`);
    const content = file.content ?? '';
    mounts.push({ kind: 'file', content, ...(file.mode === undefined ? {} : { mode: owner === undefined ? file.mode : readableByAll(file.mode) }), secret: looksSecret(target.split('/').at(-1) ?? '', content) || holdsPassword(content), target, readOnly: false, origin: findings.origin(path) });
  }
}

function directory(hostPath: string, target: string, path: string[], findings: FindingList): Mount {
  findings.add('directoryStartsEmpty', 'approximated', path, `${hostPath} lies on Coolify's server; the claim in its place starts empty.`, { fix: 'Copy the data before the first start.' });
  return { kind: 'directory', id: hostPath, hostPath, target, readOnly: false, origin: findings.origin(path) };
}

/** What the owner may read or run, everybody may: the owner in Docker is somebody else than root, whom the file belongs to here. */
function readableByAll(mode: number): number {
  const owner = (mode >> 6) & 0o5;
  return mode | (owner << 3) | owner;
}
