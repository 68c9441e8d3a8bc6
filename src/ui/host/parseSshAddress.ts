/** `[user@]host[:port]`, IPv6 in brackets. */
export interface SshAddress { host: string; port: number; user: string }

/** Reads what people type for a server; undefined when it cannot be one. A host may be a name of the SSH configuration. */
export function parseSshAddress(typed: string, defaults: { port: number; user: string }): SshAddress | undefined {
  const found = /^(?:([A-Za-z_][\w.-]*\$?)@)?(?:\[([\da-fA-F:.]+(?:%\w+)?)\]|([A-Za-z\d_](?:[\w.-]*[A-Za-z\d_])?))(?::(\d{1,5}))?$/.exec(typed.trim());
  if (!found) return undefined;
  const [, user = defaults.user, bracketed, plain, digits] = found;
  const port = digits === undefined ? defaults.port : Number(digits);
  const host = bracketed ?? plain;
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port, user };
}

export function formatSshAddress({ host, port, user }: SshAddress): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${String(port)}`}`;
}

/** Addresses that only mean something on Coolify's own machine, or nothing yet: its first server is stored as `host.docker.internal`. */
export function isPlaceholderAddress(host: string): boolean {
  return host === '' || /^(host\.docker\.internal|localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0|1\.2\.3\.4|coolify-testing-host|.*\.(invalid|example|test|internal))$/i.test(host);
}
