import { writeFileSync } from 'node:fs';
import { type Expectation, identities, identityTemplate } from '../engine/kubernetes/planGuard';
import type { Manifest } from '../model/manifest';
import { runWords } from '../run';
import { type Connection, SshError } from '../ssh';
import { isObject, type Json } from '../text/json';
import { readText } from './textFile';

/** What `diff --save` saw of the cluster, for `deploy --expect`: identities only, so the file holds no secret. */
interface SavedState { resource: string; expect: Expectation[] }

/** Asks which of the objects are there, and in which state. */
async function expectationsOf(connection: Connection, kubectl: readonly string[], manifests: readonly Manifest[], signal: AbortSignal): Promise<Expectation[]> {
  const words = [...kubectl, 'get', '--ignore-not-found', '-f', '-', '-o', `go-template=${identityTemplate}`];
  const { exit, stdout, stderr } = await runWords(connection, words, { stdin: identities(manifests), signal });
  if (exit.kind === 'lost') throw new SshError('lost', `The connection to ${connection.host} was lost.`, 'Try again.');
  if (exit.kind !== 'exit' || exit.code !== 0) throw new Error(`The state of the cluster cannot be read: ${stderr.trim()}`);
  const live = new Map(stdout.split('\n').map((line) => line.split('\t')).map(([kind = '', name = '', uid = '', generation = '']) => [`${kind}/${name}`, { uid, generation: Number(generation) }]));
  return manifests.map(({ kind, metadata: { name } }) => {
    const found = live.get(`${kind}/${name}`);
    return { kind, name, ...(found && { uid: found.uid, ...(Number.isInteger(found.generation) && { generation: found.generation }) }) };
  });
}

export async function saveState(file: string, resource: { uuid: string }, connection: Connection, kubectl: readonly string[], manifests: readonly Manifest[], signal: AbortSignal): Promise<void> {
  const state: SavedState = { resource: resource.uuid, expect: await expectationsOf(connection, kubectl, manifests, signal) };
  writeFileSync(file, `${JSON.stringify(state, null, 2)}\n`);
}

/** The state that a deployment expects; a string says what is wrong with the file. */
export function readSavedState(file: string, resource: { uuid: string }): Expectation[] | string {
  const text = readText(file);
  if (typeof text === 'object') return `${file}: ${text.problem}`;
  const value = parse(text);
  if (!isObject(value) || typeof value['resource'] !== 'string' || !Array.isArray(value['expect'])) return `${file}: this was not written by diff --save.`;
  if (value['resource'] !== resource.uuid) return `${file}: this was saved for ${value['resource']}, not for ${resource.uuid}.`;
  const expect = value['expect'].map(readExpectation);
  return expect.includes(undefined) ? `${file}: this was not written by diff --save.` : expect.filter((one) => one !== undefined);
}

function readExpectation(value: Json): Expectation | undefined {
  if (!isObject(value) || typeof value['kind'] !== 'string' || typeof value['name'] !== 'string') return undefined;
  const { kind, name, uid, generation } = value;
  return { kind, name, ...(typeof uid === 'string' && { uid }), ...(typeof generation === 'number' && { generation }) };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
