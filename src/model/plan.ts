export type StageName = 'prepare' | 'build' | 'push' | 'validate' | 'apply' | 'roll out' | 'after' | 'prune';

/** One command of a plan. A captured value is one line, checked against its pattern, and only ever a positional parameter. */
export interface Step {
  id: string;
  stage: StageName;
  title: string;
  argv: (string | { from: string })[];
  /** Name of a file of the run (`manifests.yaml`) that is fed on stdin. */
  stdin?: string;
  /** The step runs only after that exit of an earlier one; `failed` is any other than 0. */
  when?: { step: string; exit: number | 'failed' };
  /** Name under which its standard output is kept in the run's folder instead of the log. */
  save?: string;
  capture?: { pattern: string };
  /** Seconds; the step is killed afterwards. */
  timeoutSeconds?: number;
}

export interface Plan {
  id: string;
  namespace: string;
  resource: { uuid: string; name: string };
  /** Id of the destination, for lists of runs. */
  destination?: string;
  /** What to do while another run of the same resource goes on; it waits by default. Refused is exit 75. */
  whenBusy?: 'wait' | 'refuse';
  steps: Step[];
  /** Static files by name that steps call as `sh NAME`, in the run's folder. They are of the product, never of a user. */
  scripts?: Record<string, string>;
}

export type RunEvent =
  | { seq: number; at: string; type: 'stage'; stage: StageName }
  | { seq: number; at: string; type: 'step'; step: string; title: string }
  | { seq: number; at: string; type: 'output'; step: string; text: string }
  | { seq: number; at: string; type: 'exit'; step: string; code: number };

/** `running` holds the lock; `died` has neither lock nor exit file, or the server was started again since. */
export type RunState = { kind: 'running' } | { kind: 'done'; exit: number } | { kind: 'died'; reason?: 'rebooted' } | { kind: 'unknown'; reason: string };
