import type { Manifest } from '../../model/manifest';
import type { Plan, Step } from '../../model/plan';
import type { Rendering } from '../../model/rendering';
import { fieldManager, labelValue, resourceLabel } from './naming';
import { rolloutScripts, rolloutSteps, rolloutTargets } from './planRollout';

export interface PlanOptions {
  id: string;
  /** The command and its fixed arguments: `['kubectl']`, `['k3s', 'kubectl']`. */
  kubectl: string[];
  kubeconfigPath?: string;
  sudo?: boolean;
  /** How long all workloads together may take to become ready; 600 by default. */
  rolloutSeconds?: number;
  /** Restarts of a new container after which it counts as doomed; 3 by default. */
  rolloutRestarts?: number;
  /** Id of the destination, for lists of runs. */
  destination?: string;
}

/** What deploying a rendering does on the server. `files` go to the run on stdin; they hold the Secrets, so no step names a value. */
export function plan(rendering: Rendering, resource: { uuid: string; name: string }, options: PlanOptions): { plan: Plan; files: Record<string, string> } {
  const namespaces = rendering.manifests.filter((m) => m.kind === 'Namespace');
  const others = rendering.manifests.filter((m) => m.kind !== 'Namespace');
  const kubectl = kubectlWords(options);
  const steps = [
    ...(namespaces.length === 0 ? [] : [applyStep('namespace', 'validate', `Create namespace ${rendering.namespace}`, 'namespace.json', kubectl)]),
    applyStep('dry-run', 'validate', 'Let the API server check every object', 'manifests.json', kubectl, ['--dry-run=server']),
    applyStep('apply', 'apply', 'Apply every object', 'manifests.json', kubectl),
    ...rolloutSteps(rolloutTargets(others), {
      seconds: options.rolloutSeconds ?? 600, restarts: options.rolloutRestarts ?? 3, kubectl: [...kubectl, '--namespace', rendering.namespace], selector: resourceSelector(resource),
    }),
  ];
  return {
    plan: { id: options.id, namespace: rendering.namespace, resource, ...(options.destination !== undefined && { destination: options.destination }), steps, scripts: rolloutScripts },
    files: { ...(namespaces.length > 0 && { 'namespace.json': list(namespaces) }), 'manifests.json': list(others) },
  };
}

/** kubectl with its fixed arguments, as every step calls it. */
export function kubectlWords(options: Pick<PlanOptions, 'kubectl' | 'kubeconfigPath' | 'sudo'>): string[] {
  return [...(options.sudo === true ? ['sudo', '-n'] : []), ...options.kubectl, ...(options.kubeconfigPath === undefined ? [] : ['--kubeconfig', options.kubeconfigPath])];
}

/** Selects what was rendered from a resource, and nothing else. */
export function resourceSelector(resource: { uuid: string }): string {
  return `${resourceLabel}=${labelValue(resource.uuid)}`;
}

/** A v1 List: one document, in apply order, that kubectl and the API server take as it is. */
export function list(items: readonly Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** Server-side apply keeps Secrets out of the last-applied annotation; a conflict is somebody else's field and stops the run. */
export function applyStep(id: string, stage: Step['stage'], title: string, stdin: string, kubectl: string[], more: string[] = []): Step {
  const argv = [...kubectl, 'apply', '--server-side', `--field-manager=${fieldManager}`, '--force-conflicts=false', ...more, '-f', '-'];
  return { id, stage, title, argv, stdin, timeoutSeconds: 120 };
}
