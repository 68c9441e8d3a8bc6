import type { Step } from '../../model/plan';
import { applyWords } from './planApply';
import { retrying, frugal } from './planRetry';
import { revisionsAhead, revisionsTemplate } from './planRevision';
import { podsAhead, rolloutKinds, rolloutTemplate } from './planRollout';

/** Exit of the check when something has to be applied; it ends with 0 when the cluster is as it should be, to the last field. */
export const changedExit = 3;

export interface CheckOptions {
  kubectl: readonly string[];
  namespace: string;
  /** How many objects there are. */
  objects: number;
  /** Selector of the workloads whose state is read along; empty when nobody waits for any. */
  workloads: string;
  /** Selector of the revisions that are read along; empty when none is kept. */
  revisions: string;
}

/**
 * Lets the API server check every object without writing any, and compares its answer with what the guard read: managed fields and resource
 * version are part of it, so what is equal was not touched in between and would not be touched by an apply either.
 */
export function checkStep({ kubectl, namespace, objects, workloads, revisions }: CheckOptions): Step {
  return { id: 'dry-run', stage: 'validate', title: 'Let the API server check every object', argv: ['sh', 'check.sh', String(objects), workloads, revisions, namespace, ...kubectl], stdin: 'manifests.json', timeoutSeconds: 240 };
}

/** A step that is needed only when something changes. */
export function ifChanged(step: Step): Step {
  return { ...step, when: step.when ?? { step: 'dry-run', exit: changedExit } };
}

export const checkScripts: Record<string, string> = {
  // $1 number of objects, $2 selector of workloads, $3 selector of revisions, $4 namespace, kubectl…; stdin the objects
  'check.sh': String.raw`
${frugal}
objects=$1; workloads=$2; revisions=$3; namespace=$4; shift 4
private=$(cat private)
# What the next steps read, if nothing changes, is read beside the check.
ahead() { file=$1; shift; "$@" --namespace "$namespace" --request-timeout=15s >"$file.new" 2>/dev/null && mv -- "$file.new" "$file"; }
if [ "$(wc -l <"$private/live")" -eq "$objects" ]; then
  [ -z "$workloads" ] || ahead ${podsAhead} "$@" get ${rolloutKinds} -l "$workloads" -o go-template-file=${rolloutTemplate} &
  [ -z "$revisions" ] || ahead ${revisionsAhead} "$@" get secrets -l "$revisions" -o go-template-file=${revisionsTemplate} &
fi
${retrying} "$@" ${applyWords.join(' ')} --dry-run=server -o go-template-file=guard.tmpl -f - >"$private/wanted"; code=$?
wait
[ "$code" -eq 0 ] || exit "$code"
# A Job that failed is as it was, and has to run again all the same.
awk -F '\t' -v objects="$objects" '
  { key = tolower($1) "/" $2 }
  FILENAME ~ /live$/ { live[key] = $0; if ($7 != "") differs = 1; next }
  { seen++; if (!(key in live)) { differs = 1; print key " is new." } else if (live[key] != $0) differs = 1 }
  END { exit differs || seen != objects ? ${String(changedExit)} : 0 }' "$private/live" "$private/wanted"; code=$?
rm -f -- "$private/live" "$private/wanted"
if [ "$code" -eq 0 ]; then echo 'Nothing changes.'; else rm -f -- ${podsAhead} ${revisionsAhead}; fi
exit "$code"
`,
};
