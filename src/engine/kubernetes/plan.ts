import type { Manifest } from '../../model/manifest';
import type { Plan, Step } from '../../model/plan';
import type { Rendering } from '../../model/rendering';
import { fieldManager } from './naming';

export interface PlanOptions {
  id: string;
  /** The command and its fixed arguments: `['kubectl']`, `['k3s', 'kubectl']`. */
  kubectl: string[];
  kubeconfigPath?: string;
  sudo?: boolean;
  /** How long one workload may take to become ready. */
  rolloutSeconds?: number;
}

const rollsOut = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** What deploying a rendering does on the server. `files` go to the run on stdin; they hold the Secrets, so no step names a value. */
export function plan(rendering: Rendering, resource: { uuid: string; name: string }, options: PlanOptions): { plan: Plan; files: Record<string, string> } {
  const namespaces = rendering.manifests.filter((m) => m.kind === 'Namespace');
  const others = rendering.manifests.filter((m) => m.kind !== 'Namespace');
  const kubectl = [...(options.sudo === true ? ['sudo', '-n'] : []), ...options.kubectl, ...(options.kubeconfigPath === undefined ? [] : ['--kubeconfig', options.kubeconfigPath])];
  const seconds = options.rolloutSeconds ?? 600;
  const steps = [
    ...(namespaces.length === 0 ? [] : [applyStep('namespace', 'validate', `Create namespace ${rendering.namespace}`, 'namespace.json', kubectl)]),
    applyStep('dry-run', 'validate', 'Let the API server check every object', 'manifests.json', kubectl, ['--dry-run=server']),
    applyStep('apply', 'apply', 'Apply every object', 'manifests.json', kubectl),
    ...others.flatMap((manifest) => readiness(manifest, rendering.namespace, kubectl, seconds)),
  ];
  return {
    plan: { id: options.id, namespace: rendering.namespace, resource, steps },
    files: { ...(namespaces.length > 0 && { 'namespace.json': list(namespaces) }), 'manifests.json': list(others) },
  };
}

/** A v1 List: one document, in apply order, that kubectl and the API server take as it is. */
function list(items: Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** Server-side apply keeps Secrets out of the last-applied annotation; a conflict is somebody else's field and stops the run. */
function applyStep(id: string, stage: Step['stage'], title: string, stdin: string, kubectl: string[], more: string[] = []): Step {
  const argv = [...kubectl, 'apply', '--server-side', `--field-manager=${fieldManager}`, '--force-conflicts=false', ...more, '-f', '-'];
  return { id, stage, title, argv, stdin, timeoutSeconds: 120 };
}

function readiness(manifest: Manifest, fallback: string, kubectl: string[], seconds: number): Step[] {
  const kind = manifest.kind.toLowerCase();
  const target = `${kind}/${manifest.metadata.name}`;
  const inNamespace = [...kubectl, '--namespace', manifest.metadata.namespace ?? fallback];
  const wait = rollsOut.has(manifest.kind) ? ['rollout', 'status', `--timeout=${seconds}s`, target]
    : manifest.kind === 'Job' ? ['wait', '--for=condition=complete', `--timeout=${seconds}s`, target] : undefined;
  if (wait === undefined) return [];
  const id = `ready-${kind}-${manifest.metadata.name}`;
  // kubectl ends with 1 when the time is up; the step's own limit only catches a kubectl that hangs.
  const step: Step = { id, stage: 'roll out', title: `Wait for ${target}`, argv: [...inNamespace, ...wait], timeoutSeconds: seconds + 30 };
  return [step, ...dump(id, target, inNamespace)];
}

/** What a person needs to see why a workload did not become ready; kept in the run's log. */
function dump(after: string, target: string, inNamespace: string[]): Step[] {
  const when = { step: after, exit: 1 };
  const show = (name: string, title: string, argv: string[]): Step => ({ id: `${after}-${name}`, stage: 'after', title, argv: [...inNamespace, ...argv], when, timeoutSeconds: 60 });
  return [
    show('pods', 'Pods', ['get', 'pods', '-o', 'wide']),
    show('events', 'Events', ['get', 'events', '--sort-by=.lastTimestamp']),
    show('logs', `Last log lines of ${target}`, ['logs', target, '--all-containers', '--tail=100', '--pod-running-timeout=5s']),
  ];
}
