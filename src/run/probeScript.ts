import { widerPath } from './probeSections';
import { askpass } from './sudo';

/**
 * $1 nonce, $2 kubeconfig path of the setting or nothing, $3 `yes` when sudo was agreed to, $4 its password or nothing.
 * Everything that may be slow runs in the background, each with what it prints in files of its own; these are the sections of the answer.
 * An API server that is dead costs one request time-out. Nothing is changed on the server, and the files are gone at the end.
 */
export const probeScript = `
umask 077
PATH=$PATH:${widerPath}:$HOME/.local/bin
export PATH LC_ALL=C
nonce=$1 setting=$2 consent=$3
${askpass}
own_folder coolify-kubernetes-probe "$4"
mkdir "$dir/answer"; top=$dir; dir=$dir/answer
trap 'rm -rf -- "$top"' EXIT
date +%s >"$dir/clock"
limit=; command -v timeout >/dev/null 2>&1 && limit='timeout 8'
kubelimit=\${limit:+timeout 6}
[ "$(id -u)" -ne 0 ] || consent=no
case $setting in '~/'*) setting=$HOME/\${setting#'~/'} ;; esac

# name command…: output, errors and exit code each in a file.
keep() { name=$1; shift; "$@" >"$dir/$name" 2>"$dir/$name.err"; echo $? >"$dir/$name.code"; }

{ id -un; id -u; uname -r; uname -m; } >"$dir/system" 2>/dev/null
head -c 4000 /etc/os-release >"$dir/release" 2>/dev/null
grep '^MemTotal:' /proc/meminfo >"$dir/memory" 2>/dev/null
for tool in docker buildah nerdctl podman git setsid flock timeout sudo k3s ctr nixpacks railpack helm; do
  path=$(command -v "$tool" 2>/dev/null) && printf '%s' "$path" >"$dir/tool.$tool"
done
for tool in buildah nerdctl podman git k3s nixpacks railpack; do
  [ ! -s "$dir/tool.$tool" ] || keep "version.$tool" $limit "$tool" --version </dev/null &
done
if [ "$consent" = yes ] && [ -s "$dir/tool.sudo" ]; then keep sudo sudo $how true; [ "$(cat "$dir/sudo.code")" = 0 ] || consent=no; else consent=no; fi
root=; [ "$consent" = no ] || root="sudo $how --"

look_at_docker() {
  keep docker $limit docker version --format '{{json .}}'
  as=
  if [ "$(cat "$dir/docker.code")" != 0 ] && [ -n "$root" ]; then
    as=$root; : >"$dir/docker.sudo"
    keep docker $as $limit docker version --format '{{json .}}'
  fi
  [ "$(cat "$dir/docker.code")" != 0 ] || keep containers $as $limit docker ps --no-trunc --format '[{{json .Names}},{{json .Ports}}]'
}
[ ! -s "$dir/tool.docker" ] || look_at_docker &

look_at_ports() {
  if command -v ss >/dev/null 2>&1; then keep sockets $root ss -ltnp
  else grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 >"$dir/proc" 2>/dev/null; fi
}
look_at_ports &

for pair in "home:$HOME" "temporary:\${TMPDIR:-/tmp}" docker:/var/lib/docker containerd:/var/lib/containerd kubelet:/var/lib/kubelet rancher:/var/lib/rancher; do
  [ ! -d "\${pair#*:}" ] || { printf '%s\\n' "\${pair#*:}"; df -Pk -- "\${pair#*:}" 2>/dev/null | tail -n 1; } >"$dir/disk.\${pair%%:*}"
done

kubectl=; sub=
for tool in kubectl k3s microk8s k0s; do
  kubectl=$(command -v "$tool" 2>/dev/null) || { kubectl=; continue; }
  [ "$tool" = kubectl ] || sub=kubectl
  break
done
[ -z "$kubectl" ] || { printf '%s\\n%s' "$kubectl" "$sub" >"$dir/kubectl"; keep client $limit "$kubectl" \${sub:+"$sub"} version --client -o json & }

# as config arguments…
kube() { as=$1; config=$2; shift 2; $as $kubelimit "$kubectl" \${sub:+"$sub"} "--kubeconfig=$config" --request-timeout=4s "$@"; }

examine() {
  as=
  if [ -f "$2" ] && [ -r "$2" ]; then state=readable
  elif [ -n "$root" ] && sudo $how -- test -f "$2"; then state=readable; as=$root; : >"$dir/config.$1.sudo"
  elif [ -e "$2" ]; then state=unreadable
  else state=missing; fi
  printf '%s' "$state" >"$dir/config.$1.state"
  # The list of API groups needs valid credentials; /version would answer anybody.
  [ "$state" != readable ] || [ -z "$kubectl" ] || keep "config.$1.apis" kube "$as" "$2" get --raw /apis
}
count=0; pids=; seen=
candidate() {
  [ -n "$2" ] || return 0
  case "$seen" in *":$2:"*) return 0 ;; esac
  seen="$seen:$2:"
  count=$((count + 1))
  printf '%s' "$1" >"$dir/config.$count.source"; printf '%s' "$2" >"$dir/config.$count.path"
  examine "$count" "$2" & pids="$pids $!"
}
candidate setting "$setting"
list=$KUBECONFIG
while [ -n "$list" ]; do
  case $list in *:*) first=\${list%%:*}; list=\${list#*:} ;; *) first=$list; list= ;; esac
  candidate environment "$first"
done
candidate home "$HOME/.kube/config"
candidate k3s /etc/rancher/k3s/k3s.yaml
candidate rke2 /etc/rancher/rke2/rke2.yaml
candidate k0s /var/lib/k0s/pki/admin.conf
candidate microk8s /var/snap/microk8s/current/credentials/client.config
candidate kubeadm /etc/kubernetes/admin.conf
wait $pids

chosen=; number=1
while [ "$number" -le "$count" ] && [ -z "$chosen" ]; do
  [ "$(cat "$dir/config.$number.apis.code" 2>/dev/null)" != 0 ] || chosen=$number
  number=$((number + 1))
done
if [ -n "$chosen" ]; then
  printf '%s' "$chosen" >"$dir/chosen"
  apis=$dir/config.$chosen.apis; config=$(cat "$dir/config.$chosen.path"; echo .); config=\${config%.}
  as=; [ ! -e "$dir/config.$chosen.sudo" ] || as=$root
  raw() { keep "cluster.$1" kube "$as" "$config" get --raw "$2" & }
  raw version /version
  raw storageclasses /apis/storage.k8s.io/v1/storageclasses
  raw ingressclasses /apis/networking.k8s.io/v1/ingressclasses
  raw loadbalancers '/api/v1/services?limit=500&fieldSelector=spec.type%3DLoadBalancer'
  ! grep -q '"cert-manager.io"' "$apis" || raw clusterissuers '/apis/cert-manager.io/v1/clusterissuers?limit=200'
  if grep -q '"gateway.networking.k8s.io/v1"' "$apis"; then raw gateways '/apis/gateway.networking.k8s.io/v1/gateways?limit=200'
  elif grep -q '"gateway.networking.k8s.io/v1beta1"' "$apis"; then raw gateways '/apis/gateway.networking.k8s.io/v1beta1/gateways?limit=200'; fi
fi
wait
for file in "$dir"/*; do
  printf '\\n%s %s\\n' "$nonce" "\${file##*/}"
  head -c 2000000 "$file"
done
printf '\\n%s end\\n' "$nonce"
`;
