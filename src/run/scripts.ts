/**
 * The shell texts of a run: static, POSIX sh, the same for every run. Values arrive as positional parameters and files only.
 * A run's folder holds: runner.sh, steps.sh, plan.json, log (`epoch TAB type TAB step TAB text`, the line number is the sequence number),
 * summary.json (for lists), resource (name of the lock that keeps two runs of one resource apart), pid (of the process group), boot (id of the
 * server's boot), heartbeat (touched while it runs), lock (held while it runs), private (path of the folder with the secret files),
 * saved.NAME (output that steps keep), exit.
 */
export const common = String.raw`
umask 077
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin:/var/lib/rancher/rke2/bin
export PATH
runs=${'${XDG_STATE_HOME:-$HOME/.local/state}'}/coolify-kubernetes/runs
boot() { cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown; }
# Free lock and no exit file: died. Without flock the process itself is asked; a process id may be another's by now, so its heart has to beat, too.
held() {
  if command -v flock >/dev/null 2>&1; then ! flock -n -s "$1/lock" true 2>/dev/null
  else kill -0 "$(cat "$1/pid")" 2>/dev/null && [ -n "$(find "$1/heartbeat" -mmin -2 2>/dev/null)" ]; fi
}
state() {
  if [ -s "$1/exit" ]; then echo "done $(cat "$1/exit")"
  elif [ ! -d "$1" ]; then echo "unknown there is no such run on this server"
  elif [ ! -s "$1/pid" ]; then echo "unknown the run was delivered but never started"
  elif [ -s "$1/boot" ] && [ "$(cat "$1/boot")" != "$(boot)" ]; then echo died rebooted
  elif held "$1"; then echo running
  elif [ -s "$1/exit" ]; then echo "done $(cat "$1/exit")"
  else echo died; fi
}
`;

/**
 * $1 run id, $2 bytes of all files; then per file: where (run|private), name, text. mkdir decides who starts it. The files are parameters, since the
 * shell writes those itself: a server with little to spare would need a second to start a program for each. No other process sees them.
 */
export const startScript = `${common}${String.raw`
id=$1; bytes=$2; shift 2
mkdir -p "$runs" || exit 70
# Whoever attaches, too, waits until the run is alive, so that its state can be asked for at once.
alive() {
  tries=0
  while [ ! -s "$runs/$id/pid" ] && [ $tries -lt 100 ]; do sleep 0.05 2>/dev/null || sleep 1; tries=$((tries + 1)); done
}
if [ -d "$runs/$id" ]; then alive; echo attached; exit 0; fi
command -v setsid >/dev/null 2>&1 || { echo 'setsid is not installed' >&2; exit 71; }
private=$(mktemp -d /dev/shm/coolify-kubernetes.XXXXXXXX 2>/dev/null || mktemp -d "$runs/.private.XXXXXXXX") || exit 72
new=$(mktemp -d "$runs/.new.XXXXXXXX") || exit 72
discard() { rm -rf -- "$private" "$new"; }
trap discard EXIT
incomplete() { echo "the files could not be written whole; $(df -P -- "$1" | awk 'NR == 2 { print ($4 < 64 ? "no space left on " : "") $6 ", " $4 " KiB free" }')" >&2; exit 73; }
while [ $# -ge 3 ]; do
  case $1 in private) folder=$private ;; *) folder=$new ;; esac
  printf '%s' "$3" >"$folder/$2" 2>/dev/null || incomplete "$folder"
  shift 3
done
[ "$(cat -- "$private"/* "$new"/* 2>/dev/null | wc -c)" -eq "$bytes" ] || incomplete "$new"
if ! mkdir "$runs/$id" 2>/dev/null; then alive; echo attached; exit 0; fi
printf '%s\n' "$private" >"$new/private"; : >"$new/log"; : >"$new/lock"
mv -- "$new"/* "$runs/$id/" || exit 75
trap - EXIT
rmdir -- "$new"
setsid /bin/sh "$runs/$id/runner.sh" "$runs/$id" </dev/null >"$runs/$id/runner.log" 2>&1 3<&- &
alive
echo started
`}`;

/** $1 run id; prints the state. */
export const stateScript = `${common}
state "$runs/$1"
`;

