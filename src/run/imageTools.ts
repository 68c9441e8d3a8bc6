import type { KubeconfigSource, ServerProbe } from '../model/probe';

/** What a server can make images with, each a command with its fixed arguments. */
export interface ImageTools {
  /** Absent: no Docker daemon answers. */
  docker?: string[];
  /** Gives an image to the cluster's own containerd, for a cluster on this very server. Absent: there is no client for it. */
  importWith?: string[];
}

/** @param sudo the words that stand before a command for root. */
export function imageToolsOf(probe: ServerProbe, sudo: readonly string[]): ImageTools {
  const { docker, tools, cluster, kubeconfigs } = probe;
  const source = kubeconfigs.find(({ path }) => path === cluster?.kubeconfigPath)?.source;
  const importer = importerOf(source, tools);
  // containerd's socket is root's.
  const asRoot = probe.system.root ? [] : sudo;
  return {
    ...(docker?.serverVersion !== undefined && { docker: [...(docker.sudo ? sudo : []), tools.docker?.path ?? 'docker'] }),
    ...(importer !== undefined && (probe.system.root || probe.sudo === 'works') && { importWith: [...asRoot, ...importer] }),
  };
}

/** Each distribution has a containerd of its own, at a place of its own (by their documentation). */
function importerOf(source: KubeconfigSource | undefined, { k3s, ctr }: ServerProbe['tools']): string[] | undefined {
  if (source === 'microk8s') return ['microk8s', 'ctr'];
  if (source === 'rke2') return ['/var/lib/rancher/rke2/bin/ctr', '--address', '/run/k3s/containerd/containerd.sock', '--namespace', 'k8s.io'];
  if (source === 'k0s') return ['k0s', 'ctr', '--namespace', 'k8s.io'];
  if (k3s !== undefined) return [k3s.path, 'ctr', '--namespace', 'k8s.io'];
  return ctr === undefined ? undefined : [ctr.path, '--namespace', 'k8s.io'];
}
