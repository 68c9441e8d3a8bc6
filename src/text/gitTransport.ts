/**
 * How git reaches code from a server, as a piece of a shell text. Expects: repository; key, the path of a private key that may not be there; hosts, the
 * path of known_hosts lines that may not be there; remembered, the file for first keys. Ends with 64 for an address that is not allowed, with 69 without git.
 */
export const gitTransport = String.raw`
command -v git >/dev/null 2>&1 || { echo 'git is not installed on this server.'; exit 69; }
case $repository in -*|ext::*|file:*|/*) echo 'This repository address is not allowed.'; exit 64 ;; esac
case $repository in *://*) ;; *@*:*) ;; *) echo 'The repository needs a full address (https://… or git@host:path).'; exit 64 ;; esac
export GIT_ALLOW_PROTOCOL=https:http:ssh:git GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=/bin/false GIT_CONFIG_NOSYSTEM=1
check=yes
# The first key of a git host is remembered for all later runs; a changed one is refused.
[ -e "$hosts" ] || { hosts=$remembered; check=accept-new; }
if [ -e "$key" ]; then key="-i '$key' -o IdentitiesOnly=yes"; else key=; fi
export GIT_SSH_COMMAND="ssh $key -o BatchMode=yes -o ConnectTimeout=30 -o StrictHostKeyChecking=$check -o UserKnownHostsFile='$hosts'"
`;
