import type { GitSource } from '../../model/build';
import { commitIsKnown } from '../../stack/imageTag';
import type { RenderedBuild } from '../../model/rendering';
import type { BuildOptions } from './planBuild';

/** What the server can make images with, and the texts of Coolify's deploy keys by their ids. */
export interface BuildMeans { docker?: string[]; importWith?: string[]; deployKeys: ReadonlyMap<number, string> }

/** How the images of a resource are made and delivered; a sentence where that cannot be. */
export function buildOptions(builds: readonly RenderedBuild[], hasRegistry: boolean, { docker, importWith, deployKeys }: BuildMeans): BuildOptions | string {
  const push = hasRegistry || builds.every(({ build }) => build.named);
  if (docker === undefined) return 'Images have to be built, and no Docker daemon answers on the server.';
  if (!push && importWith === undefined) return 'Images have to be built, and there is nowhere to put them: the destination names no registry, and the server has no client for the containerd of its cluster (ctr).';
  const requests: BuildOptions['requests'][number][] = [];
  for (const { image, build } of builds) {
    const { source } = build;
    const problem = source.kind === 'git' ? codeProblem(source, deployKeys) : undefined;
    if (problem !== undefined) return problem;
    const key = source.kind === 'git' && source.credentials.kind === 'deployKey' ? deployKeys.get(source.credentials.privateKeyId) : undefined;
    requests.push({ image, build, ...(key !== undefined && { deployKey: key }) });
  }
  return { requests, docker, ...(push ? { push: {} } : { importWith: importWith ?? [] }) };
}

/** Code that is asked for by its branch: its newest commit has to be known before its image has a name. */
export function unresolvedCode(builds: readonly RenderedBuild[]): GitSource | undefined {
  return builds.map(({ build }) => build.source).find((source): source is GitSource => source.kind === 'git' && !commitIsKnown(source.commit));
}

/** Coolify's numbers of the keys that fetch the code. */
export function deployKeyIds(builds: readonly RenderedBuild[]): number[] {
  return builds.flatMap(({ build: { source } }) => (source.kind === 'git' && source.credentials.kind === 'deployKey' ? [source.credentials.privateKeyId] : []));
}

/** Why code cannot be fetched with what Coolify's API gives out. */
export function codeProblem({ repository, credentials }: GitSource, deployKeys: ReadonlyMap<number, string>): string | undefined {
  if (credentials.kind === 'app') return `${repository} is fetched through a GitHub App, whose key never leaves Coolify. Give the application a deploy key, or name an image that is built elsewhere.`;
  if (credentials.kind === 'deployKey' && !deployKeys.has(credentials.privateKeyId)) return `The deploy key of ${repository} cannot be read: the token lacks read:sensitive, or the key is gone.`;
  return undefined;
}
