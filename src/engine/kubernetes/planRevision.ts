import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Manifest } from '../../model/manifest';
import type { Step } from '../../model/plan';
import { isObject, type Json } from '../../text/json';
import { labelValue, ownerLabel, resourceLabel, shortHash } from './naming';
import { applyStep } from './planApply';
import { retrying } from './planRetry';

/** A Secret may hold 1 MiB; its base64 text stays below 900 KB. Bytes of gzip. */
const partBytes = 640_000;
/** Revisions that are kept. */
const kept = 10;

const revisionOf = 'coolify-kubernetes/revision-of';
const revisionLabel = 'coolify-kubernetes/revision';
const contentAnnotation = 'coolify-kubernetes/content';

/** The template that prints revisions, and where the check has left them when nothing changed since. */
export const revisionsTemplate = 'prune.tmpl';
export const revisionsAhead = 'prune.ahead';

/** What a resource was at one successful deployment. Holds secrets: never shown as it is. */
export interface Revision {
  id: string;
  /** The run that made it. */
  run: string;
  createdAt: string;
  manifests: Manifest[];
}

/** Objects that pruning never takes without being asked to, or at all: data and what holds everything. */
const neverPruned = new Set(['persistentvolumeclaim', 'namespace', 'persistentvolume', 'customresourcedefinition']);

/** `deployment.apps/web`: a name that kubectl understands whatever other kinds the cluster has. */
export function inventoryName({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0] ?? ''}` : '';
  return `${kind.toLowerCase()}${group}/${metadata.name}`;
}

/** What a deployment would remove: in an earlier revision, not in the new objects. Claims only when agreed to, namespaces never. */
export function pruned(before: readonly Revision[], now: readonly Manifest[], options: { volumes?: boolean } = {}): string[] {
  const wanted = new Set(now.map(inventoryName));
  const old = new Set(before.flatMap(({ manifests }) => manifests.map(inventoryName)));
  return wanted.size === 0 ? [] : [...old].filter((name) => !wanted.has(name) && (mayPrune(name) || (options.volumes === true && name.startsWith('persistentvolumeclaim/'))));
}

const mayPrune = (name: string): boolean => !neverPruned.has(name.split(/[./]/)[0] ?? '');

/** The Secrets of a revision, to be applied after success. */
export function revisionSecrets(manifests: readonly Manifest[], resource: { uuid: string }, namespace: string, run: string): Manifest[] {
  const packed = gzipSync(JSON.stringify(manifests), { level: 9 });
  const id = shortHash(run);
  const parts = Math.max(1, Math.ceil(packed.length / partBytes));
  return Array.from({ length: parts }, (_, index): Manifest => ({
    apiVersion: 'v1', kind: 'Secret', type: 'coolify-kubernetes/revision',
    metadata: {
      name: `coolify-kubernetes-${shortHash(resource.uuid)}-${id}${index === 0 ? '' : `-${String(index)}`}`, namespace,
      labels: { [ownerLabel]: 'coolify-kubernetes', [revisionOf]: labelValue(resource.uuid), [revisionLabel]: id },
      annotations: { 'coolify-kubernetes/run': run, [contentAnnotation]: contentOf(manifests), 'coolify-kubernetes/part': `${String(index + 1)}/${String(parts)}` },
    },
    data: {
      manifests: packed.subarray(index * partBytes, (index + 1) * partBytes).toString('base64'),
      ...(index === 0 && { inventory: Buffer.from(manifests.map(inventoryName).join(' ')).toString('base64') }),
    },
  }));
}

/** Equal for equal revisions. */
function contentOf(manifests: readonly Manifest[]): string {
  return createHash('sha256').update(JSON.stringify(manifests)).digest('hex');
}

/** Label selector of the Secrets that hold a resource's revisions. */
export function revisionSelector(resource: { uuid: string }): string {
  return `${revisionOf}=${labelValue(resource.uuid)}`;
}

/** Arguments of kubectl, after its fixed ones, that print what `readRevisions` reads. */
export function revisionsQuery(resource: { uuid: string }): string[] {
  return ['get', 'secrets', '-l', revisionSelector(resource), '-o', 'json'];
}

/** The revisions of a resource, the newest first, from `kubectl get … -o json`. One of which a part is missing is left out. */
export function readRevisions(output: Json): Revision[] {
  const items = isObject(output) && Array.isArray(output['items']) ? output['items'].flatMap(readPart) : [];
  const groups = new Map<string, Part[]>();
  for (const part of items) groups.set(part.id, [...(groups.get(part.id) ?? []), part]);
  return [...groups.values()].flatMap((parts) => {
    const sorted = parts.sort((a, b) => a.part - b.part);
    const [first] = sorted;
    if (first === undefined || sorted.length !== first.parts || sorted.some(({ part }, index) => part !== index + 1)) return [];
    const manifests = unpack(Buffer.concat(sorted.map(({ bytes }) => bytes)));
    return manifests === undefined ? [] : [{ id: first.id, run: first.run, createdAt: first.createdAt, manifests }];
  }).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

interface Part { id: string; run: string; createdAt: string; part: number; parts: number; bytes: Buffer }

function readPart(item: Json): Part[] {
  const metadata = isObject(item) ? item['metadata'] : undefined;
  const data = isObject(item) ? item['data'] : undefined;
  if (!isObject(metadata) || !isObject(data) || !isObject(metadata['labels']) || !isObject(metadata['annotations'])) return [];
  const id = metadata['labels'][revisionLabel];
  const run = metadata['annotations']['coolify-kubernetes/run'];
  const place = /^(\d+)\/(\d+)$/.exec(String(metadata['annotations']['coolify-kubernetes/part']));
  const createdAt = metadata['creationTimestamp'];
  if (typeof id !== 'string' || typeof run !== 'string' || typeof createdAt !== 'string' || place === null || typeof data['manifests'] !== 'string') return [];
  return [{ id, run, createdAt, part: Number(place[1]), parts: Number(place[2]), bytes: Buffer.from(data['manifests'], 'base64') }];
}

function unpack(bytes: Buffer): Manifest[] | undefined {
  try {
    // What the cluster holds is data of others, too: it must not unpack to more than memory holds.
    const value = JSON.parse(gunzipSync(bytes, { maxOutputLength: 64 << 20 }).toString()) as Json;
    return Array.isArray(value) ? value.filter(isManifest) : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(value: Json): value is Json & Manifest {
  return isObject(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string' && isObject(value['metadata']) && typeof value['metadata']['name'] === 'string';
}

/** After success: writes the revision unless the last one is the same, then removes what earlier revisions had and this one has not, and revisions beyond the last ten. */
export function revisionSteps(resource: { uuid: string }, manifests: readonly Manifest[], kubectl: readonly string[], inNamespace: readonly string[], options: { volumes?: boolean } = {}): Step[] {
  const apply = applyStep('revision', 'after', 'Keep this revision', 'revision.json', kubectl);
  const argv = ['sh', 'prune.sh', `${revisionOf}=${labelValue(resource.uuid)}`, `${resourceLabel}=${labelValue(resource.uuid)},${ownerLabel}=coolify-kubernetes`, options.volumes === true ? 'yes' : 'no', String(kept), ...inNamespace];
  return [{ ...apply, argv: ['sh', 'revision.sh', contentOf(manifests), ...apply.argv] }, { id: 'prune', stage: 'prune', title: 'Remove what is no longer part of the resource', argv, stdin: 'inventory.txt', timeoutSeconds: 300 }];
}

/** The file that pruning compares with. */
export function inventoryFile(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => `${inventoryName(manifest)}\n`).join('');
}

export const revisionScripts: Record<string, string> = {
  [revisionsTemplate]: '{{range .items}}{{.metadata.creationTimestamp}}{{"\\t"}}{{.metadata.name}}{{"\\t"}}{{index .metadata.labels "coolify-kubernetes/revision"}}{{"\\t"}}{{if .data.inventory}}{{.data.inventory | base64decode}}{{end}}' +
    `{{"\\t"}}{{with .metadata.annotations}}{{index . "${contentAnnotation}"}}{{"\\t"}}{{index . "coolify-kubernetes/part"}}{{end}}{{"\\n"}}{{end}}`,
  // $1 content, command that writes the revision…; stdin the revision. All parts of the newest one have to be there.
  'revision.sh': String.raw`
