import { buildOptions, codeProblem, deployKeyIds, unresolvedCode } from '../engine/kubernetes/builds';
import type { BuildOptions } from '../engine/kubernetes/planBuild';
import type { KubernetesDestination } from '../model/destination';
import type { Rendering } from '../model/rendering';
import { type ImageTools, resolveCommit } from '../run';
import type { Connection } from '../ssh';
import { translationAt } from '../translate';
import type { Deployable } from './deployInput';

/** A rendering that can be deployed: with the newest commit of the code in the images' names, and how they are made. A string says why not. */
export async function withBuilds({ translation, deployKeys }: Deployable, destination: KubernetesDestination, connection: Connection, images: ImageTools, signal: AbortSignal): Promise<{ rendering: Rendering; builds?: BuildOptions } | string> {
  const { builds } = translation.rendering;
  if (builds === undefined) return { rendering: translation.rendering };
  const keys = await deployKeys(deployKeyIds(builds), signal);
  const code = unresolvedCode(builds);
  const problem = code && codeProblem(code, keys);
  if (problem !== undefined) return problem;
  const deployKey = code?.credentials.kind === 'deployKey' ? keys.get(code.credentials.privateKeyId) : undefined;
  const { rendering } = code === undefined ? translation : translationAt(translation, await resolveCommit(connection, { ...code, ...(deployKey !== undefined && { deployKey }) }, signal), destination);
  const options = buildOptions(rendering.builds ?? [], destination.registry !== undefined, { ...images, deployKeys: keys });
  return typeof options === 'string' ? options : { rendering, builds: options };
}
