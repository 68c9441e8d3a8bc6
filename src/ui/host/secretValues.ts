import type { KubernetesDestination } from '../../model/destination';
import type { Sessions } from '../tree/session';
import { readInstances } from './settings';
import type { Translator } from './translator';

/** Values to mask in what a resource prints: read from Coolify each time, since they are kept nowhere. Empty when Coolify does not know the resource. */
export async function secretValuesOf({ translator, sessions }: { translator: Translator; sessions: Sessions }, origin: string | undefined, uuid: string, destination: KubernetesDestination): Promise<string[]> {
  const instance = readInstances().find((known) => known.origin === origin);
  if (instance === undefined) return [];
  const loaded = await sessions.load(instance);
  const resource = loaded.kind === 'ready' ? loaded.snapshot.resources.find((known) => known.uuid === uuid) : undefined;
  if (resource === undefined) return [];
  const { translated } = await translator.translate(instance, resource, destination, AbortSignal.timeout(30_000));
  return translated.deployment?.secrets ?? [];
}
