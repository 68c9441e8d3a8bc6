import type { Manifest } from '../../model/manifest';
import type { Step } from '../../model/plan';
import { isObject } from '../../text/json';
import { rolloutVerdict } from './planRolloutVerdict';

/** Kinds whose state tells how a roll-out goes, the template that prints it, and where the check has left it when nothing changed since. */
export const rolloutKinds = 'deployments,replicasets,statefulsets,daemonsets,jobs,pods';
export const rolloutTemplate = 'rollout.tmpl';
export const podsAhead = 'rollout.ahead';

const rollsOut = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);

export interface RolloutOptions {
  /** How long everything together may take to become ready. */
  seconds: number;
  /** Restarts of a new container after which it counts as doomed. */
  restarts: number;
  /** kubectl with its fixed arguments, the namespace among them. */
  kubectl: string[];
  /** Label selector of the resource's objects. */
  selector: string;
  /** The step's id when it is not the last wait of a run (`ready`). */
  id?: string;
}

/** What kubectl has to wait for: `deployment/web`. A suspended Job never runs, so nobody waits for it. */
export function rolloutTargets(manifests: readonly Manifest[]): string[] {
  return manifests.filter((manifest) => rollsOut.has(manifest.kind) && !isSuspended(manifest))
    .map((manifest) => `${manifest.kind.toLowerCase()}/${manifest.metadata.name}`);
}

function isSuspended({ spec }: Manifest): boolean {
  return isObject(spec) && 'suspend' in spec && spec['suspend'] === true;
}

/** The wait alone. */
export function rolloutStep(targets: readonly string[], { seconds, restarts, kubectl, selector, id = 'ready' }: RolloutOptions): Step {
  const argv = ['sh', 'rollout.sh', String(seconds), String(restarts), selector, String(targets.length), ...targets, ...kubectl];
  // The script ends with 1; the step's own limit only catches a kubectl that hangs.
  return { id, stage: 'roll out', title: targets.length === 1 ? `Wait for ${targets[0] ?? ''}` : `Wait for ${String(targets.length)} workloads`, argv, timeoutSeconds: seconds + 60 };
}

/** Waits for all workloads at once, since one may wait for another; a failure is followed by what a person needs to see why. */
export function rolloutSteps(targets: readonly string[], { seconds, restarts, kubectl, selector, id = 'ready' }: RolloutOptions): Step[] {
  if (targets.length === 0) return [];
  const wait = rolloutStep(targets, { seconds, restarts, kubectl, selector, id });
  const prefix = id === 'ready' ? 'failed' : `${id}-failed`;
  const show = (name: string, title: string, rest: string[], more: Partial<Step> = {}): Step =>
    ({ id: `${prefix}-${name}`, stage: 'after', title, argv: rest, when: { step: id, exit: 'failed' }, timeoutSeconds: 60, ...more });
  return [
    wait,
    // Only what `explain` reads: the status of the pods, never their spec, and no other object.
    show('status', 'Keep the state of the pods', [...kubectl, 'get', 'pods', '-l', selector, '-o', 'jsonpath={range .items[*]}pod{"\\t"}{.metadata.name}{"\\t"}{.status}{"\\n"}{end}'], { save: 'pods' }),
    show('warnings', 'Keep the warnings of the cluster', [...kubectl, 'get', 'events', '--field-selector=type!=Normal', '-o', 'jsonpath={range .items[*]}event{"\\t"}{@}{"\\n"}{end}'], { save: 'events' }),
    show('pods', 'Pods', [...kubectl, 'get', 'pods', '-l', selector, '-o', 'wide']),
    show('events', 'Events', [...kubectl, 'get', 'events', '--sort-by=.lastTimestamp']),
    show('logs', 'Last log lines', ['sh', 'logs.sh', selector, ...kubectl]),
  ];
}

const containerLine = (kind: 'C' | 'I'): string => String.raw`${kind}\t{{$pod}}\t{{.name}}\t{{.ready}}\t{{.restartCount}}\t{{with .state}}{{with .waiting}}{{.reason}}\t{{with .message}}{{printf "%q" .}}{{end}}{{else}}\t{{end}}{{else}}\t{{end}}\t
{{with .state}}{{with .terminated}}{{.exitCode}}{{end}}{{end}}\t{{with .lastState}}{{with .terminated}}{{.exitCode}} {{.reason}}{{end}}{{end}}\t{{.image}}\n`;

