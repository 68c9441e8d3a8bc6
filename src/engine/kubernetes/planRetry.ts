/** How long a request waits for an API server that went away in the middle of a run. A control plane that is updated comes back within it. Seconds. */
const patience = 90;

/** The first contact of a run: here a wrong address is likelier than a restart. Seconds. */
export const firstPatience = 15;

/** The command, tried again while the API server does not answer. Only for what may be done twice: reading, server-side apply, deleting by name. */
export function patiently(command: readonly string[], seconds = patience): string[] {
  return ['sh', 'retry.sh', String(seconds), ...command];
}

/** In a script: stands before kubectl's words. */
export const retrying = `sh retry.sh ${String(patience)}`;

/** In a script: kubectl spends a fifth of its short life on giving memory back; on a server with little of it the limit still holds. */
export const frugal = 'export GOGC=800 GOMEMLIMIT=200MiB';

export const retryScripts: Record<string, string> = {
  // $1 seconds, command…; its stdin is a file, which each try reads from its beginning.
  'retry.sh': String.raw`
${frugal}
patience=$1; shift
errors=retry.$$; down=; start=; child=
trap 'rm -f -- "$errors"' EXIT
trap 'kill -TERM "$child" 2>/dev/null; exit 143' TERM INT HUP
# A certificate or a name that is wrong stays wrong; a webhook is named by the API server itself.
passing() {
  ! grep -Eqi 'x509|certificate|no such host|calling webhook' "$errors" || return 1
  grep -Eqi 'unable to connect to the server|connection re(set|fused)|connection to the server|(i/o|handshake|request) time(d )?out|deadline exceeded|EOF$|broken pipe|no route to host|http2: |etcdserver|ServiceUnavailable|currently unable to handle|not ready' "$errors" && return 0
  # While it starts it knows neither all rights nor all kinds.
  [ -n "$down" ] && grep -Eqi 'forbidden|unauthorized|could not find the requested resource|no matches for kind|have a resource type' "$errors"
}
while :; do
  exec 3</dev/stdin
  "$@" <&3 3<&- 2>"$errors" & child=$!
  wait "$child"; code=$?
  exec 3<&-
  now=$(date +%s); start=${'${start:-$now}'}
  if [ "$code" -eq 0 ] || ! passing || [ $((now - start)) -ge "$patience" ]; then
    [ -z "$down" ] || [ "$code" -ne 0 ] || echo 'The API server answers again.' >&2
    cat -- "$errors" >&2
    exit "$code"
  fi
  [ -n "$down" ] || { printf 'The API server does not answer: '; head -n 1 "$errors"; } >&2
  down=yes
  sleep 1
done
`,
};
