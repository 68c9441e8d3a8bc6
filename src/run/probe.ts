import { randomBytes } from 'node:crypto';
import type { ServerProbe } from '../model/probe';
import { type Connection, readScript, SshError } from '../ssh';
import { parseProbe } from './probeParse';
import { probeScript } from './probeScript';
import { sections } from './probeSections';
import { prepareSudo } from './sudo';

export interface ProbeOptions {
  /** A path on the server that is tried first; `~/` is the login's home folder. */
  kubeconfigPath?: string;
  /** Agreed to by the user: sudo may be used, with a password if the connection can ask for one, where the account alone does not get through. */
  sudo?: boolean;
  signal?: AbortSignal;
}

/**
 * Asks a server in one round trip what it offers. Nothing is changed there.
 * @throws SshError `lost`, `no-shell`, `aborted`.
 */
export async function probeServer(connection: Connection, options: ProbeOptions = {}): Promise<ServerProbe> {
  if (options.sudo === true) await prepareSudo(connection, options.signal);
  const nonce = randomBytes(16).toString('hex');
  const before = Date.now();
  const args = [nonce, options.kubeconfigPath ?? '', options.sudo === true ? 'yes' : 'no', connection.sudo?.password ?? ''];
  const { exit, stdout, stderr } = await readScript(connection, probeScript, args, options.signal && { signal: options.signal });
  if (exit.kind === 'lost') throw new SshError('lost', `The connection to ${connection.host} was lost while looking at the server.`, 'Connect again.');
  const found = sections(stdout, nonce);
  if (!found.has('end')) throw new SshError('no-shell', `${connection.host} could not be looked at: ${stderr.trim().slice(0, 300) || 'no answer'}.`, 'Check that the account has a working /bin/sh and that the disk is not full.');
  const refusal = options.sudo === true ? connection.sudo?.refusal : undefined;
  return { ...parseProbe(found, { before, after: Date.now() }), ...(refusal !== undefined && { sudoRefusal: refusal }) };
}
