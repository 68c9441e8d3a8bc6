import { isObject, plainJson } from '../../text/json';
import type { Json, JsonObject } from '../../text/json';
import { writeYaml } from '../../text/yaml';
import type { Manifest } from '../../model/manifest';
import type { Rendering } from '../../model/rendering';
import { fileName } from './export';
import type { ExportFiles } from './export';
import { splitImage } from './exportKustomize';
import { HelmValues } from './helmValues';

const pods = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']);

/** A chart that a person would maintain: images, environment, secrets, domains, storage, resources and replicas are values; the rest is the translation. */
export function exportHelm(rendering: Rendering, name: string): ExportFiles {
  const values = new HelmValues();
  const files: ExportFiles = new Map();
  for (const manifest of rendering.manifests.filter(({ kind }) => kind !== 'Namespace')) files.set(`templates/${fileName(manifest)}`, values.template(chartObject(manifest, values, rendering.namespace)));
  const chart = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 50) || 'stack';
  files.set('Chart.yaml', writeYaml({ apiVersion: 'v2', name: chart, description: `Translated from Coolify: ${name.replace(/[\r\n]+/g, ' ')}`, type: 'application', version: '0.1.0', appVersion: '1' }));
  files.set('values.yaml', `# Values under "secrets" are in clear: keep this file to yourself, or give them in a file of their own (helm --values).\n${writeYaml(values.values)}`);
  files.set('templates/NOTES.txt', notes(values));
  files.set('.helmignore', '.git/\n*.orig\n');
  return files;
}

function notes(values: HelmValues): string {
  const domains = isObject(values.values['domains']) ? Object.keys(values.values['domains']) : [];
  const lines = domains.map((key) => `  {{ index .Values "domains" ${JSON.stringify(key)} }}`);
  return `{{ .Release.Name }} runs in the namespace {{ .Release.Namespace }}.\n${lines.length === 0 ? '' : `Domains:\n${lines.join('\n')}\n`}`;
}

function chartObject(manifest: Manifest, values: HelmValues, namespace: string): JsonObject {
  const object = plainJson(manifest);
  if (!isObject(object)) return {};
  if (isObject(object['metadata'])) {
    if (manifest.metadata.namespace !== undefined) object['metadata']['namespace'] = values.expression('.Release.Namespace');
    if (isObject(object['metadata']['annotations'])) object['metadata']['annotations'] = inNamespace(object['metadata']['annotations'], values, namespace);
  }
  const spec = isObject(object['spec']) ? object['spec'] : {};
  switch (manifest.kind) {
    case 'Secret': object['data'] = secretData(manifest.metadata.name, object['data'], values); break;
    case 'PersistentVolumeClaim': claim(manifest.metadata.name, spec, values); break;
    case 'Ingress': case 'HTTPRoute': case 'Gateway': object['spec'] = domains(spec, values); break;
    case 'Certificate': object['spec'] = inNamespace(spec, values, namespace); break;
    default: if (pods.has(manifest.kind)) workload(manifest, spec, values);
  }
  return object;
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

function workload(manifest: Manifest, spec: JsonObject, values: HelmValues): void {
  // An autoscaler owns the number where there is one: then the object has none.
  if (spec['replicas'] !== undefined) spec['replicas'] = values.set(['replicas', manifest.metadata.name], spec['replicas'], '');
  const job = isObject(spec['jobTemplate']) && isObject(spec['jobTemplate']['spec']) ? spec['jobTemplate']['spec'] : spec;
  if (spec['schedule'] !== undefined) spec['schedule'] = values.set(['schedules', manifest.metadata.name], spec['schedule'], 'quote');
  const pod = isObject(job['template']) && isObject(job['template']['spec']) ? job['template']['spec'] : {};
  for (const list of ['initContainers', 'containers']) {
    for (const container of (Array.isArray(pod[list]) ? pod[list] : []).filter(isObject)) chartContainer(container, values, list === 'containers' && manifest.kind !== 'CronJob');
  }
}

function chartContainer(container: JsonObject, values: HelmValues, main: boolean): void {
  const name = String(container['name'] ?? 'main');
  const image = splitImage(String(container['image'] ?? ''));
  // Containers with the same image (a wait, a copy, a task) take it from one value.
  const key = image.name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  const repository = values.set(['images', key, 'repository'], image.name, '');
  container['image'] = image.digest === undefined ? `${repository}:${values.set(['images', key, 'tag'], image.tag ?? 'latest', '')}` : `${repository}@${values.set(['images', key, 'digest'], image.digest, '')}`;
  if (!main) return;
  if (isObject(container['resources'])) container['resources'] = values.block(['resources', name], container['resources']);
  for (const variable of (Array.isArray(container['env']) ? container['env'] : []).filter(isObject)) {
    if (typeof variable['value'] === 'string') variable['value'] = values.set(['env', name, String(variable['name'])], variable['value'], 'quote');
  }
}
