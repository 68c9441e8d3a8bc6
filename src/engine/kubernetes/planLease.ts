import type { Step } from '../../model/plan';
import { ownerLabel, shortHash } from './naming';
import { frugal } from './planRetry';

/** Exit of a run whose resource is held by another machine. */
export const heldExit = 75;

/** Seconds without renewal after which a Lease counts as left behind. */
const duration = 30;

export interface LeaseOptions {
  runId: string;
  /** kubectl with its fixed arguments, the namespace among them. */
  kubectl: string[];
  /** How long to wait for another holder. Seconds. */
  patience: number;
}

/**
 * Takes the Lease of a resource, which keeps two machines apart, and leaves a process behind that renews it. That process gives the Lease back
 * when the run ends, and ends the run when somebody else took it.
 */
export function leaseStep(resource: { uuid: string }, { runId, kubectl, patience }: LeaseOptions): Step {
  const argv = ['sh', 'lease.sh', `coolify-kubernetes-${shortHash(resource.uuid)}`, runId, String(duration), String(patience), ...kubectl];
  return { id: 'lease', stage: 'validate', title: 'Keep other machines away from this resource', argv, timeoutSeconds: patience + 120 };
}

export const leaseScripts: Record<string, string> = {
  // $1 name, $2 run, $3 seconds it is good for, $4 seconds to wait for another holder, kubectl…
  'lease.sh': String.raw`
${frugal}
name=$1; run=$2; good=$3; patience=$4; shift 4
me=$run@$(uname -n | tr -cd 'A-Za-z0-9._-')
stamp() { date -u +%Y-%m-%dT%H:%M:%S.000000Z; }
# A patch that is refused when the Lease is not as it was read. $1 path and $2 value that are tested, $3 new holder; then kubectl.
swap() {
  path=$1; value=$2; holder=$3; shift 3; at=$(stamp)
  "$@" --request-timeout=10s patch lease "$name" --type=json -p "[{\"op\":\"test\",\"path\":\"$path\",\"value\":\"$value\"},{\"op\":\"add\",\"path\":\"/spec/holderIdentity\",\"value\":\"$holder\"},{\"op\":\"add\",\"path\":\"/spec/renewTime\",\"value\":\"$at\"},{\"op\":\"add\",\"path\":\"/spec/leaseDurationSeconds\",\"value\":$good}]" >/dev/null 2>lease.error
}
create() {
  at=$(stamp)
  printf '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"%s","labels":{"${ownerLabel}":"coolify-kubernetes"}},"spec":{"holderIdentity":"%s","leaseDurationSeconds":%d,"acquireTime":"%s","renewTime":"%s"}}' "$name" "$me" "$good" "$at" "$at" |
    "$@" --request-timeout=10s create -f - >/dev/null 2>lease.error
}
start=$(date +%s); version=; since=$start; holder=
# Most often nobody holds it, so one request is enough.
swap /spec/holderIdentity "" "$me" "$@" || { grep -q NotFound lease.error && create "$@"; } || while :; do
  now=$(date +%s)
  if "$@" --request-timeout=10s get lease "$name" -o 'jsonpath={.metadata.resourceVersion} {.spec.leaseDurationSeconds} {.spec.holderIdentity}' >lease.live 2>lease.error; then
    read -r seen seconds holder <lease.live || :
    # No two clocks are compared: a Lease is left behind when it did not change for its duration while we looked.
    [ "$seen" = "$version" ] || { version=$seen; since=$now; }
    if [ -z "$holder" ] || [ "$holder" = "$me" ] || [ $((now - since)) -ge "${'${seconds:-30}'}" ]; then
      [ -z "$holder" ] || [ "$holder" = "$me" ] || echo "The Lease of $holder was not renewed; taking it."
      ! swap /metadata/resourceVersion "$seen" "$me" "$@" || break
    elif [ "$holder" != "$told" ]; then told=$holder; echo "Held by $holder; waiting."; fi
  elif grep -q NotFound lease.error; then ! create "$@" || break
  fi
  if grep -qi forbidden lease.error; then echo 'This account may not use Leases, so only runs on this server are kept apart.'; exit 0; fi
  # Nobody else holds it as long as nothing answers, so that is no reason to give up at once.
  limit=$patience; [ -n "$holder" ] || [ "$limit" -ge 60 ] || limit=60
  if [ $((now - start)) -ge "$limit" ]; then
    if [ -n "$holder" ]; then echo "Still held by $holder."; else head -n 1 lease.error; fi
    exit ${String(heldExit)}
  fi
  sleep 1
done
(
  trap 'swap /spec/holderIdentity "$me" "" "$@"; exit 0' TERM INT HUP
  late=0
  while sleep $((good / 3)); do
    kill -0 "$(cat pid)" 2>/dev/null || exit 0
    if swap /spec/holderIdentity "$me" "$me" "$@"; then late=0; continue; fi
    late=$((late + 1))
    # A server that does not answer may come back in time; a refused test means that it is another's now.
    if grep -qi 'test failed\|testing\|NotFound' lease.error; then
      echo "Another machine has taken this resource over, so the run was ended." >stopped
      kill -TERM "$(cat pid)"; exit 0
    fi
  done
) </dev/null >/dev/null 2>&1 &
echo $! >lease.pid
exit 0
`,
};
