/**
 * The judge of a roll-out, in POSIX awk, so that it works on a server without an editor and without a JSON parser. Input: what was seen before
 * (`key TAB value`), the targets, and the lines of `rollout.tmpl` and `events.tmpl`. Output: `say TEXT` for what is new, `wait TEXT` for
 * what is still awaited, and at most one of `ready` and `doomed`; `events` asks for events in the next round.
 *
 * When a workload is doomed (kubelet's container reasons; krane's, kubedog's and nelm's rules for what is final):
 * a workload counts as doomed only when all its new pods are, and what a registry, a scheduler or a controller may still mend has a budget.
 */
export const rolloutVerdict = String.raw`
FILENAME ~ /seen$/ { seen[$1] = $2; next }
FILENAME ~ /targets$/ { target[++targets] = $1; next }
function text(quoted) { gsub(/^"|"$/, "", quoted); gsub(/\\"/, "\"", quoted); gsub(/\\[nt]/, " ", quoted); return quoted }
function keep(key, value) { if (!(key in seen)) seen[key] = value; next_seen[key] = seen[key]; return seen[key] }
# Seconds for which something has been so without a break.
function since(key) { return now - keep("since " key, now) }
function once(key, words) { if (!(("said " key) in seen)) print "say " words; seen["said " key] = 1; next_seen["said " key] = 1 }
function doom(pod, words) { if (!(pod in dooms)) dooms[pod] = words }
function hint(pod, words) { if (!(pod in hints)) hints[pod] = words }
$1 == "D" {
  t = "deployment/" $2; exists[t] = 1; revision[$2] = $9
  current = ($4 + 0 >= $3 + 0); wanted = ($5 == "<no value>" ? 1 : $5 + 0)
  ready[t] = current && $7 + 0 >= wanted && $6 + 0 <= $7 + 0 && $8 + 0 >= $7 + 0
  status[t] = ($8 + 0) " of " wanted " ready"
  # What was so before this roll-out began may be mended by it.
  if ($10 == "ProgressDeadlineExceeded") { if (keep("late " t, now == start() ? "before" : "now") == "now") failed[t] = "made no progress within its deadline" }
  if ($11 != "") create[t] = text($11)
  patience[t] = $12
}
function start() { return keep("start", now) }
$1 == "R" { rs_owner[$2] = $3; rs_revision[$2] = $4 }
$1 == "S" {
  t = "statefulset/" $2; exists[t] = 1; update[$2] = $8; wanted = ($5 == "<no value>" ? 1 : $5 + 0)
  ready[t] = $4 + 0 >= $3 + 0 && $6 + 0 >= wanted && ($7 == $8 || $9 == "OnDelete" || wanted == 0)
  status[t] = ($6 + 0) " of " wanted " ready"; patience[t] = $10
}
$1 == "A" {
  t = "daemonset/" $2; exists[t] = 1; generation[$2] = $8
  ready[t] = $4 + 0 >= $3 + 0 && $6 + 0 >= $5 + 0 && $7 + 0 >= $5 + 0
  status[t] = ($7 + 0) " of " ($5 + 0) " ready"; patience[t] = $9
}
$1 == "J" {
  t = "job/" $2; exists[t] = 1; ready[t] = ($3 ~ /Complete|SuccessCriteriaMet/); status[t] = "not complete"
  if ($3 ~ /Failed/) failed[t] = "failed: " text($4)
}
# A pod that has a node is scheduled, whatever a scheduler wrote that did not get its answer; the template leaves that out.
$1 == "P" {
  pod_owner[$2] = $3 "/" $4; hash[$2] = ($5 != "<no value>" && $5 != "" ? $5 : ""); gen[$2] = $6; phase[$2] = $8
  if ($7 == "deleted") { gone[$2] = 1; leaving = 1 }
  if ($9 != "") unscheduled[$2] = text($9)
}
$1 == "C" || $1 == "I" { containers[++lines] = $0 }
$1 == "E" { events[++warnings] = $0 }
function owner_of(pod,  o) {
  o = pod_owner[pod]; sub(/^[^\/]*\//, "", o)
  if (pod_owner[pod] ~ /^ReplicaSet\//) return rs_revision[o] == revision[rs_owner[o]] ? "deployment/" rs_owner[o] : ""
  if (pod_owner[pod] ~ /^StatefulSet\//) return hash[pod] == update[o] ? "statefulset/" o : ""
  if (pod_owner[pod] ~ /^DaemonSet\//) return gen[pod] == generation[o] ? "daemonset/" o : ""
  if (pod_owner[pod] ~ /^Job\//) return "job/" o
  return ""
}
function judge(line,  f, key, pod, who, why, restarts) {
  split(line, f, "\t"); pod = f[2]; who = pod " " f[3]; key = f[2] "/" f[3]; why = text(f[7])
  restarts = f[5] - keep("base " key, now == start() ? f[5] + 0 : 0)
  # A program that ends at once is ready for a moment after each start; its workload, which was read a moment before its pods, may still say so.
  if (f[1] == "C" && (f[4] != "true" || restarts > 0 && since("steady " key " " restarts) < 12)) unsteady[pod] = 1
  if (f[6] ~ /^(InvalidImageName|ErrImageNeverPull)$/) doom(pod, f[6] ": " f[10] " " why)
  else if (f[6] ~ /^(ErrImagePull|ImagePullBackOff|RegistryUnavailable)$/) {
    hint(pod, f[6] ": " f[10] ": " why)
    if (why ~ /not found|manifest unknown|unauthori[sz]ed|denied|forbidden|authentication required|invalid reference|no match(ing manifest)? for|insufficient_scope|does not exist/ && why !~ /timeout|refused|no such host/) keep("final " key, 1)
    if (since("pull " key) >= (("final " key) in seen ? 2 : 180)) doom(pod, f[6] ": " f[10] ": " why)
  } else if (f[6] == "CreateContainerConfigError" && why !~ /failed to sync/) {
    hint(pod, f[6] ": " why); if (since("config " key) >= 5) doom(pod, f[6] ": " why)
  } else if (f[6] ~ /^(CreateContainerError|RunContainerError|StartError|ContainerCannotRun)$/) {
    hint(pod, f[6] ": " why); if (since("start " key) >= 10) doom(pod, f[6] ": " why)
  } else if (f[6] == "CrashLoopBackOff" || f[8] != "" && f[8] + 0 != 0) {
    hint(pod, f[3] " ended with exit code " (f[9] != "" ? f[9] : f[8]) ", " restarts " restarts")
    if (f[9] ~ /StartError|ContainerCannotRun/ && restarts >= 1) doom(pod, f[9] ": " who)
    else if (restarts >= limit) { crash[pod] = f[3] " was restarted " restarts " times, last exit code " f[9]; crashes[pod] = restarts }
  } else if (f[1] == "C" && f[4] != "true" && f[6] == "" && f[8] == "") unready[pod] = since("unready " key)
  else if (f[4] != "true" && f[6] ~ /^(ContainerCreating|PodInitializing)?$/ && since("creating " key) >= 30) want_events = 1
}
END {
  start()
  for (i = 1; i <= lines; i++) judge(containers[i])
  for (pod in unscheduled) if (!(pod in gone)) {
    hint(pod, "no node: " unscheduled[pod])
    # Pods that are leaving free what the new one waits for; a cluster that grows needs minutes.
    if (!leaving && since("node " pod) >= (unscheduled[pod] ~ /Insufficient/ ? 120 : 60)) doom(pod, "cannot be scheduled: " unscheduled[pod])
  }
  for (i = 1; i <= warnings; i++) {
    split(events[i], e, "\t")
    if (e[4] == "FailedCreate" && keep("count " e[2] "/" e[3] "/" e[6], now == start() ? e[5] + 0 : -1) < e[5] + 0) create[tolower(e[2]) "/" e[3]] = text(e[6])
    if (e[4] ~ /^(FailedMount|FailedAttachVolume|FailedCreatePodSandBox)$/ && (e[3] in pod_owner)) {
      hint(e[3], e[4] ": " text(e[6]))
      if (e[6] ~ /not found/ && since("mount " e[3]) >= 90) doom(e[3], e[4] ": " text(e[6]))
    }
  }
  for (pod in pod_owner) if (!(pod in gone) && (t = owner_of(pod)) != "") {
    pods[t]++
    if ((pod in unsteady) && t !~ /^job\// && ready[t]) { ready[t] = 0; status[t] = "ready, restarted a moment ago" }
    if (pod in dooms) { doomed[t]++; why_doomed[t] = dooms[pod] } else if (pod in crash) { crashed[t]++; why_doomed[t] = crash[pod]; if (crashes[pod] >= 2 * limit) hopeless[t]++ }
    # What Docker calls unhealthy may still recover. A minute later it counts like a program that ends: it may wait for another workload, as long as one is on its way.
    if ((pod in unready) && patience[t] ~ /^[0-9]+$/ && unready[pod] >= patience[t]) {
      hint(pod, "runs, but its health check does not pass")
      if (unready[pod] >= patience[t] + 60 && !(pod in dooms) && !(pod in crash)) { crashed[t]++; why_doomed[t] = "runs, but its health check has not passed for " unready[pod] " seconds" }
    }
    if (pod in dooms) why[t] = dooms[pod]; else if (pod in hints) why[t] = hints[pod]
  }
  for (i = 1; i <= targets; i++) {
    t = target[i]
    if (!exists[t] || ready[t]) continue
    open++
    if (t !~ /^deployment\// && !pods[t] && since("empty " t) >= 4) want_events = 1
    if (t in create) {
      why[t] = "cannot create pods: " create[t]
      if (create[t] ~ /quota|forbidden|violates|invalid|must be/ && since("create " t) >= 15) failed[t] = why[t]
    }
    # A program that ends may be waiting for another workload, as long as one is on its way.
    if (pods[t] > 0 && doomed[t] + crashed[t] >= pods[t]) { if (doomed[t] > 0) failed[t] = why_doomed[t]; else if (hopeless[t] > 0) failed[t] = why_doomed[t]; else crashing[t] = 1 }
    if (!(t in failed) && !(t in crashing)) moving++
  }
  for (i = 1; i <= targets; i++) {
    t = target[i]
    if (ready[t]) { done++; once("ready " t, t (t ~ /^job\// ? " completed" : " successfully rolled out")); continue }
    if (!exists[t]) { print "wait " t " does not exist"; moving++; continue }
    if ((t in crashing) && !moving) failed[t] = why_doomed[t]
    if (t in failed) { bad = 1; print "say " t " cannot become ready: " failed[t]; continue }
    print "wait " t ": " status[t] (t in why ? "; " why[t] : "")
    if (t in why) once("why " t " " substr(why[t], 1, 60), t " waits: " why[t])
  }
  if (bad) print "doomed"; else if (done == targets) print "ready"
  if (want_events) print "events"
  for (key in seen) if (key !~ /^since /) next_seen[key] = seen[key]
  for (key in next_seen) print key "\t" next_seen[key] >"rollout.seen.new"
}
`;
