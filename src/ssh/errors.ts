export type SshErrorKind =
  | 'unresolved' | 'refused' | 'unreachable' | 'not-ssh' | 'algorithms'
  | 'host-key-unknown' | 'host-key-changed' | 'host-key-revoked' | 'known-hosts' | 'authentication' | 'key-format'
  | 'no-shell' | 'forward-refused' | 'lost' | 'aborted';

/** A failure at the SSH edge. Test `kind`, never the class: bundles duplicate classes. */
export class SshError extends Error {
  override readonly name = 'SshError';
  constructor(readonly kind: SshErrorKind, message: string, readonly hint: string) {
    super(message);
  }
}

export function isSshError(error: unknown): error is SshError {
  return error instanceof Error && error.name === 'SshError' && 'kind' in error && 'hint' in error;
}

interface Failure { message: string; code?: string | number; level?: string }

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : undefined;
  const level = 'level' in error && typeof error.level === 'string' ? error.level : undefined;
  return { message: error.message, ...(code !== undefined && { code }), ...(level !== undefined && { level }) };
}

/** ssh2's errors as sentences a person can act on; `level` and `code` are ssh2's and Node's own. */
export function describeFailure(error: unknown, host: string, port: number): SshError {
  if (isSshError(error)) return error;
  const { message, code, level } = failureOf(error);
  const at = `${host}:${port}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new SshError('unresolved', `The name ${host} cannot be resolved.`, 'Check the host name and your network.');
  if (code === 'ECONNREFUSED') return new SshError('refused', `Nothing listens on ${at}.`, 'Check the port and that the SSH server runs.');
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || level === 'client-timeout') {
    return new SshError('unreachable', `${at} does not answer.`, 'A firewall may drop the packets, or the server is off.');
  }
  // SSH_DISCONNECT_PROTOCOL_ERROR is what OpenSSH sends at MaxAuthTries.
  if (code === 2 && /too many authentication failures/i.test(message)) {
    return new SshError('authentication', `${at} ended the connection after too many keys were offered.`, 'Choose a key file, or set IdentityFile and IdentitiesOnly for this host in ssh_config.');
  }
  if (level === 'client-authentication' || code === 2) {
    return new SshError('authentication', `${at} accepts none of the offered keys.`, 'Check the user name, and that the public key is in authorized_keys on the server.');
  }
  if (level === 'agent') return new SshError('authentication', 'The SSH agent does not answer.', 'Start the agent, or choose a key file.');
  if (/no matching|host key format/i.test(message)) return new SshError('algorithms', `${at} and this client share no algorithm: ${message}.`, 'Allow a current key exchange and host key type on the server.');
  if (/before handshake|identification|Expected packet|Invalid (packet|ident)/i.test(message) || level === 'protocol') {
    return new SshError('not-ssh', `${at} does not speak SSH, or refuses new connections for now.`, 'Check the port; wait a little if there were failed logins before.');
  }
  return new SshError('lost', `The connection to ${at} was lost.`, `Connect again. (${message})`);
}
