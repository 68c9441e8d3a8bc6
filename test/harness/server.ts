import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pushBaseImages } from './images.ts';
import { kubeBinaries } from './kube.ts';
import { ensurePackages } from './packages.ts';
import { printedProgress, type Progress } from './progress.ts';
import { nodeAddress, serviceNetwork, writeFiles } from './server-files.ts';
import { hasNamespace, stopServer } from './server-stop.ts';

export interface Output { code: number; stdout: string; stderr: string }

/** A server with Docker and a one-node Kubernetes. From outside only its SSH port can be reached. */
export interface TestServer {
  dir: string;
  sshPort: number;
  privateKeyPath: string;
  /** As `SHA256:…` */
  hostKeyFingerprint: string;
  /** Names 127.0.0.1:6443 of the server, so it is of use in the server or through a tunnel. */
  kubeconfig: string;
  kubectl: (args: string[], stdin?: string) => Output;
  exec: (argv: string[], stdin?: string) => Output;
  /** Starts a program that goes on until the server stops; what it prints is in `log/NAME.log`. */
  start: (name: string, argv: string[]) => void;
  stop: () => Promise<void>;
}

/** Why no server can run here, in one line; undefined when one can. Installs packages only where that was agreed to. */
export function missingForServer(): string | undefined {
  if (process.platform !== 'linux') return 'a server needs Linux';
  if (process.getuid?.() !== 0) return 'a server needs root, for network namespaces and containers';
  return ensurePackages();
}

const path = '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin';

function environment(dir: string): NodeJS.ProcessEnv {
  return { PATH: `${dir}/bin:${path}`, HOME: dir, KUBECONFIG: join(dir, 'admin.conf'), DOCKER_HOST: `unix://${dir}/run/docker.sock`, DOCKER_BUILDKIT: '0' };
}

// Not `ip netns exec`, which hides /sys/fs/cgroup.
const inside = (dir: string, argv: string[]): string[] => [`--net=/run/netns/${basename(dir)}`, '--', ...argv];

function execIn(dir: string, argv: string[], stdin = ''): Output {
  const { status, stdout, stderr } = spawnSync('nsenter', inside(dir, argv), { input: stdin, encoding: 'utf8', env: environment(dir), maxBuffer: 1 << 26 });
  return { code: status ?? 255, stdout: stdout ?? '', stderr: stderr ?? '' };
}

