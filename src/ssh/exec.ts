import { randomBytes } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import type { ClientChannel } from 'ssh2';
import { quote } from '../text/shellQuoting';
import type { Connection } from './connection';
import { SshError } from './errors';

/** `lost` is neither success nor failure of the command: what became of it has to be read from the server. */
export type Exit = { kind: 'exit'; code: number } | { kind: 'signal'; signal: string } | { kind: 'lost' };

export interface ScriptOptions {
  /** Readable in the script as file descriptor 3. */
  stdin?: string;
  onStdout?: (text: string) => void;
  onStderr?: (text: string) => void;
  /** Ends the waiting. The command on the server is not ended by it. */
  signal?: AbortSignal;
}

/** sshd hands this to the login shell, whichever it is; so it is a constant, and all else goes through stdin. */
const command = 'exec /bin/sh -s';

/**
 * The text for `sh -s`: values as positional parameters, which a server that traces its shells must not print; the script in braces, so that a
 * delivery cut short is a syntax error and nothing runs.
 * The script's stdin is /dev/null, else its commands would eat the rest of the script; `exit` keeps the shell from reading the payload as commands.
 */
export function wrap(script: string, args: readonly string[], marker: string): string {
  return `{\nset +x\nset -- ${args.map(quote).join(' ')}\nprintf '%s\\n' ${quote(marker)}\n${script}\nexit\n} 3<&0 </dev/null\n`;
}

/** Runs a static script with values as `$1`, `$2`, …; the only way a command reaches a server. */
export async function runScript(connection: Connection, script: string, args: readonly string[], options: ScriptOptions = {}): Promise<Exit> {
  const marker = randomBytes(16).toString('hex');
  const text = wrap(script, args, marker);
  if (options.signal?.aborted) throw aborted();
  if (!connection.isOpen()) return { kind: 'lost' };
  const channel = await connection.sessions.open(command, options.signal).catch((error: unknown) => {
    if (options.signal?.aborted) throw aborted();
    if (!connection.isOpen()) return undefined;
    throw new SshError('no-shell', `${connection.host} opens no session for a command.`, `Check MaxSessions and the login shell. (${error instanceof Error ? error.message : String(error)})`);
  });
  if (channel === undefined) return { kind: 'lost' };
  if (options.signal?.aborted) { channel.destroy(); throw aborted(); }
  const exit = attend(channel, marker, options);
  channel.write(text);
  if (options.stdin === undefined) channel.end();
  return exit;
}

const aborted = () => new SshError('aborted', 'Waiting for the command was cancelled.', '');

function attend(channel: ClientChannel, marker: string, options: ScriptOptions): Promise<Exit> {
  return new Promise((resolve, reject) => {
    // The payload follows only after the shell has read the whole script: dash reads ahead and would swallow a part of it.
    const frame = framed(marker, () => { if (options.stdin !== undefined) channel.end(options.stdin); }, options.onStdout);
    const errors = new StringDecoder('utf8');
    const onAbort = () => { channel.destroy(); reject(aborted()); };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    channel.on('error', () => undefined);
    channel.on('data', (chunk: Buffer) => frame.push(chunk));
    channel.stderr.on('data', (chunk: Buffer) => options.onStderr?.(errors.write(chunk)));
    // ssh2: a number, null when a signal ended the command, undefined when the connection is gone.
    channel.once('close', (code: number | null | undefined, signal?: string) => {
      options.signal?.removeEventListener('abort', onAbort);
      frame.end();
      if (code === undefined) resolve({ kind: 'lost' });
      else if (!frame.started()) reject(new SshError('no-shell', 'The server ran something else than /bin/sh.', `Check the login shell and ForceCommand. (${frame.noise()})`));
      else if (code === null) resolve({ kind: 'signal', signal: signal ?? 'unknown' });
      else resolve({ kind: 'exit', code });
    });
  });
}

/** What a login shell's start-up files print stands before the marker and is no output of the script. */
function framed(marker: string, onStart: () => void, onText?: (text: string) => void) {
  const decoder = new StringDecoder('utf8');
  let before = '';
  let started = false;
  const emit = (text: string) => { if (text !== '') onText?.(text); };
  const push = (text: string) => {
    if (started) { emit(text); return; }
    before += text;
    const at = before.indexOf(`${marker}\n`);
    if (at < 0) return;
    started = true;
    onStart();
    emit(before.slice(at + marker.length + 1));
  };
  return {
    push: (chunk: Buffer) => push(decoder.write(chunk)),
    end: () => push(decoder.end()),
    started: () => started,
    noise: () => before.trim().slice(0, 200),
  };
}

/** Runs a script to its end and returns what it printed. */
export async function readScript(connection: Connection, script: string, args: readonly string[], options: ScriptOptions = {}): Promise<{ exit: Exit; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const exit = await runScript(connection, script, args, {
    ...options, onStdout: (text) => { stdout += text; }, onStderr: (text) => { stderr += text; },
  });
  return { exit, stdout, stderr };
}
