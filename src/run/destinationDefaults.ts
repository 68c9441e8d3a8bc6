import { ingressOfGateway, type KubernetesDestination } from '../model/destination';
import type { ClusterProbe, KubeconfigProbe, ServerProbe } from '../model/probe';
import { quote } from '../text/shellQuoting';

export type DestinationDefaults = Pick<KubernetesDestination, 'applyWith' | 'ingress' | 'tls' | 'storage' | 'kubeconfigPath' | 'sudo'>;

/** What to propose for a destination on a probed server. Without a cluster it is for previews only. */
export function defaultsFrom(probe: ServerProbe): DestinationDefaults {
  const { cluster } = probe;
  if (cluster === undefined || probe.kubectl === undefined) {
    return { applyWith: 'preview', ingress: { kind: 'ingress' }, tls: { kind: 'none' }, storage: { sizeGi: 10 } };
  }
  return {
    applyWith: 'server', kubeconfigPath: cluster.kubeconfigPath, ...(cluster.sudo && { sudo: true }),
    ingress: ingress(cluster), tls: tls(cluster), storage: storage(cluster),
  };
}

/** The marked default, else Traefik (its middlewares carry Coolify's redirects and authentication), else nginx, else the first. */
function ingress({ ingressClasses, apiGroups, gateways }: ClusterProbe): KubernetesDestination['ingress'] {
  const isTraefik = (controller: string) => controller.startsWith('traefik.io/');
  const chosen = ingressClasses.find((one) => one.isDefault) ?? ingressClasses.find((one) => isTraefik(one.controller))
    ?? ingressClasses.find((one) => one.controller.includes('nginx')) ?? ingressClasses[0];
  if (chosen !== undefined) {
    // Before version 3 Traefik's group had another name, which is not rendered.
    const kind = isTraefik(chosen.controller) && apiGroups.includes('traefik.io') ? 'traefik' : 'ingress';
    return { kind, className: chosen.name };
  }
  const gateway = gateways[0];
  return gateway === undefined ? { kind: 'none' } : ingressOfGateway(gateway);
}

/** A ready ClusterIssuer that browsers will trust: neither staging nor self-signed, as far as names tell. */
function tls({ clusterIssuers }: ClusterProbe): KubernetesDestination['tls'] {
  const ready = clusterIssuers.filter((one) => one.ready);
  const trusted = ready.filter((one) => !/stag|test|self-?signed|\bca\b/i.test(one.name));
  const issuer = trusted.find((one) => /prod/i.test(one.name)) ?? trusted[0];
  return issuer === undefined ? { kind: 'none' } : { kind: 'cert-manager', issuer: issuer.name };
}

/** Provisioners whose volumes several nodes can write (ReadWriteMany), by their documentation. */
const shared = /nfs|cephfs|longhorn\.io|efs\.csi\.aws\.com|file\.csi\.azure\.com|filestore\.csi\.storage\.gke\.io|glusterfs/;

/** The class is named even when it is the default: the default may change, and claims must not move with it. */
function storage({ storageClasses }: ClusterProbe): KubernetesDestination['storage'] {
  const chosen = storageClasses.find((one) => one.isDefault) ?? (storageClasses.length === 1 ? storageClasses[0] : undefined);
  const many = storageClasses.find((one) => shared.test(one.provisioner));
  return { sizeGi: 10, ...(chosen && { className: chosen.name }), ...(many && { sharedClassName: many.name }) };
}

/** One sentence, and a command that the user may run on the server, where one would help. */
export interface Advice { sentence: string; command?: string }

/** What a user can do when the probe found no cluster that works; empty when it found one. We never run these commands. */
export function noClusterAdvice(probe: ServerProbe): Advice[] {
  if (probe.cluster !== undefined) return [];
  const hidden = probe.kubeconfigs.find((one) => one.needsSudo);
  const broken = probe.kubeconfigs.find((one) => one.state === 'readable');
  if (hidden !== undefined) return hiddenAdvice(probe, hidden);
  if (broken !== undefined) return [brokenAdvice(probe, broken)];
  return installAdvice(probe);
}

function hiddenAdvice(probe: ServerProbe, hidden: KubeconfigProbe): Advice[] {
  const { user } = probe.system;
  const copy = `mkdir -p ~/.kube && sudo install -m 600 -o "$(id -u)" ${quote(hidden.path)} ~/.kube/config`;
  const why = probe.sudo === 'refused' ? probe.sudoRefusal ?? `sudo asks ${user} for a password` : `${user} may not read it`;
  return [
    ...(probe.sudo === 'untried' ? [{ sentence: `${hidden.path} is there, but only root can read it: allow sudo for this destination.` }] : []),
    { sentence: `${hidden.path} is there, but ${why}: copy it for ${user}.`, command: copy },
  ];
}

function brokenAdvice(probe: ServerProbe, broken: KubeconfigProbe): Advice {
  if (probe.kubectl === undefined) return { sentence: `${broken.path} is there, but kubectl is not: install kubectl on the server.` };
  return { sentence: `${broken.path} is there, but does not work: ${broken.reason ?? 'no reason was given'}.` };
}

/** k3s needs 2 GB for a server node by its documentation; below 1 GB it does not start well. */
const enoughMemory = 1_000_000_000;

function installAdvice(probe: ServerProbe): Advice[] {
  const holder = probe.ports.find((one) => one.service === undefined);
  const by = holder?.container ?? holder?.process;
  const install = holder === undefined
    ? { sentence: 'There is no Kubernetes on this server; this installs k3s.', command: 'curl -sfL https://get.k3s.io | sh -' }
    : {
      sentence: `There is no Kubernetes on this server; this installs k3s and leaves port ${holder.port} to ${by ?? 'the program that holds it'}.`,
      command: "curl -sfL https://get.k3s.io | INSTALL_K3S_EXEC='--disable traefik,servicelb' sh -",
    };
  const { memoryBytes } = probe.system;
  const small = memoryBytes !== undefined && memoryBytes < enoughMemory;
  return [install, ...(small ? [{ sentence: `The server has ${Math.round(memoryBytes / 1e6)} MB of memory; k3s asks for 2 GB.` }] : [])];
}
