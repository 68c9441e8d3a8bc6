import type { Manifest } from '../../model/manifest';
import type { Plan, Step } from '../../model/plan';
import type { Rendering } from '../../model/rendering';
import { kubectlWords, passwordFile, plan, type PlanOptions, resourceSelector } from './plan';
import type { Revision } from './planRevision';
import { rolloutScripts, rolloutSteps, rolloutTargets } from './planRollout';
import { inMode } from './variants';

type Resource = { uuid: string; name: string };
/** A plan, and the files that go with it to the server. */
export type Planned = { plan: Plan; files: Record<string, string> };

const restartable = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

const renderingOf = (manifests: readonly Manifest[], namespace: string): Rendering => ({ namespace, manifests: [...manifests], findings: [], hostReferences: [] });

/** The namespace a revision lives in: that of its objects. */
function namespaceOf({ manifests }: Revision): string {
  return manifests.find((m) => m.metadata.namespace !== undefined)?.metadata.namespace ?? manifests.find((m) => m.kind === 'Namespace')?.metadata.name ?? 'default';
}

/** Starts every pod of the given objects anew, one after the other where the workload can. The annotation it writes is kubectl's own, so a later deployment does not fight over it. */
export function restartPlan(manifests: readonly Manifest[], namespace: string, resource: Resource, options: PlanOptions): Planned {
  const kubectl = [...kubectlWords(options), '--namespace', namespace];
  const workloads = manifests.filter((m) => restartable.has(m.kind));
  const targets = rolloutTargets(workloads);
  const restart: Step = { id: 'restart', stage: 'apply', title: 'Restart every workload', argv: [...kubectl, 'rollout', 'restart', ...targets], timeoutSeconds: 120 };
  const steps = targets.length === 0 ? [] : [restart, ...rolloutSteps(targets, { seconds: options.rolloutSeconds ?? 600, restarts: options.rolloutRestarts ?? 3, kubectl, selector: resourceSelector(resource) })];
  return { plan: { id: options.id, namespace, resource, ...(options.destination !== undefined && { destination: options.destination }), steps, scripts: rolloutScripts }, files: passwordFile(options) };
}

/** Scales to zero what a revision runs, and puts its schedules to sleep. Applied under our own field manager, so that starting again meets no conflict. */
export function stopPlan(revision: Revision, resource: Resource, options: PlanOptions): Planned {
  return plan(inMode(renderingOf(revision.manifests.filter((m) => m.kind !== 'Job'), namespaceOf(revision)), 'scaledToZero'), resource, { ...options, revision: false });
}

/** Brings back what was stopped, as the revision has it. */
export function startPlan(revision: Revision, resource: Resource, options: PlanOptions): Planned {
  return plan(renderingOf(revision.manifests.filter((m) => m.kind !== 'Job'), namespaceOf(revision)), resource, { ...options, revision: false });
}

/**
 * Applies an earlier revision again: a deployment like any other, with a revision of its own. Claims stay as they are now, since they cannot
 * shrink; what a job did to data is not undone, and jobs that ran are not run again.
 */
export function rollbackPlan(to: Revision, resource: Resource, options: PlanOptions, current?: Revision): Planned {
  const claims = new Map((current?.manifests ?? []).filter((m) => m.kind === 'PersistentVolumeClaim').map((m) => [m.metadata.name, m]));
  const manifests = to.manifests.filter((m) => m.kind !== 'Job').map((m) => (m.kind === 'PersistentVolumeClaim' ? claims.get(m.metadata.name) ?? m : m));
  return plan(renderingOf(manifests, namespaceOf(to)), resource, options);
}
