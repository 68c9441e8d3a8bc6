import type { Manifest } from '../../model/manifest';
import type { Plan, Step } from '../../model/plan';
import type { RegistryLogin } from '../../model/registryLogin';
import type { Rendering } from '../../model/rendering';
import { labelValue, ownerLabel, resourceLabel } from './naming';
import { applyStep } from './planApply';
import { type BuildOptions, buildScripts, buildSteps } from './planBuild';
import { checkScripts, checkStep, ifChanged } from './planCheck';
import { type Expectation, guardScripts, guardStep, identities, noNamespaceExit } from './planGuard';
import { hookFile, hookScripts, hookSteps } from './planHooks';
import { leaseScripts, leaseStep } from './planLease';
import { pullSecret, pullSecretFile, pullSecretStep, registryScripts } from './planRegistry';
import { retrying, retryScripts } from './planRetry';
import { returnManifests, returnScripts, returnSteps } from './planReturn';
import { inventoryFile, type Revision, revisionScripts, revisionSecrets, revisionSelector, revisionSteps } from './planRevision';
import { rolloutScripts, rolloutSteps, rolloutTargets } from './planRollout';
import { waves } from './planWaves';

export interface PlanOptions {
  id: string;
  /** The command and its fixed arguments: `['kubectl']`, `['k3s', 'kubectl']`. */
  kubectl: string[];
  kubeconfigPath?: string;
  sudo?: boolean;
  /** What sudo asks for; it travels in a file of the run. Absent: sudo asks for nothing. */
  sudoPassword?: string;
  /** How long all workloads together may take to become ready; 600 by default. */
  rolloutSeconds?: number;
  /** Restarts of a new container after which it counts as doomed; 3 by default. */
  rolloutRestarts?: number;
  /** Id of the destination, for lists of runs. */
  destination?: string;
  /** What to do while another run of this resource goes on, here or on another machine; it waits by default. Refused is exit 75. */
  whenBusy?: 'wait' | 'refuse';
  /** The objects as the preview saw them; when one moved since, the run ends with exit 76 before anything is written. */
  expect?: readonly Expectation[];
  /** Objects of others that the user agreed to take over: `service/web`. Without that the run ends with exit 77. */
  adopt?: readonly string[];
  /** The user agreed that claims which are no longer part of the resource are deleted with their data. */
  pruneVolumes?: boolean;
  /** Signs in to the destination's registry where images are fetched and pushed; with a name, the namespace gets it as its pull Secret. */
  registry?: RegistryLogin & { pullSecret?: string };
  /** Images that are made first. */
  builds?: BuildOptions;
  /** The deployment before, when the run is to go back to it should the pods not become ready. */
  returnTo?: Revision;
  /** False for what is no new state of the resource, as a stop. */
  revision?: boolean;
}

