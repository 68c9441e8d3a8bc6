import { isObject, plainJson } from '../../text/json';
import type { Json, JsonObject } from '../../text/json';
import { writeYaml } from '../../text/yaml';
import type { Manifest } from '../../model/manifest';
import type { Rendering } from '../../model/rendering';
import { fileName } from './export';
import type { ExportFiles } from './export';
import { splitImage } from './exportKustomize';
import { HelmValues } from './helmValues';
import { shortHash } from './naming';

const pods = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']);

/** A chart that a person would maintain: images, environment, secrets, domains, storage, resources and replicas are values; the rest is the translation. */
export function exportHelm(rendering: Rendering, name: string): ExportFiles {
  const chart = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 50) || 'stack';
  const manifests = rendering.manifests.filter(({ kind }) => kind !== 'Namespace');
  const values = new HelmValues(JSON.stringify(manifests));
  const common = commonLabels(manifests);
  const templates = manifests.map((manifest): [string, string] => [`templates/${fileName(manifest)}`, values.template(chartObject(manifest, { values, namespace: rendering.namespace, chart, common }))]);
  return new Map([
    ['Chart.yaml', writeYaml({ apiVersion: 'v2', name: chart, description: `Translated from Coolify: ${name.replace(/\s+/g, ' ')}`, type: 'application', version: '0.1.0', appVersion: '1' })],
    ['values.yaml', valuesFile(values.values)], ['templates/_helpers.tpl', helpers(chart, common, values.values['secrets'] ?? null)], ...templates, ['templates/NOTES.txt', notes(values)], ['.helmignore', '.git/\n*.orig\n'],
  ]);
}

/** What is changed most often stands first; each part says what it is for. */
const sections: [string, string][] = [
  ['images', 'Images by repository, with a tag or a digest. A new version is a new tag here.'],
  ['domains', 'Domains by the name that they had in Coolify. A Gateway or an Ingress takes the value; variables that hold a domain stand under "env" and "secrets".'],
  ['ingress', 'The class of the ingress controller.'],
  ['replicas', 'Pods of each workload. What keeps a database on a volume runs once.'],
  ['resources', 'Requests and limits of each container, as Kubernetes writes them.'],
  ['storage', 'Sizes of the claims, and the storage class of those that one node mounts ("className") and of those that several do; empty means the cluster\'s default. Both can only be set once: a claim that is there grows, and does no more.'],
  ['schedules', 'When the scheduled jobs run.'],
  ['env', 'Variables of each container that are no secrets.'],
  ['secrets', 'In clear: keep these out of version control, or in a file of their own (helm --values), encrypted.'],
];

function valuesFile(values: JsonObject): string {
  const known = sections.filter(([key]) => values[key] !== undefined);
  const rest = Object.keys(values).filter((key) => !sections.some(([section]) => section === key)).map((key): [string, string] => [key, '']);
  return [...known, ...rest].map(([key, comment]) => `${comment === '' ? '' : `# ${comment}\n`}${writeYaml({ [key]: values[key] ?? {} })}`).join('\n');
}

/** Labels that every object has with the same value. */
function commonLabels(manifests: readonly Manifest[]): Record<string, string> {
  const [first, ...others] = manifests.map(({ metadata }) => metadata.labels ?? {});
  return Object.fromEntries(Object.entries(first ?? {}).filter(([key, value]) => key !== nameLabel && others.every((labels) => labels[key] === value)));
}

const nameLabel = 'app.kubernetes.io/name';

function helpers(chart: string, common: Record<string, string>, secrets: Json): string {
  return `{{/* Labels of every object; the argument is the container it belongs to, or nothing. */}}
{{- define "${chart}.labels" -}}
${Object.keys(common).length === 0 ? '' : writeYaml(common).trimEnd()}
{{- with . }}
${nameLabel}: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* An image from its entry under "images": repository, tag and digest. */}}
{{- define "${chart}.image" -}}
{{- .repository }}{{ with .tag }}:{{ . }}{{ end }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}

{{/* Another text once "secrets" is changed, so that the pods are replaced; the arguments are the translation's own checksum and the secrets. */}}
{{- define "${chart}.checksum" -}}
{{- $now := index . 1 | toJson | sha256sum -}}
{{- if eq $now ${JSON.stringify(shortHash(goJson(secrets), 64))} }}{{ index . 0 }}{{ else }}{{ $now | trunc 32 }}{{ end -}}
{{- end -}}
`;
}

/** JSON as Go's `encoding/json` writes it: keys in order, and what would mean something in HTML as escapes. */
function goJson(value: Json): string {
  const sorted = (item: Json): Json => (isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)])) : item);
  return JSON.stringify(sorted(value)).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function notes(values: HelmValues): string {
  const domains = isObject(values.values['domains']) ? Object.keys(values.values['domains']) : [];
  const lines = domains.map((key) => `  {{ index .Values.domains ${JSON.stringify(key)} }}`);
  return `{{ .Release.Name }} runs in the namespace {{ .Release.Namespace }}:
  kubectl --namespace {{ .Release.Namespace }} get pods
${lines.length === 0 ? '' : `It answers to:\n${lines.join('\n')}\n`}`;
}

