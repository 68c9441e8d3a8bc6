import type { Manifest } from '../../model/manifest';
import type { Step } from '../../model/plan';
import { ownerLabel } from './naming';
import { retrying } from './planRetry';
import { pruned, type Revision } from './planRevision';
import { type RolloutOptions, rolloutStep, rolloutTargets } from './planRollout';

export interface ReturnOptions extends RolloutOptions {
  /** The deployment before, which worked. */
  to: Revision;
  /** What the failed deployment applied. */
  from: readonly Manifest[];
  /** Makes a step that applies a file. */
  apply: (id: string, title: string, file: string) => Step;
}

/** The deployment before as it is applied again: claims stay as they are, since they cannot shrink, and jobs that ran are not run again. */
export function returnManifests({ manifests }: Revision): Manifest[] {
  return manifests.filter(({ kind }) => !['Namespace', 'Job', 'PersistentVolumeClaim'].includes(kind));
}

/** What happens when the pods of a deployment do not become ready: the one before is applied again, and what only the failed one had goes. */
export function returnSteps({ to, from, apply, ...rollout }: ReturnOptions): Step[] {
  const targets = rolloutTargets(returnManifests(to));
  const added = pruned([{ ...to, manifests: [...from] }], to.manifests);
  const steps: Step[] = [
    apply('return', 'Go back to the deployment before', 'previous.json'),
    ...(added.length === 0 ? [] : [{ id: 'return-prune', stage: 'after' as const, title: 'Remove what only the failed deployment had', argv: ['sh', 'return.sh', `${rollout.selector},${ownerLabel}=coolify-kubernetes`, String(added.length), ...added, ...rollout.kubectl], timeoutSeconds: 120 }]),
    ...(targets.length === 0 ? [] : [{ ...rolloutStep(targets, { ...rollout, id: 'returned' }), stage: 'after' as const }]),
  ];
  return steps.map((step) => ({ ...step, when: { step: 'ready', exit: 'failed' } }));
}

export const returnScripts: Record<string, string> = {
  // $1 selector of what is ours, $2 number of names, names…, kubectl…
  'return.sh': String.raw`
owned=$1; count=$2; shift 2; : >return.names
while [ "$count" -gt 0 ]; do printf '%s\n' "$1" >>return.names; shift; count=$((count - 1)); done
failed=0
while read -r object; do
  ${retrying} "$@" delete "${'${object%%/*}'}" -l "$owned" --field-selector "metadata.name=${'${object#*/}'}" --ignore-not-found --wait=false </dev/null || failed=1
done <return.names
exit "$failed"
`,
};
