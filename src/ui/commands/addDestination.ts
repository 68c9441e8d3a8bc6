import * as vscode from 'vscode';
import { defaultDestination, type KubernetesDestination } from '../../model/destination';
import type { Instance, Server } from '../../model/instance';
import type { ServerProbe } from '../../model/probe';
import type { Connections, SshTarget } from '../host/connections';
import type { RegistryLogins } from '../host/registryLogins';
import type { SecretStore } from '../host/secretStore';
import { readDestinations, saveDestination } from '../host/settings';
import { signInToServer } from '../prompts/authentication';
import { askKubeconfig } from '../prompts/kubeconfig';
import { askPolicy } from '../prompts/policy';
import { chooseCluster } from '../prompts/cluster';
import { addressOf, askAddress, cloudflareRefusal, pickServer } from '../prompts/server';
import type { Sessions } from '../tree/session';

const { t } = vscode.l10n;

export interface DestinationParts { sessions: Sessions; connections: Connections; kubeconfigs: SecretStore; registryLogins: RegistryLogins }

const title = (): string => t('Add Kubernetes Destination');

/** From a server to a destination in the settings; nothing is saved before the last answer. */
export async function addDestination(parts: DestinationParts, instance: Instance, given?: Server): Promise<KubernetesDestination | undefined> {
  const server = given ?? await anyServer(parts.sessions, instance);
  if (server === undefined) return undefined;
  if (server === 'kubeconfig') return addKubeconfigDestination(parts);
  const target = await targetOf(server, instance);
  if (target === undefined) return undefined;
  const signedIn = await signInToServer(title(), parts.connections, target, !server.cloudflareTunnel);
  if (signedIn === undefined) return undefined;
  const found = await chooseCluster(title(), signedIn);
  if (found === undefined) return undefined;
  return finish(parts, { ...found.destination, instance: instance.origin, server: server.uuid, ssh: signedIn.target.ssh }, found.probe, `${server.name} Kubernetes`);
}

async function anyServer(sessions: Sessions, instance: Instance): Promise<Server | 'kubeconfig' | undefined> {
  const loaded = await sessions.load(instance);
  const servers = loaded.kind === 'ready' ? loaded.snapshot.servers : [];
  if (loaded.kind === 'failed') void vscode.window.showWarningMessage(loaded.message);
  return pickServer(title(), servers);
}

async function targetOf(server: Server, instance: Instance): Promise<SshTarget | undefined> {
  const { port, user } = server;
  const place = { instance: instance.origin, server: server.uuid };
  if (!server.cloudflareTunnel) {
    const ssh = await addressOf(title(), server, instance);
    return ssh && { ...place, ssh };
  }
  const enter = t('Enter Address…');
  if (await vscode.window.showErrorMessage(t('{0} is behind a Cloudflare tunnel.', server.name), { modal: true, detail: cloudflareRefusal(server) }, enter) !== enter) return undefined;
  const ssh = await askAddress(title(), t('Address of the local port that cloudflared opened, as user@host:port'), { host: '127.0.0.1', port: port === 22 ? 2222 : port, user });
  return ssh && { ...place, ssh };
}

async function addKubeconfigDestination(parts: DestinationParts): Promise<KubernetesDestination | undefined> {
  const kubeconfig = await askKubeconfig(title());
  if (kubeconfig === undefined) return undefined;
  const destination = await finish(parts, { ...defaultDestination, applyWith: 'kubeconfig' }, undefined, kubeconfig.contextName);
  if (destination !== undefined) await parts.kubeconfigs.set(destination.id, kubeconfig.text);
  return destination;
}

async function finish({ registryLogins }: DestinationParts, draft: Omit<KubernetesDestination, 'id' | 'name'>, probe: ServerProbe | undefined, name: string): Promise<KubernetesDestination | undefined> {
  const others = readDestinations();
  const answers = await askPolicy(title(), { ...draft, name: freeName(name, others.map((other) => other.name)) }, probe?.cluster, others.map((other) => other.name), registryLogins);
  if (answers === undefined) return undefined;
  const { policy, login } = answers;
  const destination: KubernetesDestination = { ...draft, ...policy, id: freeName(slug(policy.name), others.map((other) => other.id)) };
  await saveDestination(destination);
  if (login !== undefined) await registryLogins.set(login);
  const detail = destination.applyWith === 'preview' ? t('{0} was added, for previews only.', destination.name) : t('{0} was added: Kubernetes {1}.', destination.name, probe?.cluster?.version ?? '');
  void vscode.window.showInformationMessage(detail);
  return destination;
}

const slug = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'kubernetes';

/** The name itself, or with the first number that makes it new. */
export function freeName(name: string, taken: readonly string[]): string {
  const candidates = [name, ...taken.map((_, index) => `${name}-${String(index + 2)}`)];
  return candidates.find((candidate) => !taken.includes(candidate)) ?? name;
}