interface Chart { values: HelmValues; namespace: string; chart: string; common: Record<string, string> }

function chartObject(manifest: Manifest, parts: Chart): JsonObject {
  const { values, namespace } = parts;
  const object = plainJson(manifest);
  if (!isObject(object)) return {};
  if (isObject(object['metadata'])) {
    if (manifest.metadata.namespace !== undefined) object['metadata']['namespace'] = values.expression('.Release.Namespace');
    if (isObject(object['metadata']['annotations'])) object['metadata']['annotations'] = inNamespace(object['metadata']['annotations'], values, namespace);
    object['metadata']['labels'] = labels(manifest.metadata.labels ?? {}, parts);
  }
  const spec = isObject(object['spec']) ? object['spec'] : {};
  switch (manifest.kind) {
    case 'Secret': object['data'] = secretData(manifest.metadata.name, object['data'], values); break;
    case 'PersistentVolumeClaim': claim(manifest.metadata.name, spec, values); break;
    case 'Ingress': case 'HTTPRoute': case 'Gateway': object['spec'] = domains(spec, values); break;
    case 'Certificate': object['spec'] = inNamespace(spec, values, namespace); break;
    default: if (pods.has(manifest.kind)) workload(manifest, spec, parts);
  }
  return object;
}

/** The helper says them, unless an object has others. */
function labels(own: Record<string, string>, { values, chart, common }: Chart): Json {
  const { [nameLabel]: name, ...rest } = own;
  if (Object.keys(common).length === 0 || JSON.stringify(Object.entries(rest).sort()) !== JSON.stringify(Object.entries(common).sort())) return own;
  return values.lines(`include ${JSON.stringify(`${chart}.labels`)} ${JSON.stringify(name ?? '')}`);
}

/** Names that hold the namespace: Traefik's references to middlewares, and DNS names of Services. */
function inNamespace(value: JsonObject, values: HelmValues, namespace: string): JsonObject {
  const walk = (item: Json): Json => {
    if (typeof item === 'string') return item.split(/(?<=^|,)/).map((part) => (part.startsWith(`${namespace}-`) && part.includes('@kubernetescrd') ? `${values.expression('.Release.Namespace')}${part.slice(namespace.length)}` : part)).join('').replaceAll(new RegExp(`\\.${namespace}(?=\\.svc|$)`, 'g'), () => `.${values.expression('.Release.Namespace')}`);
    if (Array.isArray(item)) return item.map(walk);
    return isObject(item) ? Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, walk(inner)])) : item;
  };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
}

function secretData(name: string, data: Json | undefined, values: HelmValues): JsonObject {
  if (!isObject(data)) return {};
  return Object.fromEntries(Object.entries(data).map(([key, encoded]) => {
    const bytes = Buffer.from(String(encoded), 'base64');
    const text = bytes.toString('utf8');
    // What is no text stays as it is.
    return [key, Buffer.from(text, 'utf8').equals(bytes) ? values.set(['secrets', name, key], text, 'b64enc | quote') : encoded];
  }));
}

