import * as vscode from 'vscode';
import type { AccessRule } from '../../cluster';
import type { KubernetesDestination } from '../../model/destination';
import type { ServerProbe } from '../../model/probe';
import type { VirtualDocuments } from '../documents/virtualDocuments';
import { loadCluster, loadCore } from '../host/bundles';
import { sshTarget, type Clusters } from '../host/clusters';
import type { Connections } from '../host/connections';
import type { RegistryLogins } from '../host/registryLogins';
import type { SecretStore } from '../host/secretStore';
import { withProgress } from '../host/progress';
import { probeOf } from '../host/server';
import { forgetDestination, readDestinations, saveDestination } from '../host/settings';
import { signInToServer } from '../prompts/authentication';
import { chooseCluster } from '../prompts/cluster';
import { askKubeconfig } from '../prompts/kubeconfig';
import { askPolicy } from '../prompts/policy';
import { askAddress } from '../prompts/server';
import { testReport } from '../documents/testReport';
import { freeName } from './addDestination';

const { t } = vscode.l10n;

export interface ManageParts { connections: Connections; clusters: Clusters; kubeconfigs: SecretStore; registryLogins: RegistryLogins; documents: VirtualDocuments }

/** The same questions as when it was added, with its own answers first. Nothing is saved before the last one. */
export async function editDestination(parts: ManageParts, destination: KubernetesDestination): Promise<void> {
  const title = t('Edit {0}', destination.name);
  const reached = destination.applyWith === 'kubeconfig' ? await editKubeconfig(title, destination) : await editServer(title, parts, destination);
  if (reached === undefined) return;
  const others = readDestinations().filter(({ id }) => id !== destination.id).map(({ name }) => name);
  const answers = await askPolicy(title, reached.destination, reached.probe?.cluster, others, parts.registryLogins);
  if (answers === undefined) return;
  const { policy, login } = answers;
  const { namespace: _namespace, registry: _registry, ...rest } = reached.destination;
  await saveDestination({ ...rest, ...policy });
  if (login !== undefined) await parts.registryLogins.set(login);
  if (reached.kubeconfig !== undefined) await parts.kubeconfigs.set(destination.id, reached.kubeconfig);
  parts.clusters.forget(destination.id);
}

interface Reached { destination: KubernetesDestination; probe?: ServerProbe; kubeconfig?: string }

async function editKubeconfig(title: string, destination: KubernetesDestination): Promise<Reached | undefined> {
  const kubeconfig = await askKubeconfig(title);
  return kubeconfig && { destination, kubeconfig: kubeconfig.text };
}

async function editServer(title: string, { connections }: ManageParts, destination: KubernetesDestination): Promise<Reached | undefined> {
  const target = sshTarget(destination);
  const address = await askAddress(title, t('Address of the server from this machine, as user@host:port'), target.ssh);
  if (address === undefined) return undefined;
  const signedIn = await signInToServer(title, connections, { ...target, ssh: { ...target.ssh, ...address } }, destination.server !== undefined);
  if (signedIn === undefined) return undefined;
  const found = await chooseCluster(title, signedIn, destination.sudo === true);
  if (found === undefined) return undefined;
  const { applyWith, kubeconfigPath, sudo } = found.destination;
  const { kubeconfigPath: _path, sudo: _sudo, ...kept } = destination;
  return { probe: found.probe, destination: { ...kept, ssh: signedIn.target.ssh, applyWith, ...(kubeconfigPath !== undefined && { kubeconfigPath }), ...(sudo === true && { sudo }) } };
}

export async function duplicateDestination({ kubeconfigs }: ManageParts, destination: KubernetesDestination): Promise<void> {
  const all = readDestinations();
  const copy = { ...destination, id: freeName(destination.id, all.map(({ id }) => id)), name: freeName(destination.name, all.map(({ name }) => name)) };
  const kubeconfig = await kubeconfigs.get(destination.id);
  if (kubeconfig !== undefined) await kubeconfigs.set(copy.id, kubeconfig);
  await saveDestination(copy);
}

export async function removeDestination({ clusters, kubeconfigs }: ManageParts, destination: KubernetesDestination): Promise<void> {
  const remove = t('Remove');
  const detail = t('The destination is forgotten. What runs in the cluster stays as it is.');
  if (await vscode.window.showWarningMessage(t('Remove {0}?', destination.name), { modal: true, detail }, remove) !== remove) return;
  await forgetDestination(destination.id);
  await kubeconfigs.delete(destination.id);
  clusters.forget(destination.id);
}

/** What works, what the account may not do, and the Role that would be enough, as a document. */
export async function testDestination({ connections, clusters, documents }: ManageParts, destination: KubernetesDestination): Promise<void> {
  const text = await withProgress(t('Testing {0}', destination.name), async (signal) => {
    const probe = destination.ssh === undefined ? undefined : await probeOf(connections, destination, signal);
    const access = await accessOf(clusters, destination, signal);
    return testReport({ destination, ...(probe && { probe }), ...access }, loadCore().manifestYaml, t);
  });
  if (text === undefined) return;
  const uri = documents.put([destination.id, t('Test of {0}.md', destination.name)], text);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
}

interface Access { version?: string; missing?: AccessRule[]; role?: ReturnType<ReturnType<typeof loadCluster>['roleFor']>; problem?: string }

async function accessOf(clusters: Clusters, destination: KubernetesDestination, signal: AbortSignal): Promise<Access> {
  if (destination.applyWith === 'preview') return {};
  const namespace = destination.namespace ?? 'default';
  try {
    const cluster = await clusters.of(destination, { signal });
    const { rulesFor, roleFor } = loadCluster();
    const rules = rulesFor(loadCore().typicalObjects(destination, namespace));
    const [version, missing] = await Promise.all([cluster.version(signal), cluster.missingPermissions(rules, signal)]);
    return { version, missing, ...(missing.length > 0 && { role: roleFor(rules, namespace) }) };
  } catch (error) {
    if (signal.aborted) throw error;
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
