import { type Connection, readScript, SshError } from '../ssh';

/** Runs one of the run scripts to its end and returns what it printed. */
export async function ask(connection: Connection, script: string, args: string[], options: { stdin?: string; signal?: AbortSignal } = {}): Promise<string> {
  const { exit, stdout, stderr } = await readScript(connection, script, args, options);
  if (exit.kind === 'lost') throw new SshError('lost', `The connection to ${connection.host} was lost.`, 'Connect again; the run can be attached to.');
  if (exit.kind === 'exit' && exit.code === 0) return stdout;
  throw new SshError('no-shell', `${connection.host} could not handle the run: ${stderr.trim() || 'no reason given'}.`, 'Check free space and permissions of ~/.local/state on the server.');
}
