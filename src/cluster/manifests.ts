import type { Manifest } from '../model/manifest';
import { isObject, type JsonObject } from '../text/json';
import { maskText } from '../text/masking';
import { type Discovery, pathOf, withoutManagedFields } from './discovery';
import { ClusterError, isClusterError } from './errors';
import { causesOf, subjectKind } from './statusErrors';
import type { Transport } from './transport';
import type { DryRun, ObjectRef } from './types';

function isManifest(value: unknown): value is Manifest {
  return isObject(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string' && isObject(value['metadata']) && typeof value['metadata']['name'] === 'string';
}

function manifestOf(body: JsonObject, what: string): Manifest {
  const object: unknown = withoutManagedFields(body);
  if (!isManifest(object)) throw new ClusterError('bad-answer', `The API server sent something else than an object: could not ${what}.`, 'Check the server address in the kubeconfig.');
  return object;
}

/** Reads one object; undefined when it is not there. */
export async function getObject(transport: Transport, discovery: Discovery, ref: ObjectRef, defaultNamespace: string, signal?: AbortSignal): Promise<Manifest | undefined> {
  const what = `read ${ref.kind} ${ref.name}`;
  const resource = await discovery.find(ref.apiVersion, ref.kind, signal).catch((error: unknown) => {
    if (isClusterError(error) && error.kind === 'unknown-kind') return undefined;
    throw error;
  });
  if (resource === undefined) return undefined;
  const { code, body } = await transport.answer({ path: pathOf(resource, ref.namespace ?? defaultNamespace, ref.name), what, signal });
  if (code === 404 && body !== undefined) return undefined;
  if (code >= 400 || body === undefined) throw transport.refusal(code, body, what);
  return manifestOf(body, what);
}

/** Refusals that are about this one object; of others the next object would have to say the same. */
const aboutTheObject = new Set([400, 403, 404, 405, 406, 409, 413, 415, 422]);

/** Asks the API server what a server-side apply of the object would do. The body is the manifest itself: a typed client would drop the fields it does not know. */
export async function dryRun(transport: Transport, discovery: Discovery, manifest: Manifest, defaultNamespace: string, options: { fieldManager: string; signal?: AbortSignal }): Promise<DryRun> {
  const what = `apply ${manifest.kind} ${manifest.metadata.name}`;
  const mask = (text: string): string => maskText(text, secretsOf(manifest));
  let path: string;
  try {
    path = pathOf(await discovery.find(manifest.apiVersion, manifest.kind, options.signal), manifest.metadata.namespace ?? defaultNamespace, manifest.metadata.name);
  } catch (error) {
    if (isClusterError(error) && error.kind === 'unknown-kind') return { kind: 'refused', message: `${error.message} ${error.hint}` };
    throw error;
  }
  const { code, body } = await transport.answer({
    method: 'PATCH', path, what, signal: options.signal, body: JSON.stringify(manifest), contentType: 'application/apply-patch+yaml',
    query: { dryRun: 'All', fieldManager: options.fieldManager, fieldValidation: 'Strict', force: 'false' },
  });
  if (code < 400 && body !== undefined) return { kind: 'ok', object: manifestOf(body, what) };
  if (code === 404 && subjectKind(body) === 'namespaces' && manifest.kind !== 'Namespace') return { kind: 'noNamespace' };
  const conflict = conflictOf(body);
  if (conflict !== undefined) return { kind: 'refused', conflict, message: `${conflict.fields.join(', ')} of ${manifest.kind} ${manifest.metadata.name} ${conflict.fields.length === 1 ? 'is' : 'are'} owned by ${conflict.owner}.` };
  const refusal = transport.refusal(code, body, what);
  const error = new ClusterError(refusal.kind, mask(refusal.message), refusal.hint, refusal.status);
  if (body !== undefined && (aboutTheObject.has(code) || error.kind === 'webhook' || error.kind === 'invalid')) return { kind: 'refused', message: error.message };
  throw error;
}

/** Who owns the fields that the apply would change (structured-merge-diff's conflicts, one cause each). */
function conflictOf(status: JsonObject | undefined): { owner: string; fields: string[] } | undefined {
  const causes = causesOf(status).filter(({ reason }) => reason === 'FieldManagerConflict');
  if (causes.length === 0) return undefined;
  const owners = new Set(causes.map(({ message }) => /conflicts? with "([^"]+)"/.exec(message)?.[1] ?? 'another field manager'));
  return { owner: [...owners].join(', '), fields: causes.map(({ field }) => field) };
}

/** The values of a Secret: the API server repeats an invalid one in its answer. */
function secretsOf(manifest: Manifest): string[] {
  if (manifest.kind !== 'Secret') return [];
  const values = [manifest['data'], manifest['stringData']].flatMap(leaves);
  return [...values, ...values.map((value) => Buffer.from(value, 'base64').toString('utf8'))];
}

function leaves(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (isObject(value)) return Object.values(value).flatMap(leaves);
  return value === undefined || value === null ? [] : [String(value)];
}