/** What deploying a rendering does on the server. `files` go to the run on stdin; they hold the Secrets, so no step names a value. */
export function plan(rendering: Rendering, resource: { uuid: string; name: string }, options: PlanOptions): { plan: Plan; files: Record<string, string> } {
  const namespaces = rendering.manifests.filter((m) => m.kind === 'Namespace');
  const others = rendering.manifests.filter((m) => m.kind !== 'Namespace');
  const all = [...namespaces, ...others];
  const kubectl = kubectlWords(options);
  const inNamespace = [...kubectl, '--namespace', rendering.namespace];
  const keeps = options.revision !== false;
  // A stop is no deployment.
  const hooks = keeps ? rendering.hooks ?? [] : [];
  const secrets = keeps ? revisionSecrets(rendering.manifests, resource, rendering.namespace, options.id) : [];
  const jobs = others.filter((m) => m.kind === 'Job').map((m) => m.metadata.name);
  const { registry } = options;
  const built = options.builds === undefined ? undefined : buildSteps({ ...options.builds, ...(options.builds.push && registry && { push: { login: registry } }) });
  const pulls = registry?.pullSecret;
  const rollout = { seconds: options.rolloutSeconds ?? 600, restarts: options.rolloutRestarts ?? 3, kubectl: inNamespace, selector: resourceSelector(resource) };
  const first = waves(others);
  const targets = rolloutTargets(others);
  const steps = [
    ...(built?.steps ?? []),
    guardStep(resource, { kubectl, namespace: namespaces.length > 0, adopt: options.adopt ?? [], ...(options.expect !== undefined && { expect: options.expect }) }),
    ...(namespaces.length === 0 ? [] : [{ ...applyStep('namespace', 'validate', `Create namespace ${rendering.namespace}`, 'namespace.json', kubectl), when: { step: 'guard', exit: noNamespaceExit } }]),
    leaseStep(resource, { runId: options.id, kubectl: inNamespace, patience: options.whenBusy === 'refuse' ? 0 : leasePatience }),
    // A command before the deployment may change what runs, so nothing is read ahead of it.
    checkStep({ kubectl, namespace: rendering.namespace, objects: all.length, workloads: targets.length === 0 || hooks.length > 0 ? '' : rollout.selector, revisions: keeps ? revisionSelector(resource) : '' }),
    ...(pulls === undefined ? [] : [pullSecretStep(pulls, kubectl)]),
    ...(jobs.length === 0 ? [] : [ifChanged(failedJobsStep(jobs, inNamespace))]),
    ...hookSteps(hooks, 'before', inNamespace),
    ...first.flatMap((wave, index) => [
      applyStep(`wave-${String(index + 1)}`, 'apply', 'Apply what others wait for', `wave-${String(index + 1)}.json`, kubectl),
      ...rolloutSteps(wave.jobs, { ...rollout, id: `done-${String(index + 1)}` }),
    ]).map(ifChanged),
    ifChanged(applyStep('apply', 'apply', 'Apply every object', 'manifests.json', kubectl)),
    ...rolloutSteps(targets, rollout),
    ...(options.returnTo === undefined ? [] : returnSteps({ ...rollout, to: options.returnTo, from: others, apply: (id, title, file) => applyStep(id, 'after', title, file, kubectl) })),
    ...hookSteps(hooks, 'after', inNamespace),
    ...(keeps ? revisionSteps(resource, rendering.manifests, kubectl, inNamespace, { volumes: options.pruneVolumes === true }) : []),
  ];
  const { destination, whenBusy } = options;
  return {
    plan: {
      id: options.id, namespace: rendering.namespace, resource, ...(destination !== undefined && { destination }), ...(whenBusy !== undefined && { whenBusy }), steps,
      scripts: { ...retryScripts, ...guardScripts, ...leaseScripts, ...checkScripts, ...(pulls !== undefined && registryScripts), ...jobScripts, ...rolloutScripts, ...(built && buildScripts), ...(keeps && revisionScripts), ...(options.returnTo && returnScripts), ...(hooks.length > 0 && hookScripts) },
    },
    files: {
      ...(registry && pulls !== undefined && { [pullSecretFile]: list([pullSecret(registry, pulls, rendering.namespace)]) }), ...passwordFile(options), 'objects.json': identities(rendering.manifests), ...(namespaces.length > 0 && { 'namespace.json': list(namespaces) }), 'manifests.json': list(all), ...Object.fromEntries(first.map((wave, index) => [`wave-${String(index + 1)}.json`, list(wave.manifests)])),
      ...(options.returnTo && { 'previous.json': list(returnManifests(options.returnTo)) }), ...built?.files, ...Object.fromEntries(hooks.map((hook) => [hookFile(hook), hook.command])), ...(keeps && { 'revision.json': list(secrets), 'inventory.txt': inventoryFile(rendering.manifests) }),
    },
  };
}

/** How long a run waits for another machine's Lease. Seconds. */
const leasePatience = 600;

/** A Job that failed cannot be changed and would never run again, so it makes room for a new try. */
function failedJobsStep(names: readonly string[], kubectl: string[]): Step {
  return { id: 'failed-jobs', stage: 'apply', title: 'Remove jobs that failed before', argv: ['sh', 'jobs.sh', String(names.length), ...names, ...kubectl], timeoutSeconds: 120 };
}

const jobScripts: Record<string, string> = {
  'jobs.tmpl': `{{range .items}}{{$name := .metadata.name}}{{if eq (index .metadata.labels "${ownerLabel}") "coolify-kubernetes"}}{{range .status.conditions}}{{if and (eq .type "Failed") (eq .status "True")}}{{$name}}{{"\\n"}}{{end}}{{end}}{{end}}{{end}}`,
  // $1 number of names, names…, kubectl…
  'jobs.sh': String.raw`
count=$1; shift; : >jobs.wanted
while [ "$count" -gt 0 ]; do printf '%s\n' "$1" >>jobs.wanted; shift; count=$((count - 1)); done
${retrying} "$@" get jobs -l "${ownerLabel}=coolify-kubernetes" -o go-template-file=jobs.tmpl >jobs.failed || exit 1
grep -xF -f jobs.wanted jobs.failed | while read -r name; do ${retrying} "$@" delete job "$name" --wait=true --timeout=60s </dev/null || exit 1; done
`,
};

/** kubectl with its fixed arguments, as every step calls it. */
export function kubectlWords(options: Pick<PlanOptions, 'kubectl' | 'kubeconfigPath' | 'sudo' | 'sudoPassword'>): string[] {
  return [...(options.sudo === true ? ['sudo', options.sudoPassword === undefined ? '-n' : '-A'] : []), ...options.kubectl, ...(options.kubeconfigPath === undefined ? [] : ['--kubeconfig', options.kubeconfigPath])];
}

/** Where the runner finds what sudo asks for. */
export function passwordFile({ sudoPassword }: Pick<PlanOptions, 'sudoPassword'>): Record<string, string> {
  return sudoPassword === undefined ? {} : { 'sudo-password': `${sudoPassword}\n` };
}

/** Selects what was rendered from a resource, and nothing else. */
export function resourceSelector(resource: { uuid: string }): string {
  return `${resourceLabel}=${labelValue(resource.uuid)}`;
}

/** A v1 List: one document, in apply order, that kubectl and the API server take as it is. */
export function list(items: readonly Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
