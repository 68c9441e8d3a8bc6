import type { Plan, RunEvent, RunState } from '../model/plan';
import { type Connection, runScript, SshError } from '../ssh';
import { ask } from './ask';
import { Mask } from '../text/masking';
import { parseEvent, parseState } from './events';
import { lockName, summaryOf } from './runList';
import { runnerScript } from './runnerScript';
import { cancelScript, followScript, startScript, stateScript } from './scripts';
import { checkName, stepsScript } from './steps';

/** Gives a live connection: the present one, or a new one after a loss. */
export type Reconnect = () => Promise<Connection>;

/** Starts a plan on the server, where it runs on without us. A second start with the same id attaches to the first. */
export async function startRun(connection: Connection, plan: Plan, files: Record<string, string>, signal?: AbortSignal): Promise<'started' | 'attached'> {
  const { scripts = {}, ...shown } = plan;
  const own = {
    'runner.sh': runnerScript, 'steps.sh': stepsScript(plan), 'plan.json': JSON.stringify(shown), 'summary.json': summaryOf(plan), resource: lockName(plan),
    ...(plan.whenBusy === 'refuse' && { refuse: '' }),
  };
  const parts = [
    ...Object.entries(scripts).map(([name, text]) => ({ where: 'run', name: checkName('file', name), text })),
    ...Object.entries(own).map(([name, text]) => ({ where: 'run', name, text })),
    ...Object.entries(files).map(([name, text]) => ({ where: 'private', name: checkName('file', name), text })),
  ];
  const binary = parts.find(({ text }) => text.includes('\0'));
  if (binary !== undefined) throw new Error(`The file ${binary.name} of the run holds a NUL byte; only text can be delivered.`);
  const bytes = parts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const answer = await ask(connection, startScript, [checkName('id', plan.id), String(bytes), ...parts.flatMap(({ where, name, text }) => [where, name, text])], signal && { signal });
  return answer.trim() === 'attached' ? 'attached' : 'started';
}

export async function runState(connection: Connection, runId: string, signal?: AbortSignal): Promise<RunState> {
  return parseState(await ask(connection, stateScript, [checkName('id', runId)], signal && { signal }));
}

/** Ends a run with all its processes, and says how it ended. */
export async function cancelRun(connection: Connection, runId: string, signal?: AbortSignal): Promise<RunState> {
  return parseState(await ask(connection, cancelScript, [checkName('id', runId)], signal && { signal }));
}


export interface FollowOptions {
  /** Hidden in everything that is reported, in every spelling in which programs print them. */
  secrets?: readonly string[];
}

/**
 * Reports the events after `fromSeq` in order, each once, until the run has ended. A lost connection is opened again through `reconnect`,
 * and reading goes on after the last whole line; without `reconnect` the state is then `unknown`.
 */
export async function followRun(connection: Connection, runId: string, fromSeq: number, onEvent: (event: RunEvent) => void, signal?: AbortSignal, reconnect?: Reconnect, options: FollowOptions = {}): Promise<RunState> {
  const password = connection.sudo?.password;
  const hidden = [...options.secrets ?? [], ...(password === undefined ? [] : [password])];
  const secrets = hidden.length === 0 ? undefined : new Mask(hidden);
  const reader = logReader(fromSeq, onEvent, secrets && ((text) => secrets.text(text)));
  let current = connection;
  for (;;) {
    await runScript(current, followScript, [checkName('id', runId), String(reader.seq())], { onStdout: reader.push, ...(signal && { signal }) });
    const state = reader.state();
    if (state !== undefined) return state;
    if (reconnect === undefined) return { kind: 'unknown', reason: 'the connection was lost; the run may go on' };
    reader.cut();
    current = await reopen(reconnect, signal);
  }
}

/** Tries again with growing pauses; what a retry cannot mend (a key, a host key) is not retried, since servers penalise it. */
async function reopen(reconnect: Reconnect, signal?: AbortSignal): Promise<Connection> {
  for (let attempt = 0; ; attempt++) {
    if (signal?.aborted) throw new SshError('aborted', 'Following the run was cancelled.', '');
    try {
      return await reconnect();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await pause(Math.random() * Math.min(30_000, 500 * 2 ** attempt), signal);
    }
  }
}

function isPassing(error: unknown): boolean {
  const passing: unknown[] = ['unresolved', 'refused', 'unreachable', 'not-ssh', 'lost'];
  return error instanceof Error && 'kind' in error && passing.includes(error.kind);
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => { clearTimeout(timer); signal?.removeEventListener('abort', done); resolve(); };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Of a longer line only the beginning is read; the server's log has it whole. Characters. */
const longestLine = 262_144;
const longestSecret = 4096;

/** Turns what followScript prints into events; a line counts once it is whole. */
function logReader(fromSeq: number, onEvent: (event: RunEvent) => void, mask?: (text: string) => string) {
  let seq = fromSeq;
  let rest = '';
  let dropped = 0;
  let state: RunState | undefined;
  const take = (line: string) => {
    if (line.startsWith('=')) state = parseState(line.slice(1));
    if (!line.startsWith('|')) return;
    seq++;
    // Where a line was cut, a secret may have been: its beginning goes, too.
    const event = parseEvent(dropped > 0 ? line.slice(1, -longestSecret) : line.slice(1), seq, mask);
    if (event !== undefined) onEvent(event);
  };
  const keep = (text: string) => {
    const room = Math.max(0, longestLine - rest.length);
    rest += text.slice(0, room);
    dropped += Math.max(0, text.length - room);
  };
  return {
    push: (text: string) => {
      let from = 0;
      // Only the new text is searched: a line of many megabytes comes in many pieces.
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
        keep(text.slice(from, at));
        take(rest);
        rest = '';
        dropped = 0;
        from = at + 1;
      }
      keep(text.slice(from));
    },
    cut: () => { rest = ''; dropped = 0; },
    seq: () => seq,
    state: () => state,
  };
}