function claim(name: string, spec: JsonObject, values: HelmValues): void {
  const requests = isObject(spec['resources']) && isObject(spec['resources']['requests']) ? spec['resources']['requests'] : {};
  requests['storage'] = values.set(['storage', 'sizes', name], requests['storage'] ?? '10Gi', 'quote');
  if (spec['volumeName'] !== undefined) return; // Bound to a volume of its own.
  const shared = JSON.stringify(spec['accessModes'] ?? []).includes('ReadWriteMany');
  spec['storageClassName'] = values.optional(['storage', shared ? 'sharedClassName' : 'className'], spec['storageClassName'] ?? '');
}

/** Hosts of an Ingress, a Gateway or an HTTPRoute; the same host is one value wherever it stands. */
function domains(spec: JsonObject, values: HelmValues): JsonObject {
  const host = (item: Json): Json => (typeof item === 'string' && item !== '' ? values.set(['domains', item.replace(/^\*\./, 'wildcard.')], item, 'quote') : item);
  const walk = (key: string, item: Json): Json => {
    if (key === 'host' || key === 'hostname') return host(item);
    if ((key === 'hosts' || key === 'hostnames') && Array.isArray(item)) return item.map(host);
    if (Array.isArray(item)) return item.map((inner) => walk('', inner));
    return isObject(item) ? Object.fromEntries(Object.entries(item).map(([name, inner]) => [name, walk(name, inner)])) : item;
  };
  const result: JsonObject = Object.fromEntries(Object.entries(spec).map(([key, item]) => [key, walk(key, item)]));
  if (typeof spec['ingressClassName'] === 'string') result['ingressClassName'] = values.set(['ingress', 'className'], spec['ingressClassName'], 'quote');
  return result;
}

function workload(manifest: Manifest, spec: JsonObject, parts: Chart): void {
  const { values, chart } = parts;
  // An autoscaler owns the number where there is one: then the object has none.
  if (spec['replicas'] !== undefined) spec['replicas'] = values.set(['replicas', manifest.metadata.name], spec['replicas'], '');
  const job = isObject(spec['jobTemplate']) && isObject(spec['jobTemplate']['spec']) ? spec['jobTemplate']['spec'] : spec;
  if (spec['schedule'] !== undefined) spec['schedule'] = values.set(['schedules', manifest.metadata.name], spec['schedule'], 'quote');
  const template = isObject(job['template']) ? job['template'] : {};
  const pod = isObject(template['spec']) ? template['spec'] : {};
  const annotations = isObject(template['metadata']) && isObject(template['metadata']['annotations']) ? template['metadata']['annotations'] : {};
  if (typeof annotations['checksum/config'] === 'string') annotations['checksum/config'] = values.expression(`include ${JSON.stringify(`${chart}.checksum`)} (list ${JSON.stringify(annotations['checksum/config'])} .Values.secrets) | quote`);
  for (const list of ['initContainers', 'containers']) {
    for (const container of (Array.isArray(pod[list]) ? pod[list] : []).filter(isObject)) chartContainer(container, list === 'containers' && manifest.kind !== 'CronJob', parts);
  }
}

function chartContainer(container: JsonObject, main: boolean, { values, chart }: Chart): void {
  const name = String(container['name'] ?? 'main');
  const { name: repository, ...version } = splitImage(String(container['image'] ?? ''));
  // Containers with the same image (a wait, a copy, a task) take it from one value.
  const key = repository.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  const entry = values.argument(['images', key], { repository, ...(version.digest === undefined ? { tag: '' } : {}), ...version });
  container['image'] = values.expression(`include ${JSON.stringify(`${chart}.image`)} ${entry}`);
  if (!main) return;
  container['resources'] = values.optionalBlock(['resources', name], isObject(container['resources']) ? container['resources'] : {});
  for (const variable of (Array.isArray(container['env']) ? container['env'] : []).filter(isObject)) {
    if (typeof variable['value'] === 'string') variable['value'] = values.set(['env', name, String(variable['name'])], variable['value'], 'quote');
  }
}