function must(dir: string, argv: string[], stdin?: string): string {
  const { code, stdout, stderr } = execIn(dir, argv, stdin);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit code ${code}: ${stderr.trim()}`);
  return stdout;
}

function launch(dir: string, name: string, command: string, args: string[]): void {
  const log = openSync(join(dir, 'log', `${name}.log`), 'w');
  const child = spawn(command, args, { cwd: dir, detached: true, stdio: ['ignore', log, log], env: environment(dir) });
  writeFileSync(join(dir, 'run', `${name}.pid`), String(child.pid));
  child.unref();
}

async function until(dir: string, what: string, argv: string[], seconds = 60): Promise<void> {
  let last: Output | undefined;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
    last = execIn(dir, argv);
    if (last.code === 0) return;
  }
  throw new Error(`${what} did not come up in ${seconds} s (logs are in ${dir}/log): ${last?.stderr.trim() ?? ''}`);
}

const freePort = (): Promise<number> => new Promise((done, fail) => {
  const server = createServer().once('error', fail).listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => { done(typeof address === 'object' && address !== null ? address.port : 0); });
  });
});

/** The last part of `dir` names the namespace and the cgroup, so it is different for servers side by side. */
export async function startServer({ dir: folder, name, sshPort, progress = printedProgress() }: { dir: string; name?: string; sshPort?: number; progress?: Progress }): Promise<TestServer> {
  const reason = missingForServer();
  if (reason !== undefined) throw new Error(reason);
  const dir = resolve(name === undefined ? folder : join(folder, name));
  if (hasNamespace(dir)) throw new Error(`a server of the name ${basename(dir)} is there already`);
  mkdirSync(dir, { recursive: true });
  const port = sshPort ?? await freePort();
  try {
    await startParts(dir, port, progress);
  } catch (error) {
    await stopServer(dir);
    throw error;
  }
  writeFileSync(join(dir, 'ssh-port'), String(port));
  return handle(dir, port);
}

async function startParts(dir: string, port: number, progress: Progress): Promise<void> {
  const { kube, localPath } = await kubeBinaries(progress);
  writeFiles(dir);
  for (const [link, target] of [['kubectl', join(kube, 'kubectl')], ['docker', '/usr/bin/docker']] as const) {
    rmSync(join(dir, 'bin', link), { force: true });
    symlinkSync(target, join(dir, 'bin', link));
  }
  network(dir);
  const start = (part: string, command: string, ...args: string[]) => { launch(dir, part, 'nsenter', inside(dir, [command, ...args])); };
  const pki = (file: string) => join(dir, 'pki', file);
  const admin = join(dir, 'admin.conf');
  start('etcd', `${kube}/etcd`, '--data-dir', `${dir}/data/etcd`, '--listen-client-urls', 'http://127.0.0.1:2379', '--advertise-client-urls', 'http://127.0.0.1:2379',
    '--listen-peer-urls', 'http://127.0.0.1:2380', '--unsafe-no-fsync', '--log-level', 'error');
  start('apiserver', `${kube}/kube-apiserver`, '--etcd-servers', 'http://127.0.0.1:2379', '--secure-port', '6443', '--advertise-address', nodeAddress,
    '--service-cluster-ip-range', serviceNetwork, '--tls-cert-file', pki('apiserver.crt'), '--tls-private-key-file', pki('apiserver.key'), '--client-ca-file', pki('ca.crt'),
    '--service-account-key-file', pki('sa.pub'), '--service-account-signing-key-file', pki('sa.key'), '--service-account-issuer', 'https://kubernetes.default.svc',
    '--authorization-mode', 'Node,RBAC', '--enable-admission-plugins', 'NodeRestriction', '--kubelet-client-certificate', pki('admin.crt'), '--kubelet-client-key', pki('admin.key'),
    '--kubelet-certificate-authority', pki('ca.crt'), '--kubelet-preferred-address-types', 'InternalIP', '--allow-privileged=true');
  start('registry', 'docker-registry', 'serve', `${dir}/etc/registry.yml`);
  start('containerd', 'containerd', '--config', `${dir}/etc/containerd.toml`, '--log-level', 'error');
  await until(dir, 'containerd', ['ctr', '-a', `${dir}/run/containerd.sock`, 'version']);
  start('dockerd', 'dockerd', '--data-root', `${dir}/data/docker`, '--exec-root', `${dir}/run/docker`, '--pidfile', `${dir}/run/docker.self`, '-H', `unix://${dir}/run/docker.sock`,
    '--containerd', `${dir}/run/containerd.sock`, '--bip', '172.31.250.1/24', '--registry-mirror', 'http://127.0.0.1:5000', '--insecure-registry', '127.0.0.0/8',
    '--cgroup-parent', `/${basename(dir)}/docker`);
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  start('sshd', '/usr/sbin/sshd', '-D', '-e', '-f', `${dir}/etc/sshd_config`);
  // A Unix socket crosses network namespaces.
  start('ssh-inside', 'socat', `UNIX-LISTEN:${dir}/run/ssh.sock,fork,mode=600`, 'TCP:127.0.0.1:22');
  launch(dir, 'ssh-outside', 'socat', [`TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, `UNIX-CONNECT:${dir}/run/ssh.sock`]);
  await until(dir, 'the API server', ['kubectl', 'get', '--raw', '/readyz']);
  start('controllers', `${kube}/kube-controller-manager`, '--kubeconfig', admin, '--service-account-private-key-file', pki('sa.key'), '--root-ca-file', pki('ca.crt'),
    '--use-service-account-credentials=true', '--leader-elect=false', '--bind-address', '127.0.0.1');
  start('scheduler', `${kube}/kube-scheduler`, '--kubeconfig', admin, '--leader-elect=false', '--bind-address', '127.0.0.1');
  start('kubelet', `${kube}/kubelet`, '--config', `${dir}/etc/kubelet.yaml`, '--kubeconfig', `${dir}/kubelet.conf`, '--root-dir', `${dir}/data/kubelet`,
    '--hostname-override', 'node1', '--node-ip', nodeAddress);
  start('proxy', `${kube}/kube-proxy`, '--kubeconfig', admin, '--hostname-override', 'node1', '--proxy-mode', 'nftables', '--cluster-cidr', '10.244.0.0/24',
    '--conntrack-max-per-core', '0', '--bind-address', '127.0.0.1', '--nodeport-addresses', `${nodeAddress}/32`);
  start('coredns', `${kube}/coredns`, '-conf', `${dir}/etc/Corefile`);
  must(dir, ['kubectl', 'apply', '-f', `${dir}/etc/addons.yaml`]);
  start('local-path', `${localPath}/local-path-provisioner`, 'start', '--config', `${dir}/etc/local-path.json`, '--kubeconfig', admin, '--namespace', 'local-path-storage',
    '--configmap-name', 'local-path-config', '--helper-image', '127.0.0.1:5000/test/base:1');
  await until(dir, 'Docker', ['docker', 'version']);
  pushBaseImages((argv) => must(dir, argv));
  await until(dir, 'the node', ['kubectl', 'get', 'node', 'node1']);
  must(dir, ['kubectl', 'wait', '--for=condition=Ready', 'node/node1', '--timeout=60s']);
}

/** A network namespace with no way out. A bridge stands in for the network card. */
function network(dir: string): void {
  const name = basename(dir);
  execFileSync('ip', ['netns', 'add', name]);
  const cgroup = '/sys/fs/cgroup';
  execFileSync('sh', ['-c', `if [ -f ${cgroup}/cgroup.controllers ]; then
  echo "+cpu +memory +pids" >${cgroup}/cgroup.subtree_control 2>/dev/null || true; mkdir -p "${cgroup}/${name}"
else for c in ${cgroup}/*/; do mkdir -p "$c"${name} 2>/dev/null || true; done; fi`]);
  // Without a route, a packet to a Service fails before kube-proxy sees it.
  must(dir, ['sh', '-c', `ip link set lo up && ip link add node0 type bridge && ip addr add ${nodeAddress}/24 dev node0 && ip link set node0 up &&
ip route add ${serviceNetwork} dev node0 && sysctl -qw net.ipv4.ip_forward=1 && { sysctl -qw net.bridge.bridge-nf-call-iptables=1 || true; }`]);
}

function handle(dir: string, sshPort: number): TestServer {
  const fingerprint = execFileSync('ssh-keygen', ['-lf', join(dir, 'pki/host_ed25519.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '';
  return {
    dir, sshPort, privateKeyPath: join(dir, 'pki/id'), hostKeyFingerprint: fingerprint, kubeconfig: readFileSync(join(dir, 'admin.conf'), 'utf8'),
    kubectl: (args, stdin) => execIn(dir, ['kubectl', ...args], stdin),
    exec: (argv, stdin) => execIn(dir, argv, stdin),
    start: (name, argv) => { launch(dir, name, 'nsenter', inside(dir, argv)); },
    stop: () => stopServer(dir),
  };
}

if (import.meta.main) {
  const [command, dir] = process.argv.slice(2);
  if (command === 'up' && dir !== undefined) {
    const start = Date.now();
    const server = await startServer({ dir });
    console.log(`up in ${Date.now() - start} ms: ssh -i ${server.privateKeyPath} -p ${server.sshPort} root@127.0.0.1`);
  } else if (command === 'down' && dir !== undefined && existsSync(dir)) await stopServer(resolve(dir));
  else { console.error('use: node test/harness/server.ts up|down DIR'); process.exitCode = 2; }
}
