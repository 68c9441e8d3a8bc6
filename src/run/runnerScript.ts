import { common } from './scripts';

/** Delivered as runner.sh; $1 is the run's folder. Steps are run one after the other until one fails; its exit file alone decides success. */
export const runnerScript = `${common}${String.raw`
run=$1; cd "$run" || exit 70
private=$(cat private)
current=; failed=0; limit=0; input=/dev/null
export CI=1 TERM=dumb NO_COLOR=1 GIT_TERMINAL_PROMPT=0 DEBIAN_FRONTEND=noninteractive
emit() { printf '%s\t%s\t%s\t%s\n' "$(date +%s)" "$1" "$2" "$3" >>log; }
# The Lease is given back by another process, which may need sudo once more.
hide() { [ ! -e "$private/sudo-password" ] || find "$private" -type f ! -name sudo-password -exec rm -f -- {} +; [ -e "$private/sudo-password" ] || rm -rf -- "$private"; }
finish() {
  trap '' TERM INT HUP
  hide; rm -rf -- source.*
  # The block of exit.tmp was taken at the start, so the end can be told on a full disk, too; the reserve makes room for why.
  if ! { printf '%8192s' '' >probe; } 2>/dev/null; then
    rm -f -- probe reserve
    [ -z "$(tail -c 1 log)" ] || echo >>log
    emit output '' "The disk is full: $(df -P -- "$run" 2>/dev/null | awk 'NR == 2 { print $6 ", " $4 " KiB free" }') ($run)."
    [ "$1" -ne 0 ] || set -- 74
  fi
  rm -f -- probe reserve
  printf '%-15s\n' "$1" 1<>exit.tmp && mv -- exit.tmp exit
  kill -TERM 0
  tries=0
  while [ -e "$private/sudo-password" ] && [ -e lease.pid ] && [ "$tries" -lt 100 ] && kill -0 "$(cat lease.pid)" 2>/dev/null; do sleep 0.1 2>/dev/null || sleep 1; tries=$((tries + 1)); done
  rm -rf -- "$private"
  exit "$1"
}
value() { cat -- "capture.$1"; }
guarded() {
  if [ "$limit" -eq 0 ]; then "$@" <"$input"; return; fi
  "$@" <"$input" & child=$!
  ( sleep "$limit"; kill -TERM "$child"; sleep 10; kill -KILL "$child" ) </dev/null >/dev/null 2>&1 & watch=$!
  wait "$child"; ended=$?
  kill "$watch" 2>/dev/null
  return "$ended"
}
lines() {
  trap '' TERM
  case $stamp in
    perl) exec perl -e '$| = 1; $step = shift; while (<STDIN>) { chomp; print time, "\toutput\t$step\t$_\n" or exit 1 }' "$1" >>log ;;
    awk*) LC_ALL=C exec $stamp -v step="$1" '{ print systime() "\toutput\t" step "\t" $0; fflush() }' >>log ;;
    *) while IFS= read -r line || [ -n "$line" ]; do emit output "$1" "$line"; done ;;
  esac
}
# id stage title seconds stdin exits pattern when-step when-exit save command…
run_step() {
  id=$1; stage=$2; title=$3; limit=$4; stdin=$5; exits=$6; pattern=$7; after=$8; wanted=$9; shift 9; save=$1; shift
  if [ -n "$after" ]; then
    was=; [ ! -e "code.$after" ] || read -r was <"code.$after"
    if [ "$wanted" = failed ]; then [ -n "$was" ] && [ "$was" != 0 ] || return 0; else [ "$was" = "$wanted" ] || return 0; fi
  fi
  if [ "$failed" -ne 0 ]; then [ "$stage" = after ] && [ -n "$after" ] || return 0; fi
  [ "$stage" = "$current" ] || { current=$stage; emit stage '' "$stage"; }
  emit step "$id" "$title"
  input=/dev/null; [ -z "$stdin" ] || input=$private/$stdin
  rm -f -- "code.$id"
  {
    if [ -n "$pattern" ]; then guarded "$@" >"capture.$id"; elif [ -n "$save" ]; then guarded "$@" >"saved.$save"; else guarded "$@"; fi
    echo $? >"code.$id"
  } 2>&1 8>&- 9>&- | lines "$id"
  # An empty file is what a full disk leaves.
  if [ -e "code.$id" ]; then code=; read -r code <"code.$id"; code=${'${code:-74}'}; else code=137; fi
  if [ "$code" -eq 0 ] && [ -n "$pattern" ] && ! captured "capture.$id" "$pattern"; then
    emit output "$id" 'The output is not one line of the expected form.'; code=65
  fi
  # An exit that a later step waits for is an answer, no failure.
  case $exits in *" $code "*) emit exit "$id" 0 ;; *) emit exit "$id" "$code"; [ "$failed" -ne 0 ] || failed=$code ;; esac
}
captured() { [ "$(wc -l <"$1")" -le 1 ] && grep -Eqx -e "$2" -- "$1"; }
if [ -e "$private/sudo-password" ]; then
  printf '#!/bin/sh\nexec cat -- "$(cat -- "%s/private")/sudo-password"\n' '${'${0%/*}'}' >askpass && chmod 700 askpass
  SUDO_ASKPASS=$run/askpass; export SUDO_ASKPASS
fi
if command -v flock >/dev/null 2>&1; then exec 9>lock; flock 9 || exit 75; fi
# Who cancels has to know what may be half done.
cancelled() {
  if [ -s stopped ]; then cat stopped; return; fi
  printf 'The run was cancelled%s.' "${'${title:+ during: $title}'}"
  case $current in apply | prune | after) echo ' What this step had begun may be in the cluster.' ;; *) echo ;; esac
}
trap 'emit output "${'${id:-}'}" "$(cancelled)"; finish 143' TERM INT HUP
printf '%-15s\n' 74 >exit.tmp; head -c 16384 /dev/zero >reserve
boot >boot
echo $$ >pid.tmp && mv pid.tmp pid
# A log of a million lines must not cost a million calls of date. Perl or awk stamps them; mawk comes last, since it reads in blocks unless told
# not to, and loses what follows a NUL byte.
if perl -e 'exit 0' 2>/dev/null; then stamp=perl
elif awk 'BEGIN { exit !(systime() > 1000000000) }' </dev/null >/dev/null 2>&1 && ! awk -W interactive 'BEGIN { exit 0 }' </dev/null >/dev/null 2>&1; then stamp=awk
elif awk -W interactive 'BEGIN { exit !(systime() > 1000000000) }' </dev/null >/dev/null 2>&1; then stamp='awk -W interactive'
else stamp=; fi
( while :; do : >heartbeat; sleep 20; done ) </dev/null >/dev/null 2>&1 8>&- 9>&- &
# Two runs of one resource: the second waits, or gives up when it was told to.
if [ -s resource ] && command -v flock >/dev/null 2>&1; then
  locks=${'${runs%/*}'}/locks; mkdir -p "$locks"; key=$locks/$(cat resource)
  exec 8>>"$key"
  if ! flock -n 8; then
    holder=$(cat "$key.holder" 2>/dev/null)
    if [ -e refuse ]; then emit output '' "Run ${'${holder:-of another session}'} of this resource is still going on."; finish 75; fi
    emit output '' "Waiting for run ${'${holder:-of another session}'} of this resource."
    flock -w 7200 8 || finish 75
  fi
  printf '%s\n' "${'${run##*/}'}" >"$key.holder"
fi
. ./steps.sh
finish "$failed"
`}`;
