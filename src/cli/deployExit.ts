import type { RunState } from '../model/plan';

/** What a shell learns from `deploy`, `follow`, `status`, `cancel`, `rollback` and `diff`. Documented in docs/cli.md; a number never changes its meaning. */
export const exits = {
  well: 0,
  ownFault: 1,
  badInput: 2,
  refused: 3,
  failed: 4,
  unreachable: 5,
  differs: 6,
  running: 7,
  cancelled: 8,
  died: 9,
  busy: 75,
  moved: 76,
  foreign: 77,
} as const;

/** A run's own exit as the command's: three are told apart, since a script may want to try again. */
export function exitOf(state: RunState): number {
  switch (state.kind) {
    case 'running': return exits.running;
    case 'died': return exits.died;
    case 'unknown': return exits.unreachable;
    case 'done': return state.exit === 0 ? exits.well : state.exit === 143 || state.exit === 137 ? exits.cancelled : [75, 76, 77].includes(state.exit) ? state.exit : exits.failed;
  }
}

export function sentence(state: RunState): string {
  switch (state.kind) {
    case 'running': return 'The run goes on.';
    case 'died': return state.reason === 'rebooted' ? 'The server was started again during the run; deploy again.' : 'The run died without an end; deploy again.';
    case 'unknown': return `How the run stands is not known: ${state.reason}.`;
    case 'done': return state.exit === 0 ? 'The run succeeded.' : state.exit === 143 || state.exit === 137 ? 'The run was cancelled; what was applied before stays.' : `The run failed with exit ${String(state.exit)}.`;
  }
}