/**
 * $1 run id, $2 number of lines the reader has. Prints `|` and each further line of the log, at last `=` and the state.
 * A `.` while nothing happens lets an abandoned reader end with SIGPIPE.
 */
export const followScript = `${common}${String.raw`
run=$runs/$1; seen=$2; idle=0
[ -d "$run" ] || { echo "=$(state "$run")"; exit 0; }
nap=0.05; slow=20; sleep $nap 2>/dev/null || { nap=1; slow=1; }; quick=$nap
while :; do
  # Whether it still lives is asked once in a second only, whether it has ended always.
  if [ -s "$run/exit" ] || [ $((idle % slow)) -eq 0 ]; then now=$(state "$run"); fi
  # wc counts finished lines only, so a line that is being written is read the next time.
  have=$(wc -l <"$run/log" 2>/dev/null) || have=$seen
  if [ "$have" -gt "$seen" ]; then
    tail -n "+$((seen + 1))" "$run/log" | head -n "$((have - seen))" | sed 's/^/|/' || exit 1
    seen=$((have)); idle=0; [ "$quick" = 1 ] || { nap=$quick; slow=20; }
  elif [ "$now" != running ]; then echo "=$now"; exit 0
  else
    idle=$((idle + 1)); [ $((idle % (5 * slow))) -ne 0 ] || echo . || exit 1
    # A long silence is no reason to keep a small server busy.
    if [ $idle -eq 40 ] && [ "$quick" != 1 ]; then nap=0.2; slow=5; fi
    sleep $nap
  fi
done
`}`;

/** $1 run id. TERM to the process group, KILL after ten seconds; the state is printed. */
export const cancelScript = `${common}${String.raw`
run=$runs/$1
if [ "$(state "$run")" = running ]; then
  group=$(cat "$run/pid")
  kill -TERM "-$group"
  tries=0
  while [ $tries -lt 100 ] && [ ! -s "$run/exit" ]; do sleep 0.1 2>/dev/null || sleep 1; tries=$((tries + 1)); done
  if [ ! -s "$run/exit" ]; then
    kill -KILL "-$group"
    rm -rf -- "$(cat "$run/private")"
    echo 137 >"$run/exit.tmp" && mv -- "$run/exit.tmp" "$run/exit"
  fi
fi
state "$run"
`}`;

/** $1 run id. Prints when it began and what it kept of the cluster's state; at most 8 MiB, so that a huge namespace cannot fill the reader's memory. */
export const savedScript = `${common}${String.raw`
run=$runs/$1
printf 'start	%s
' "$(head -n 1 "$run/log" | cut -f 1)"
{ cat "$run/saved.pods"; echo; cat "$run/saved.events"; } 2>/dev/null | head -c 8388608
`}`;

/**
 * $1 days that ended runs are kept. Prints `id TAB epoch of the first event TAB state TAB summary` for each run. Secrets of runs that died, older runs,
 * and what a start that was cut off left behind, are removed.
 */
export const listScript = `${common}${String.raw`
[ -d "$runs" ] || exit 0
find "$runs" -mindepth 1 -maxdepth 1 -name '.*' -mtime +0 -exec rm -rf -- {} + 2>/dev/null
for run in "$runs"/*/; do
  [ -d "$run" ] || continue
  run=${'${run%/}'}; now=$(state "$run")
  case $now in died* | done*) [ ! -s "$run/private" ] || rm -rf -- "$(cat "$run/private")" ;; esac
  if [ "$now" != running ] && [ -n "$(find "$run" -maxdepth 0 -mtime "+$1")" ]; then rm -rf -- "$run"; continue; fi
  printf '%s\t%s\t%s\t%s\n' "${'${run##*/}'}" "$(head -n 1 "$run/log" | cut -f 1)" "$now" "$(head -c 4096 "$run/summary.json" 2>/dev/null | tr -d '\n')"
done
for left in /dev/shm/coolify-kubernetes.*; do
  [ -O "$left" ] && [ -n "$(find "$left" -maxdepth 0 -mmin +10)" ] || continue
  grep -qxF -- "$left" "$runs"/*/private 2>/dev/null || rm -rf -- "$left"
done
exit 0
`}`;