export const rolloutScripts: Record<string, string> = {
  // $1 seconds, $2 restarts, $3 selector, $4 number of targets, targets…, kubectl…
  'rollout.sh': String.raw`
seconds=$1; restarts=$2; selector=$3; count=$4; shift 4
: >rollout.targets; : >rollout.seen
while [ "$count" -gt 0 ]; do printf '%s\n' "$1" >>rollout.targets; shift; count=$((count - 1)); done
start=$(date +%s); silent=0; polls=0
while :; do
  now=$(date +%s)
  if { [ -s ${podsAhead} ] && mv -- ${podsAhead} rollout.objects; } || "$@" --request-timeout=15s get ${rolloutKinds} -l "$selector" -o go-template-file=${rolloutTemplate} >rollout.objects 2>rollout.error; then
    [ "$silent" -eq 0 ] || { echo 'The API server answers again.'; silent=0; }
    # Events cost another request, so they are asked for only when the objects do not say enough.
    if [ -e rollout.events ]; then "$@" --request-timeout=15s get events --field-selector=type=Warning -o go-template-file=events.tmpl >>rollout.objects 2>/dev/null; fi
    awk -F '\t' -v now="$now" -v limit="$restarts" -f rollout.awk rollout.seen rollout.targets rollout.objects >rollout.verdict || exit 1
    mv rollout.seen.new rollout.seen
    rm -f rollout.events; ! grep -q '^events$' rollout.verdict || : >rollout.events
    sed -n 's/^say //p' rollout.verdict
    if grep -q '^doomed$' rollout.verdict; then exit 1; fi
    if grep -q '^ready$' rollout.verdict; then exit 0; fi
  elif [ "$silent" -eq 0 ]; then
    silent=1; printf 'The API server does not answer: '; head -n 1 rollout.error
  fi
  if [ $((now - start)) -ge "$seconds" ]; then
    echo "Not ready after $seconds seconds."
    sed -n 's/^wait /  /p' rollout.verdict 2>/dev/null
    exit 1
  fi
  polls=$((polls + 1))
  if [ "$polls" -gt 10 ]; then sleep 2; else sleep 0.5 2>/dev/null || sleep 1; fi
done
`,
  'rollout.awk': rolloutVerdict,
  [rolloutTemplate]: template(String.raw`
{{range .items}}
{{if eq .kind "Deployment"}}D\t{{.metadata.name}}\t{{.metadata.generation}}\t{{.status.observedGeneration}}\t{{.spec.replicas}}\t{{.status.replicas}}\t{{.status.updatedReplicas}}\t{{.status.availableReplicas}}\t
{{with .metadata.annotations}}{{index . "deployment.kubernetes.io/revision"}}{{end}}\t
{{range .status.conditions}}{{if eq .type "Progressing"}}{{.reason}}{{end}}{{end}}\t
{{range .status.conditions}}{{if and (eq .type "ReplicaFailure") (eq .status "True")}}{{printf "%q" .message}}{{end}}{{end}}\t{{with .metadata.annotations}}{{index . "coolify-kubernetes/unhealthy-after"}}{{end}}\n{{end}}
{{if eq .kind "ReplicaSet"}}R\t{{.metadata.name}}\t{{with .metadata.ownerReferences}}{{with index . 0}}{{.name}}{{end}}{{end}}\t{{with .metadata.annotations}}{{index . "deployment.kubernetes.io/revision"}}{{end}}\n{{end}}
{{if eq .kind "StatefulSet"}}S\t{{.metadata.name}}\t{{.metadata.generation}}\t{{.status.observedGeneration}}\t{{.spec.replicas}}\t{{.status.readyReplicas}}\t{{.status.currentRevision}}\t{{.status.updateRevision}}\t{{.spec.updateStrategy.type}}\t{{with .metadata.annotations}}{{index . "coolify-kubernetes/unhealthy-after"}}{{end}}\n{{end}}
{{if eq .kind "DaemonSet"}}A\t{{.metadata.name}}\t{{.metadata.generation}}\t{{.status.observedGeneration}}\t{{.status.desiredNumberScheduled}}\t{{.status.updatedNumberScheduled}}\t{{.status.numberAvailable}}\t
{{with .metadata.annotations}}{{index . "deprecated.daemonset.template.generation"}}{{end}}\t{{with .metadata.annotations}}{{index . "coolify-kubernetes/unhealthy-after"}}{{end}}\n{{end}}
{{if eq .kind "Job"}}J\t{{.metadata.name}}\t{{range .status.conditions}}{{if eq .status "True"}}{{.type}} {{end}}{{end}}\t{{range .status.conditions}}{{if eq .type "Failed"}}{{printf "%q" .message}}{{end}}{{end}}\n{{end}}
{{if eq .kind "Pod"}}P\t{{.metadata.name}}\t{{with .metadata.ownerReferences}}{{with index . 0}}{{.kind}}\t{{.name}}{{end}}{{else}}\t{{end}}\t
{{with .metadata.labels}}{{index . "controller-revision-hash"}}\t{{index . "pod-template-generation"}}{{else}}\t{{end}}\t{{if .metadata.deletionTimestamp}}deleted{{end}}\t{{.status.phase}}\t
{{if not .spec.nodeName}}{{range .status.conditions}}{{if and (eq .type "PodScheduled") (eq .status "False")}}{{printf "%q" .message}}{{end}}{{end}}{{end}}\n
{{$pod := .metadata.name}}{{range .status.initContainerStatuses}}${containerLine('I')}{{end}}{{range .status.containerStatuses}}${containerLine('C')}{{end}}{{end}}
{{end}}`),
  'events.tmpl': template(String.raw`{{range .items}}E\t{{.involvedObject.kind}}\t{{.involvedObject.name}}\t{{.reason}}\t{{.count}}\t{{printf "%q" .message}}\n{{end}}`),
  // $1 selector, kubectl…: of each container the last lines, and of one that was restarted the last lines of the run before.
  'logs.sh': String.raw`
selector=$1; shift
"$@" logs -l "$selector" --all-containers --prefix --tail=50 --max-log-requests=20 --ignore-errors 2>&1
"$@" get pods -l "$selector" -o go-template-file=restarted.tmpl | while read -r pod container; do
  echo "--- $pod $container, before its last restart:"
  "$@" logs "$pod" -c "$container" --previous --tail=50 2>&1 </dev/null
done
exit 0
`,
  'restarted.tmpl': template('{{range .items}}{{$pod := .metadata.name}}{{range .status.containerStatuses}}{{if and (gt .restartCount 0) (not .ready)}}{{$pod}} {{.name}}\\n{{end}}{{end}}{{end}}'),
};

/** Templates are written over several lines here; only `\t` and `\n` become characters of the output. */
function template(text: string): string {
  return text.replaceAll('\n', '').replaceAll('\\t', '{{"\\t"}}').replaceAll('\\n', '{{"\\n"}}');
}
