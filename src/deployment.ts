import { inMode, type DeploymentMode } from './engine/kubernetes/variants';
import { plan, type PlanOptions } from './engine/kubernetes/plan';
import { unresolvedCode } from './engine/kubernetes/builds';
import type { GitSource } from './model/build';
import type { Finding } from './model/finding';
import type { Manifest } from './model/manifest';
import type { Plan } from './model/plan';
import type { Rendering } from './model/rendering';
import { isObject } from './text/json';
import { secretsOf } from './secretValues';
import type { Translation } from './translate';

export type { DeploymentMode } from './engine/kubernetes/variants';

/** All that deploying needs, and what a person should know before. Holds secrets: never shown, never stored. */
export interface Deployment {
  rendering: Rendering;
  secrets: string[];
  facts: DeploymentFacts;
  /** Code whose newest commit is not known yet. */
  code?: GitSource;
}

export interface DeploymentFacts {
  namespace: string;
  objects: number;
  /** What Coolify says: its containers are running now; undefined when it does not say. */
  running?: boolean;
  /** Claims that start empty, whatever the Docker volumes hold. */
  claims: string[];
  /** CronJobs: they would run on both sides. */
  scheduled: string[];
  refused: Finding[];
  warnings: number;
  /** Images that are built on the server first. */
  builds: string[];
}

export function deployment({ stack, rendering }: Translation): Deployment {
  const { manifests, findings } = rendering;
  const code = unresolvedCode(rendering.builds ?? []);
  return {
    rendering, secrets: secretsOf(stack), ...(code !== undefined && { code }),
    facts: {
      namespace: rendering.namespace, objects: manifests.length, ...(stack.running !== undefined && { running: stack.running }),
      claims: manifests.flatMap(claimsOf), scheduled: manifests.filter(({ kind }) => kind === 'CronJob').map(({ metadata }) => metadata.name),
      refused: findings.filter(({ decision }) => decision === 'refused'), warnings: findings.filter(({ severity }) => severity !== 'info').length, builds: (rendering.builds ?? []).map(({ image }) => image),
    },
  };
}

function claimsOf(manifest: Manifest): string[] {
  if (manifest.kind === 'PersistentVolumeClaim') return [manifest.metadata.name];
  const spec: unknown = manifest['spec'];
  const templates = manifest.kind === 'StatefulSet' && isObject(spec) && Array.isArray(spec['volumeClaimTemplates']) ? spec['volumeClaimTemplates'] : [];
  return templates.flatMap((template) => (isObject(template) && isObject(template['metadata']) && typeof template['metadata']['name'] === 'string' ? [template['metadata']['name']] : []));
}

/** The plan of a deployment in a mode, and the files of the run. */
export function deploymentPlan(rendering: Rendering, mode: DeploymentMode, resource: { uuid: string; name: string }, options: PlanOptions): { plan: Plan; files: Record<string, string> } {
  return plan(inMode(rendering, mode), resource, options);
}
