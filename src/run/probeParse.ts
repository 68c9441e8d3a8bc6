import type { DiskSpace, DockerProbe, KubeconfigProbe, KubeconfigSource, ServerProbe, ServerSystem, ServerTool, SudoState } from '../model/probe';
import { isObject } from '../text/json';
import { sanitise } from './events';
import { clusterOf } from './probeCluster';
import { portsOf } from './probePorts';

export type Sections = ReadonlyMap<string, string>;

/** What the caller's clock showed when the question was sent and when the answer was complete, in milliseconds of the epoch. */
export interface AskedAt { before: number; after: number }

/** The answer of probeScript as a probe. What is missing or malformed in it is left out, never guessed. */
export function parseProbe(found: Sections, asked: AskedAt): ServerProbe {
  const kubeconfigs = kubeconfigsOf(found);
  const kubectl = kubectlOf(found);
  const docker = dockerOf(found);
  const chosen = kubeconfigs[Number(found.get('chosen') ?? '0') - 1];
  const cluster = chosen?.works === true ? clusterOf(found, chosen, Number(found.get('chosen'))) : undefined;
  return {
    system: systemOf(found),
    tools: toolsOf(found),
    ...(docker && { docker }),
    sudo: sudoOf(found),
    ...(kubectl && { kubectl }),
    kubeconfigs,
    ...(cluster && { cluster }),
    disks: disksOf(found),
    clockSkewSeconds: skew(found.get('clock') ?? '', asked),
    ports: portsOf(found, cluster),
  };
}

const line = (text: string | undefined): string => sanitise((text ?? '').trim().split('\n')[0] ?? '').slice(0, 300);

/** The last thing a tool said before it failed; earlier lines are often warnings. */
export function reasonOf(found: Sections, name: string): string {
  const lines = (found.get(`${name}.err`) ?? '').trim().split('\n').filter((text) => text.trim() !== '');
  const code = (found.get(`${name}.code`) ?? '').trim();
  if (code === '124' || code === '') return 'it did not answer in time';
  return sanitise(lines.at(-1) ?? `exit code ${code}`).slice(0, 300);
}

export const succeeded = (found: Sections, name: string): boolean => found.get(`${name}.code`)?.trim() === '0';

export function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** A value somewhere in foreign JSON, when it is text. */
export function textAt(value: unknown, ...path: string[]): string | undefined {
  let at = value;
  for (const key of path) at = isObject(at) ? at[key] : undefined;
  return typeof at === 'string' && at !== '' ? at : undefined;
}

