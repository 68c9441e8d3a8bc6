import * as vscode from 'vscode';
import type { Cluster } from '../../cluster';
import type { KubernetesDestination } from '../../model/destination';
import { loadCluster, loadRemote } from './bundles';
import type { Connections, OpenOptions, SshTarget } from './connections';
import type { SecretStore } from './secretStore';

const { t } = vscode.l10n;

interface Opened { cluster: Cluster; isOpen: () => boolean }

/** The API server of a destination: through the SSH tunnel of its server, or by a kubeconfig of its own. Opened at first use. */
export class Clusters implements vscode.Disposable {
  private readonly open = new Map<string, { key: string; opening: Promise<Opened> }>();

  constructor(private readonly connections: Connections, private readonly kubeconfigs: SecretStore) {}

  async of(destination: KubernetesDestination, options: OpenOptions = {}): Promise<Cluster> {
    const key = JSON.stringify(destination);
    const known = this.open.get(destination.id);
    const opened = known?.key === key ? await known.opening.catch(() => undefined) : undefined;
    if (opened?.isOpen()) return opened.cluster;
    this.forget(destination.id);
    const opening = this.connect(destination, options);
    this.open.set(destination.id, { key, opening });
    opening.catch(() => { if (this.open.get(destination.id)?.opening === opening) this.open.delete(destination.id); });
    return (await opening).cluster;
  }

  forget(id: string): void {
    this.open.get(id)?.opening.then(({ cluster }) => { cluster.close(); }, () => undefined);
    this.open.delete(id);
  }

  dispose(): void {
    for (const id of [...this.open.keys()]) this.forget(id);
  }

  private async connect(destination: KubernetesDestination, options: OpenOptions): Promise<Opened> {
    switch (destination.applyWith) {
      case 'preview': throw new Error(t('{0} is for previews only: it has no cluster yet.', destination.name));
      case 'kubeconfig': {
        const kubeconfig = await this.kubeconfigs.get(destination.id);
        if (kubeconfig === undefined) throw new Error(t('The kubeconfig of {0} is not on this machine; edit the destination to give it again.', destination.name));
        return { cluster: loadCluster().openCluster(kubeconfig), isOpen: () => true };
      }
      case 'server': return this.throughServer(destination, options);
    }
  }

  private async throughServer(destination: KubernetesDestination, options: OpenOptions): Promise<Opened> {
    const connection = await this.connections.to(sshTarget(destination), options);
    const { readKubeconfig, readFiles, forward } = loadRemote();
    const { filePathsIn, openCluster } = loadCluster();
    const sudo = { sudo: destination.sudo === true, ...(options.signal && { signal: options.signal }) };
    const kubeconfig = await readKubeconfig(connection, destination.kubeconfigPath, sudo);
    const paths = filePathsIn(kubeconfig);
    const files = paths.length === 0 ? {} : Object.fromEntries(await readFiles(connection, paths, sudo));
    return { cluster: openCluster(kubeconfig, { files, dial: (host, port) => forward(connection, host, port) }), isOpen: connection.isOpen };
  }
}

/** The server of a destination as SSH needs it. */
export function sshTarget(destination: KubernetesDestination): SshTarget {
  if (destination.ssh === undefined) throw new Error(t('{0} has no server to connect to; edit the destination.', destination.name));
  return { ssh: destination.ssh, ...(destination.instance !== undefined && { instance: destination.instance }), ...(destination.server !== undefined && { server: destination.server }) };
}
