import { CoolifyClient } from '../coolify/client';
import { isCoolifyError } from '../coolify/errors';
import type { KubernetesDestination } from '../model/destination';
import type { ResourceKind } from '../model/instance';
import { secretsOf } from '../secretValues';
import { translateBundle, type Translation } from '../translate';
import { secretFile } from './deployTarget';
import { findInputs } from './inputs';
import { readText } from './textFile';
import { translateInput } from './translateInput';

export interface Deployable {
  translation: Translation;
  resource: { uuid: string; name: string };
  secrets: string[];
  /** Texts of the keys that fetch the code, by Coolify's numbers. */
  deployKeys: (ids: readonly number[], signal: AbortSignal) => Promise<ReadonlyMap<number, string>>;
}

const coolifyInput = /^coolify:(application|service|database)\/([A-Za-z0-9-]+)$/;

/** One resource: a compose file or bundle, or `coolify:KIND/UUID` from an instance. A string says why there is none. */
export async function readDeployable(given: readonly string[], destination: KubernetesDestination, seed: string | undefined, signal: AbortSignal): Promise<Deployable | string> {
  const [name, ...more] = given;
  if (name === undefined || more.length > 0) return 'Name one resource: a compose file, a bundle, or coolify:application/UUID.';
  const remote = coolifyInput.exec(name);
  const translation = remote === null ? translateFile(name, destination, seed) : await translateRemote(remote[1] as ResourceKind, remote[2] ?? '', destination, signal);
  if (typeof translation === 'string') return translation;
  const { stack } = translation;
  return { translation, resource: { uuid: stack.uuid, name: stack.name }, secrets: secretsOf(stack), deployKeys: remote === null ? keyOfFile : async (ids, stop) => coolify().deployKeys(ids, stop) };
}

function translateFile(name: string, destination: KubernetesDestination, seed: string | undefined): Translation | string {
  const inputs = [...findInputs([name])].filter((input) => input.kind !== 'skipped');
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) return `${name} holds ${String(inputs.length)} resources; name one.`;
  if (input.kind === 'bad') return input.message;
  // Generated passwords would be other ones at every deployment.
  if (input.kind === 'compose' && seed === undefined && /SERVICE_(PASSWORD|USER|BASE64|REALBASE64|HEX)/.test(input.text)) return `${name} has generated passwords, so it needs --seed-file: the same file gives the same passwords.`;
  const translation = translateInput(input, destination, seed);
  return 'rendering' in translation ? translation : `${name}: ${translation.message}.`;
}

async function translateRemote(kind: ResourceKind, uuid: string, destination: KubernetesDestination, signal: AbortSignal): Promise<Translation | string> {
  const { url, token } = coolifyAccess();
  if (url === '' || token === '') return 'Set COOLIFY_URL, and COOLIFY_TOKEN or COOLIFY_TOKEN_FILE.';
  try {
    const translation = translateBundle(await coolify().bundle(kind, uuid, signal), destination);
    return 'rendering' in translation ? translation : `${kind} ${uuid}: ${translation.message}.`;
  } catch (error) {
    if (isCoolifyError(error)) return error.message;
    throw error;
  }
}

function coolifyAccess(): { url: string; token: string } {
  const { COOLIFY_URL: url = '', COOLIFY_TOKEN, COOLIFY_TOKEN_FILE: file } = process.env;
  return { url, token: COOLIFY_TOKEN ?? (file === undefined ? '' : secretFile(file)) };
}

const coolify = (): CoolifyClient => new CoolifyClient(coolifyAccess());

/** A bundle of a file has its key in a file, too. */
function keyOfFile(ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const file = process.env['DEPLOY_KEY_FILE'];
  const text = file === undefined ? undefined : readText(file);
  if (typeof text === 'object') return Promise.reject(new Error(`${file ?? ''}: ${text.problem}`));
  return Promise.resolve(new Map(text === undefined ? [] : ids.map((id) => [id, text])));
}
