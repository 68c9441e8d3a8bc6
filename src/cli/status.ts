import { cancelRun, findRuns, listRuns, runState, type RunSummary } from '../run';
import type { CliArguments } from './arguments';
import { exitOf, exits, sentence } from './deployExit';
import { readTarget } from './deployTarget';
import type { Output } from './outcome';

/** `status [RUN]`: one run, or all that the server knows; `--resource UUID` those of one resource. */
export async function status({ inputs, options, flags }: CliArguments, output: Output, signal: AbortSignal): Promise<number> {
  const target = readTarget(options.get('--destination'));
  if (typeof target === 'string') { output.error(`${target}\n`); return exits.badInput; }
  const connection = await target.connect(signal);
  try {
    const [runId] = inputs;
    if (runId !== undefined) {
      const state = await runState(connection, runId, signal);
      output.out(flags.has('--json') ? `${JSON.stringify({ run: runId, state })}\n` : `${sentence(state)}\n`);
      return exitOf(state);
    }
    const resourceUuid = options.get('--resource');
    const runs = resourceUuid === undefined ? await listRuns(connection, signal) : await findRuns(connection, { resourceUuid }, signal);
    runs.sort((a, b) => (b.startedAt ?? '').localeCompare(a.startedAt ?? ''));
    output.out(flags.has('--json') ? `${JSON.stringify(runs)}\n` : runs.map(lineOf).join(''));
    return exits.well;
  } finally {
    connection.close();
  }
}

function lineOf({ id, startedAt = '', state, resource, namespace = '' }: RunSummary): string {
  return `${[id, startedAt, state.kind === 'done' ? `exit ${String(state.exit)}` : state.kind, namespace, resource?.name ?? ''].join('\t')}\n`;
}

/** `cancel RUN`: ends a run with all its processes. Exit 0 when it is ended, also when it was before. */
export async function cancel({ inputs, options, flags }: CliArguments, output: Output, signal: AbortSignal): Promise<number> {
  const target = readTarget(options.get('--destination'));
  if (typeof target === 'string') { output.error(`${target}\n`); return exits.badInput; }
  const connection = await target.connect(signal);
  try {
    const state = await cancelRun(connection, inputs[0] ?? '', signal);
    output.out(flags.has('--json') ? `${JSON.stringify({ run: inputs[0], state })}\n` : `${sentence(state)}\n`);
    return state.kind === 'done' || state.kind === 'died' ? exits.well : exitOf(state);
  } finally {
    connection.close();
  }
}
