import * as vscode from 'vscode';
import type { Instance, Server } from '../../model/instance';
import { formatSshAddress, isPlaceholderAddress, parseSshAddress, type SshAddress } from '../host/parseSshAddress';
import { ask, choose, type Choice } from './ask';

const { t } = vscode.l10n;

/** A server of the instance, or a kubeconfig instead of one. */
export function pickServer(title: string, servers: readonly Server[]): Promise<Server | 'kubeconfig' | undefined> {
  const rows = servers.map((server): Choice<Server | 'kubeconfig'> => ({
    label: `$(server) ${server.name}`, description: `${server.user}@${server.ip}:${String(server.port)}`, detail: remark(server), value: server,
  }));
  return choose(title, t('Server that has, or will have, the cluster'), [
    ...rows, { label: t('$(file-code) Use a kubeconfig…'), detail: t('A cluster elsewhere, without a server: preview and diff only'), value: 'kubeconfig' },
  ]);
}

function remark(server: Server): string {
  if (server.cloudflareTunnel) return t('Behind a Cloudflare tunnel: it cannot be reached from here');
  return [server.reachable ? t('reachable for Coolify') : t('not reachable for Coolify'), server.coolifyHost && t('runs Coolify'), server.buildServer && t('build server')].filter(Boolean).join(', ');
}

/** Said in place of a connection that Cloudflare's client alone could make. */
export function cloudflareRefusal(server: Server): string {
  return t('{0} is reached through a Cloudflare tunnel, which this extension cannot enter. Let cloudflared open a local port (cloudflared access tcp --hostname {1} --url 127.0.0.1:2222), then add a destination with the address 127.0.0.1:2222.', server.name, server.ip);
}

/** The server's address as this machine reaches it: Coolify's own where that means something here, else asked for. */
export function addressOf(title: string, server: Server, instance: Instance): Promise<SshAddress | undefined> {
  const { port, user } = server;
  const known = parseSshAddress(server.ip.includes(':') ? `[${server.ip}]` : server.ip, { port, user });
  if (known && !isPlaceholderAddress(known.host)) return Promise.resolve(known);
  return askAddress(title, t('Coolify knows {0} as {1}, which means nothing on this machine. Its address from here, as user@host:port', server.name, server.ip), { host: new URL(instance.origin).hostname.replace(/^\[|\]$/g, ''), port, user });
}

export async function askAddress(title: string, prompt: string, proposal: SshAddress): Promise<SshAddress | undefined> {
  const problem = (typed: string): string | undefined => (parseSshAddress(typed, proposal) ? undefined : t('This is not an address; it should look like root@203.0.113.7:22.'));
  const typed = await ask({ title, prompt, value: formatSshAddress(proposal), placeHolder: 'root@203.0.113.7:22', problem });
  return typed === undefined ? undefined : parseSshAddress(typed, proposal);
}
