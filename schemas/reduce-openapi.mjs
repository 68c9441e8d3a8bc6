// Makes schemas/kubernetes.json from the OpenAPI document of a Kubernetes release (api/openapi-spec/swagger.json of its
// source, or `kubectl get --raw /openapi/v2`): the kinds that are rendered, without descriptions, closed against unknown fields.
// node schemas/reduce-openapi.mjs swagger.json VERSION
import { readFileSync, writeFileSync } from 'node:fs';

const kinds = {
  v1: ['Namespace', 'Secret', 'ConfigMap', 'Service', 'ServiceAccount', 'PersistentVolumeClaim', 'PersistentVolume', 'LimitRange', 'ResourceQuota', 'Pod', 'Endpoints'],
  'apps/v1': ['Deployment', 'StatefulSet', 'DaemonSet'], 'batch/v1': ['Job', 'CronJob'], 'networking.k8s.io/v1': ['Ingress', 'NetworkPolicy', 'IngressClass'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'], 'policy/v1': ['PodDisruptionBudget'], 'rbac.authorization.k8s.io/v1': ['Role', 'RoleBinding'], 'coordination.k8s.io/v1': ['Lease'],
  'discovery.k8s.io/v1': ['EndpointSlice'],
};

const [file, version] = process.argv.slice(2);
if (file === undefined || version === undefined) throw new Error('usage: reduce-openapi.mjs swagger.json VERSION');
const { definitions } = JSON.parse(readFileSync(file, 'utf8'));
const special = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'], pattern: '^[+-]?([0-9]+|[0-9]+\\.[0-9]*|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': {},
};
const result = {};

function reduce(schema) {
  if (Array.isArray(schema)) return schema.map(reduce);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (typeof schema.$ref === 'string') { define(schema.$ref.slice('#/definitions/'.length)); return { $ref: schema.$ref }; }
  const out = {};
  if (schema.type !== undefined) out.type = schema.type;
  if (schema.enum !== undefined) out.enum = schema.enum;
  if (schema.required !== undefined) out.required = schema.required;
  if (schema.format === 'byte') out.pattern = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$';
  if (schema.format === 'int32') Object.assign(out, { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 });
  if (schema.items !== undefined) out.items = reduce(schema.items);
  if (schema.properties !== undefined) {
    out.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, reduce(value)]));
    out.additionalProperties = false;
  } else if (schema.additionalProperties !== undefined) out.additionalProperties = reduce(schema.additionalProperties);
  return out;
}

function define(name) {
  if (result[name] !== undefined) return;
  result[name] = {};
  result[name] = special[name] ?? reduce(definitions[name]);
}

const objects = {};
for (const [name, schema] of Object.entries(definitions)) {
  for (const { group, version: apiVersion, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
    const key = group === '' ? apiVersion : `${group}/${apiVersion}`;
    if (!kinds[key]?.includes(kind)) continue;
    define(name);
    const { status: _status, ...properties } = result[name].properties;
    result[name] = { ...result[name], properties, required: [...new Set([...(result[name].required ?? []), 'apiVersion', 'kind', 'metadata'])] };
    objects[`${key} ${kind}`] = name;
  }
}
const used = new Set();
const reach = (value) => {
  if (Array.isArray(value)) value.forEach(reach);
  else if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref') { const name = inner.slice('#/definitions/'.length); if (!used.has(name)) { used.add(name); reach(result[name]); } } else reach(inner);
  }
};
for (const name of Object.values(objects)) { used.add(name); reach(result[name]); }
const sorted = Object.fromEntries(Object.entries(result).filter(([name]) => used.has(name)).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(new URL('kubernetes.json', import.meta.url), `${JSON.stringify({ $comment: `From the OpenAPI document of Kubernetes ${version} (Apache-2.0), by reduce-openapi.mjs.`, objects, definitions: sorted })}\n`);