function systemOf(found: Sections): ServerSystem {
  const [user = '', uid = '', kernel = '', machine = ''] = (found.get('system') ?? '').split('\n').map(line);
  const release = new Map((found.get('release') ?? '').split('\n').map((text) => {
    const at = text.indexOf('=');
    return [text.slice(0, at), line(text.slice(at + 1).replace(/^(["'])(.*)\1$/, '$2'))] as const;
  }));
  const memory = /^MemTotal:\s+(\d+) kB$/m.exec(found.get('memory') ?? '')?.[1];
  const id = release.get('ID');
  return {
    os: release.get('PRETTY_NAME') || id || 'unknown', ...(id !== undefined && id !== '' && { osId: id }),
    kernel, architecture: architectures[machine] ?? machine, user, root: uid === '0',
    ...(memory !== undefined && { memoryBytes: Number(memory) * 1024 }),
  };
}

/** The names of uname beside those of the OCI image specification (GOARCH). */
const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', armv6l: 'arm', i686: '386' };

const tools: readonly ServerTool[] = ['docker', 'buildah', 'nerdctl', 'podman', 'git', 'setsid', 'flock', 'timeout', 'sudo', 'k3s', 'ctr', 'nixpacks', 'railpack', 'helm'];

function toolsOf(found: Sections): ServerProbe['tools'] {
  const result: ServerProbe['tools'] = {};
  for (const tool of tools) {
    const path = line(found.get(`tool.${tool}`));
    // `command -v` may name an alias or a builtin; a file is what can be run.
    if (!path.startsWith('/')) continue;
    const version = succeeded(found, `version.${tool}`) ? /\d+(\.\d+)+[-+.\w]*/.exec(line(found.get(`version.${tool}`)))?.[0] : undefined;
    result[tool] = { path, ...(version !== undefined && { version }) };
  }
  return result;
}

function dockerOf(found: Sections): DockerProbe | undefined {
  if (!found.has('docker')) return undefined;
  const answer = jsonOf(found.get('docker'));
  const clientVersion = textAt(answer, 'Client', 'Version');
  const serverVersion = succeeded(found, 'docker') ? textAt(answer, 'Server', 'Version') : undefined;
  return {
    ...(clientVersion !== undefined && { clientVersion }),
    ...(serverVersion !== undefined ? { serverVersion } : { reason: reasonOf(found, 'docker') }),
    sudo: found.has('docker.sudo') && serverVersion !== undefined,
  };
}

function sudoOf(found: Sections): SudoState {
  if (systemOf(found).root) return 'unneeded';
  if (!found.has('tool.sudo')) return 'absent';
  if (!found.has('sudo.code')) return 'untried';
  return succeeded(found, 'sudo') ? 'works' : 'refused';
}

function kubectlOf(found: Sections): ServerProbe['kubectl'] {
  const [path = '', sub = ''] = (found.get('kubectl') ?? '').split('\n');
  if (!path.startsWith('/')) return undefined;
  const version = textAt(jsonOf(found.get('client')), 'clientVersion', 'gitVersion');
  return { argv: sub === '' ? [path] : [path, sub], ...(version !== undefined && { version }) };
}

const sources: readonly KubeconfigSource[] = ['setting', 'environment', 'home', 'k3s', 'rke2', 'k0s', 'microk8s', 'kubeadm'];
const states: readonly KubeconfigProbe['state'][] = ['missing', 'unreadable', 'readable'];

function kubeconfigsOf(found: Sections): KubeconfigProbe[] {
  const result: KubeconfigProbe[] = [];
  for (let number = 1; found.has(`config.${number}.path`); number++) {
    const at = `config.${number}`;
    const source = sources.find((name) => name === found.get(`${at}.source`)) ?? 'setting';
    const state = states.find((name) => name === found.get(`${at}.state`)) ?? 'missing';
    const works = state === 'readable' && succeeded(found, `${at}.apis`) && isObject(jsonOf(found.get(`${at}.apis`)));
    result.push({
      source, path: found.get(`${at}.path`) ?? '', state, sudo: found.has(`${at}.sudo`), needsSudo: state === 'unreadable', works,
      ...(!works && state !== 'missing' && { reason: whyNot(found, at, state) }),
    });
  }
  return result;
}

function whyNot(found: Sections, at: string, state: KubeconfigProbe['state']): string {
  if (state === 'unreadable') return 'the account may not read it';
  if (!found.has('kubectl')) return 'there is no kubectl to try it with';
  return succeeded(found, `${at}.apis`) ? 'what answered is not a Kubernetes API' : reasonOf(found, `${at}.apis`);
}

const purposes: readonly DiskSpace['purpose'][] = ['home', 'temporary', 'docker', 'containerd', 'kubelet', 'rancher'];

function disksOf(found: Sections): DiskSpace[] {
  return purposes.flatMap((purpose) => {
    const [path = '', usage = ''] = (found.get(`disk.${purpose}`) ?? '').split('\n');
    // df -P: file system, 1024-blocks, used, available, capacity, mount point; the first and the last may hold spaces.
    const match = /\s(\d+)\s+\d+\s+(\d+)\s+\d+%\s+(\/.*)$/.exec(usage);
    return match === null ? [] : [{ purpose, path, mountPoint: match[3] ?? '', sizeBytes: Number(match[1]) * 1024, freeBytes: Number(match[2]) * 1024 }];
  });
}

/** The server's clock was read between `before` and `after`, in whole seconds; only what lies outside of that is skew. */
function skew(text: string, { before, after }: AskedAt): number {
  const server = /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined;
  if (server === undefined) return 0;
  const earliest = Math.floor(before / 1000);
  const latest = Math.floor(after / 1000);
  return server < earliest ? server - earliest : server > latest ? server - latest : 0;
}
