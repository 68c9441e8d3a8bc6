import type { Manifest } from '../../model/manifest';
import type { Step } from '../../model/plan';
import { labelValue, ownerLabel, resourceLabel } from './naming';
import { firstPatience, patiently } from './planRetry';

/** What a preview saw of one object. Without `uid` it was not there. */
export interface Expectation {
  kind: string;
  name: string;
  uid?: string;
  generation?: number;
}

/** Exits of the guard, for messages: something moved since the preview; something belongs to somebody else. */
export const movedExit = 76;
export const foreignExit = 77;
/** Exit of the guard when the namespace has to be made first. */
export const noNamespaceExit = 3;

export interface GuardOptions {
  kubectl: string[];
  /** Foreign objects that the user agreed to take over: `service/web`. */
  adopt: readonly string[];
  /** Absent: nothing was previewed, so nothing can have moved. */
  expect?: readonly Expectation[];
  /** The namespace is one of the objects. */
  namespace: boolean;
}

/** Reads what is there before anything is written: never touches an object that is not ours, and refuses a plan that was made for another state. */
export function guardStep(resource: { uuid: string }, { kubectl, adopt, expect, namespace }: GuardOptions): Step {
  const expected = (expect ?? []).map(({ kind, name, uid, generation }) => `${key(kind, name)}=${uid === undefined ? 'absent' : `${uid}:${generation === undefined ? '' : String(generation)}`}`);
  const argv = ['sh', 'guard.sh', labelValue(resource.uuid), namespace ? 'yes' : 'no', expect === undefined ? 'no' : 'yes', String(adopt.length), ...adopt.map((name) => name.toLowerCase()), String(expected.length), ...expected, ...patiently(kubectl, firstPatience)];
  return { id: 'guard', stage: 'validate', title: 'Check that every object is ours and as previewed', argv, stdin: 'objects.json', timeoutSeconds: 120 };
}

const key = (kind: string, name: string): string => `${kind.toLowerCase()}/${name}`;

/** The objects by identity only: enough to read them, and no Secret in it. */
export function identities(manifests: readonly Manifest[]): string {
  return JSON.stringify({
    apiVersion: 'v1', kind: 'List',
    items: manifests.map(({ apiVersion, kind, metadata: { name, namespace } }) => ({ apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } })),
  });
}

// Identity and owner; for the guard also whether it is a Job that failed, and all there is, quoted, so that any change can be seen.
const identity = `{{.kind}}{{"\\t"}}{{.metadata.name}}{{"\\t"}}{{.metadata.uid}}{{"\\t"}}{{.metadata.generation}}{{"\\t"}}` +
  `{{with .metadata.labels}}{{index . "${ownerLabel}"}}{{"\\t"}}{{index . "${resourceLabel}"}}{{else}}{{"\\t"}}{{end}}`;
const line = `${identity}{{"\\t"}}{{if eq .kind "Job"}}{{with .status}}{{range .conditions}}{{if and (eq .type "Failed") (eq .status "True")}}failed{{end}}{{end}}{{end}}{{end}}{{"\\t"}}{{printf "%#v" .}}{{"\\n"}}`;

const ofEach = (line: string): string => `{{define "object"}}${line}{{end}}{{if .items}}{{range .items}}{{template "object" .}}{{end}}{{else}}{{if .metadata.uid}}{{template "object" .}}{{end}}{{end}}`;

/** A template that prints kind, name, uid and generation of objects, and nothing of what is in them. */
export const identityTemplate = ofEach(`${identity}{{"\\n"}}`);

export const guardScripts: Record<string, string> = {
  'guard.tmpl': ofEach(line),
  // $1 resource label, $2 whether there has to be a namespace, $3 whether something is expected, $4 number of adopted, kind/name…, number of expected, kind/name=uid:generation…, kubectl…; stdin the objects
  'guard.sh': String.raw`
resource=$1; namespace=$2; checked=$3; count=$4; shift 4
# The objects may hold secrets, so they are kept where the run's secrets are.
live=$(cat private)/live
: >guard.adopt; : >guard.expect
while [ "$count" -gt 0 ]; do printf '%s\n' "$1" >>guard.adopt; shift; count=$((count - 1)); done
count=$1; shift
while [ "$count" -gt 0 ]; do printf '%s\t%s\n' "${'${1%%=*}'}" "${'${1#*=}'}" >>guard.expect; shift; count=$((count - 1)); done
"$@" get --ignore-not-found -f - -o go-template-file=guard.tmpl >"$live" || exit 1
awk -F '\t' -v resource="$resource" -v checked="$checked" -v namespace="$namespace" '
  FILENAME == "guard.adopt" { adopted[$1] = 1; next }
  FILENAME == "guard.expect" { expected[$1] = $2; next }
  {
    key = tolower($1) "/" $2; seen[key] = 1; if ($1 == "Namespace") namespace = "no"
    if ($5 != "coolify-kubernetes" && !(key in adopted)) { print key " exists already and was not made by this extension. Adopt it, or rename the resource or the namespace."; foreign = 1 }
    else if ($5 == "coolify-kubernetes" && $6 != resource && !(key in adopted)) { print key " belongs to another resource (" $6 ")."; foreign = 1 }
    if (checked == "yes") {
      split((key in expected ? expected[key] : "absent"), was, ":")
      if (was[1] == "absent") { print key " was made since the preview."; moved = 1 }
      else if (was[1] != $3) { print key " was made anew since the preview."; moved = 1 }
      else if (was[2] != "" && was[2] != $4) { print key " was changed since the preview (generation " was[2] ", now " $4 ")."; moved = 1 }
    }
  }
  END {
    for (key in expected) if (expected[key] != "absent" && !(key in seen)) { print key " was deleted since the preview."; moved = 1 }
    if (foreign) exit ${String(foreignExit)}
    if (moved) { print "Look at the changes again, then deploy."; exit ${String(movedExit)} }
    if (namespace == "yes") exit ${String(noNamespaceExit)}
  }' guard.adopt guard.expect "$live"; code=$?
[ "$code" -eq ${String(noNamespaceExit)} ] || exit "$code"
# A resource that was renamed in Coolify has another namespace now, and its volumes are in the one before. An account that may not list them learns nothing.
before=$("$@" get namespaces -l "${ownerLabel}=coolify-kubernetes,${resourceLabel}=$resource" -o name 2>/dev/null)
[ -z "$before" ] || { echo "$before holds this resource already, under an earlier name. To go on there, name it as the namespace in the destination; to begin anew, delete it first."; exit 1; }
exit "$code"
`,
};
