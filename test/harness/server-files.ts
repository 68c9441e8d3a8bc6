import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export const nodeAddress = '198.18.0.1';
export const serviceNetwork = '10.96.0.0/16';
export const registry = '127.0.0.1:5000';
/** Registries whose images are pulled by their real names from the server's own registry. */
const registries = ['docker.io', 'ghcr.io', 'quay.io', 'lscr.io', registry];

const keys = `set -eu
ec() { openssl "$@" -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes 2>/dev/null; }
ec req -x509 -keyout ca.key -out ca.crt -subj /CN=test-ca -days 3650
crt() {
  ec req -keyout "$1.key" -out "$1.csr" -subj "/O=$3/CN=$2"
  printf 'subjectAltName=%s\\nextendedKeyUsage=serverAuth,clientAuth\\n' "$4" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -out "$1.crt" -days 3650 -extfile "$1.ext" 2>/dev/null
}
crt apiserver kube-apiserver k8s "IP:127.0.0.1,IP:${nodeAddress},IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc"
crt admin admin system:masters DNS:admin
crt kubelet system:node:node1 system:nodes "IP:${nodeAddress},DNS:node1"
openssl genrsa -out sa.key 2048 2>/dev/null; openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
ssh-keygen -q -t ed25519 -N '' -f host_ed25519; ssh-keygen -q -t ed25519 -N '' -f id`;

const base64 = (path: string) => readFileSync(path).toString('base64');

function kubeconfig(pki: string, user: string): string {
  return `apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: https://127.0.0.1:6443, certificate-authority-data: ${base64(join(pki, 'ca.crt'))}}}]
users: [{name: user, user: {client-certificate-data: ${base64(join(pki, `${user}.crt`))}, client-key-data: ${base64(join(pki, `${user}.key`))}}}]
contexts: [{name: test, context: {cluster: test, user: user}}]
current-context: test
`;
}

/** Keys and configuration of every part, under the server's folder. */
export function writeFiles(dir: string): void {
  const pki = join(dir, 'pki');
  for (const folder of ['run', 'log', 'bin', 'pki', 'etc/cni', 'data/registry', 'data/docker', 'data/volumes']) mkdirSync(join(dir, folder), { recursive: true });
  if (!existsSync(join(pki, 'id'))) execFileSync('sh', ['-c', keys], { cwd: pki });
  const put = (path: string, text: string) => { writeFileSync(join(dir, path), text, { mode: 0o600 }); };
  put('admin.conf', kubeconfig(pki, 'admin'));
  put('kubelet.conf', kubeconfig(pki, 'kubelet'));
  for (const host of registries) {
    mkdirSync(join(dir, 'etc/certs.d', host), { recursive: true });
    put(`etc/certs.d/${host}/hosts.toml`, `server = "http://${registry}"\n[host."http://${registry}"]\n  capabilities = ["pull", "resolve"]\n`);
  }
  put('etc/registry.yml', `version: 0.1\nstorage: {filesystem: {rootdirectory: ${dir}/data/registry}, delete: {enabled: true}}\nhttp: {addr: "${registry}"}\n`);
  put('etc/resolv.conf', 'nameserver 127.0.0.1\n');
  put('etc/Corefile', `.:53 {\n  errors\n  cache 5\n  kubernetes cluster.local in-addr.arpa {\n    kubeconfig ${dir}/admin.conf test\n    pods insecure\n  }\n}\n`);
  put('etc/local-path.json', localPathConfig(dir));
  put('etc/containerd.toml', containerd(dir));
  put('etc/cni/10-bridge.conflist', JSON.stringify({ cniVersion: '0.4.0', name: 'test', plugins: [
    { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, hairpinMode: true,
      ipam: { type: 'host-local', dataDir: `${dir}/data/cni`, ranges: [[{ subnet: '10.244.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ] }));
  put('etc/kubelet.yaml', kubelet(dir));
  put('etc/addons.yaml', addons(dir));
  copyFileSync(join(pki, 'id.pub'), join(pki, 'authorized_keys'));
  put('etc/sshd_config', `Port 22
ListenAddress 127.0.0.1
HostKey ${pki}/host_ed25519
PidFile none
UsePAM yes
PasswordAuthentication no
PermitRootLogin prohibit-password
AuthorizedKeysFile ${pki}/authorized_keys
StrictModes no
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
Subsystem sftp internal-sftp
SetEnv PATH=${dir}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin KUBECONFIG=${dir}/admin.conf DOCKER_HOST=unix://${dir}/run/docker.sock XDG_STATE_HOME=${dir}/state
`);
}

const containerd = (dir: string) => `version = 2
root = "${dir}/data/containerd"
state = "${dir}/run/containerd"
[grpc]
  address = "${dir}/run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/test/pause:1"
  restrict_oom_score_adj = true # needed where CAP_SYS_RESOURCE is missing
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${dir}/etc/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${dir}/etc/certs.d"
`;

const kubelet = (dir: string) => `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {x509: {clientCAFile: ${dir}/pki/ca.crt}, webhook: {enabled: true}, anonymous: {enabled: false}}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
cgroupRoot: /${basename(dir)} # two kubelets under one root kill each other's pods as orphans
failSwapOn: false
failCgroupV1: false
containerRuntimeEndpoint: unix://${dir}/run/containerd.sock
podLogsDir: ${dir}/data/pod-logs # under a shared folder, kubelets side by side delete each other's logs
clusterDNS: [${nodeAddress}]
clusterDomain: cluster.local
resolvConf: ${dir}/etc/resolv.conf
tlsCertFile: ${dir}/pki/kubelet.crt
tlsPrivateKeyFile: ${dir}/pki/kubelet.key
imageGCHighThresholdPercent: 100
evictionHard: {imagefs.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%", memory.available: "50Mi"}
serializeImagePulls: false
`;

const localPathConfig = (dir: string) => JSON.stringify({ nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [`${dir}/data/volumes`] }] });

/** What the local-path provisioner, a process beside the kubelet, needs in the cluster. */
const addons = (dir: string) => `apiVersion: v1
kind: Namespace
metadata: {name: local-path-storage}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: local-path-provisioner-service-account, namespace: local-path-storage} # the helper pod asks for this very name
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: local-path, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: rancher.io/local-path
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: ConfigMap
metadata: {name: local-path-config, namespace: local-path-storage}
data:
  config.json: '${localPathConfig(dir)}'
  setup: |
    #!/bin/sh
    mkdir -m 0777 -p "$VOL_DIR"
  teardown: |
    #!/bin/sh
    rm -rf "$VOL_DIR"
  helperPod.yaml: |
    apiVersion: v1
    kind: Pod
    metadata: {name: helper-pod}
    spec:
      containers: [{name: helper-pod, image: "${registry}/test/base:1", imagePullPolicy: IfNotPresent}]
`;
