import type { RunEvent, RunState } from '../model/plan';
import { explainRun, followRun } from '../run';
import type { Connection } from '../ssh';
import { maskText } from '../text/masking';
import type { CliArguments } from './arguments';
import { exitOf, exits, sentence } from './deployExit';
import { readTarget, type Target } from './deployTarget';
import type { Output } from './outcome';

export interface Following { target: Target; connection: Connection; runId: string; secrets?: readonly string[]; json: boolean; output: Output; signal: AbortSignal }

/** Shows a run until its end, through lost connections. Ctrl-C ends the showing; the run itself goes on. */
export async function followToEnd({ target, connection, runId, secrets = [], json, output, signal }: Following): Promise<number> {
  let current = connection;
  const show = (event: RunEvent): void => {
    const line = json ? JSON.stringify(event) : lineOf(event);
    if (line !== '') output.out(`${line}\n`);
  };
  try {
    const state = await followRun(connection, runId, 0, show, signal, async () => (current = await target.connect(signal)), { secrets });
    await tell(state, current, { runId, secrets, json, output, signal });
    return exitOf(state);
  } catch (error) {
    if (!signal.aborted) throw error;
    output.error(`The run ${runId} goes on; follow or cancel it by that name.\n`);
    return exits.running;
  } finally {
    current.close();
  }
}

async function tell(state: RunState, connection: Connection, { runId, secrets, json, output, signal }: Pick<Following, 'runId' | 'json' | 'output' | 'signal'> & { secrets: readonly string[] }): Promise<void> {
  const failed = state.kind === 'done' && state.exit !== 0;
  const reasons = failed ? (await explainRun(connection, runId, signal)).map((reason) => ({ ...reason, message: maskText(reason.message, secrets) })) : [];
  if (json) output.out(`${JSON.stringify({ type: 'end', run: runId, state, exit: exitOf(state), reasons })}\n`);
  else output.out([sentence(state), ...reasons.map(({ subject, message, nextStep }) => `- ${subject}: ${message}\n  ${nextStep}`), ''].join('\n'));
}

function lineOf(event: RunEvent): string {
  switch (event.type) {
    case 'stage': return `== ${event.stage}`;
    case 'step': return `-- ${event.title}`;
    case 'output': return `   ${event.text}`;
    case 'exit': return event.code === 0 ? '' : `   exit ${String(event.code)}`;
  }
}

/** `follow RUN`: also a run that an editor started. */
export async function follow({ inputs, options, flags }: CliArguments, output: Output, signal: AbortSignal): Promise<number> {
  const target = readTarget(options.get('--destination'));
  if (typeof target === 'string') { output.error(`${target}\n`); return exits.badInput; }
  return followToEnd({ target, connection: await target.connect(signal), runId: inputs[0] ?? '', json: flags.has('--json'), output, signal });
}
