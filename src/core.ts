import { clusterDiff as diff, revisionDiff as diffRevisions, type DiffFile, type ObjectPair } from './diff/clusterDiff';
import { Placeholders } from './diff/mask';
import { deployment, deploymentPlan, type Deployment } from './deployment';
import { preview, type Preview } from './preview';
import { fieldManager, ownerLabel, resourceLabel } from './engine/kubernetes/naming';
import { typicalObjects } from './engine/kubernetes/typicalObjects';
import { maskText } from './text/masking';
import { plainJson } from './text/json';
import { writeYaml } from './text/yaml';
import { translateBundle as translate, translationAt } from './translate';
import type { KubernetesDestination, Neighbours } from './model/destination';
import type { Finding } from './model/finding';
import type { Bundle } from './model/instance';
import type { Manifest } from './model/manifest';

export { assessmentReport, type Assessed } from './assessment';
export type { Deployment, DeploymentFacts, DeploymentMode } from './deployment';
export type { DiffFile, ObjectPair } from './diff/clusterDiff';
export type { Preview } from './preview';
export type { Problem } from './problems';
export { restartPlan, rollbackPlan, startPlan, stopPlan, type Planned } from './engine/kubernetes/planOperations';
export { readRevisions, revisionSelector, type Revision } from './engine/kubernetes/planRevision';
export type { Expectation } from './engine/kubernetes/planGuard';
export type { BuildOptions } from './engine/kubernetes/planBuild';
export type { PlanOptions } from './engine/kubernetes/plan';
export { buildOptions, codeProblem, deployKeyIds, type BuildMeans } from './engine/kubernetes/builds';
export { neighboursOf } from './neighbours';
export { resourceSelector } from './engine/kubernetes/plan';
export { deploymentPlan, fieldManager, maskText, ownerLabel, resourceLabel, typicalObjects };

/** A bundle translated for the editor: what to show, and what a deployment needs; the latter is absent when nothing could be read. */
export interface Translated { preview: Preview; deployment?: Deployment; unresolvedHosts: string[] }

/** The bundle's entry for the extension. `commit`: what the branch of the code is at. */
export function translateBundle(bundle: Bundle, destination: KubernetesDestination, neighbours: Neighbours = new Map(), commit?: string): Translated {
  const read = translate(bundle, destination, neighbours);
  const translation = commit !== undefined && 'rendering' in read ? translationAt(read, commit, destination, neighbours) : read;
  if (!('rendering' in translation)) return { preview: { today: [], files: [], problems: [], findings: [unreadable(bundle, translation.message)] }, unresolvedHosts: [] };
  const unresolved = translation.rendering.hostReferences.filter(({ resolved }) => !resolved).map(({ host }) => host);
  return { preview: preview(bundle, translation), deployment: deployment(translation), unresolvedHosts: [...new Set(unresolved)] };
}

function unreadable(bundle: Bundle, message: string): Finding {
  return { code: 'CK1015', decision: 'refused', severity: 'error', origin: { source: bundle.kind, path: '' }, message: `${message}.`, fix: 'Check what the token may read.' };
}

/** Live objects beside what a server-side apply would make of them, masked. */
export function clusterDiff(pairs: readonly ObjectPair[], secrets: readonly string[]): DiffFile[] {
  return diff(pairs, new Placeholders(), secrets);
}

/** An earlier deployment beside a later one, masked. */
export function revisionDiff(before: readonly Manifest[], after: readonly Manifest[], secrets: readonly string[]): DiffFile[] {
  return diffRevisions(before, after, new Placeholders(), secrets);
}

/** An object as a person reads it. Not masked: only for what holds no secrets. */
export function manifestYaml(manifest: Manifest): string {
  return writeYaml(plainJson(manifest));
}