content=$1; shift
if [ -s ${revisionsAhead} ] && awk -F '\t' -v content="$content" '
  $1 > newest { newest = $1; same = 0; other = 0 }
  $1 == newest { if ($5 == content) same++; else other++; parts = $6; sub(/.*\//, "", parts) }
  END { exit !(same > 0 && !other && same == parts) }' ${revisionsAhead}; then echo 'The last revision is the same.'; exit 0; fi
rm -f -- ${revisionsAhead}
exec "$@"
`,
  // $1 selector of revisions, $2 selector of objects, $3 whether claims too, $4 revisions kept, kubectl…; stdin the new inventory
  'prune.sh': String.raw`
revisions=$1; owned=$2; volumes=$3; kept=$4; shift 4
cat >prune.now
# A mistake must not delete an application: nothing at all is no inventory.
[ -s prune.now ] || { echo 'The new inventory is empty; nothing is removed.'; exit 1; }
{ [ -s ${revisionsAhead} ] && mv -- ${revisionsAhead} prune.revisions; } || ${retrying} "$@" get secrets -l "$revisions" -o go-template-file=${revisionsTemplate} >prune.revisions || exit 1
cut -f 4 prune.revisions | tr ' ' '\n' | sort -u | grep -vxF -f prune.now | grep -v '^$' >prune.old
failed=0
while read -r object; do
  case $object in namespace/*|customresourcedefinition*|persistentvolume/*) continue ;; persistentvolumeclaim/*) [ "$volumes" = yes ] || { echo "Keeping $object and its data."; continue; } ;; esac
  # The label is asked for by the same request, so that nothing of somebody else can be hit.
  ${retrying} "$@" delete "${'${object%%/*}'}" -l "$owned" --field-selector "metadata.name=${'${object#*/}'}" --ignore-not-found --wait=false </dev/null >prune.out 2>prune.error ||
    grep -q "have a resource type" prune.error || { cat prune.error; failed=1; }
  grep -v '^No resources' prune.out
done <prune.old
cut -f 1,3 prune.revisions | sort -r | awk -F '\t' -v kept="$kept" '!seen[$2]++ && ++count > kept { print $2 }' | while read -r old; do
  ${retrying} "$@" delete secrets -l "$revisions,coolify-kubernetes/revision=$old" --wait=false </dev/null >/dev/null
done
exit "$failed"
`,
};
