import type { Plan, Step } from '../model/plan';
import { quote } from '../text/shellQuoting';

const idPattern = /^[a-z0-9][a-z0-9._-]{0,252}$/;
const fileNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/;

/** Ids and file names become paths on the server; anything else is refused, never repaired. */
export function checkName(kind: 'id' | 'file', value: string): string {
  if (!(kind === 'id' ? idPattern : fileNamePattern).test(value)) throw new Error(`The ${kind} ${JSON.stringify(value)} cannot be a file name on the server.`);
  return value;
}

/**
 * The plan as shell text: one `run_step` line per step, every word through the one quoter, no other syntax.
 * The runner defines `run_step` and `value`; the text is delivered as a file and never part of a command.
 */
export function stepsScript(plan: Plan): string {
  return plan.steps.map((step) => stepLine(plan, step)).join('');
}

function stepLine(plan: Plan, step: Step): string {
  const fixed = [
    checkName('id', step.id), step.stage, step.title, String(Math.ceil(step.timeoutSeconds ?? 0)),
    step.stdin === undefined ? '' : checkName('file', step.stdin), branches(plan, step), step.capture?.pattern ?? '',
    step.when === undefined ? '' : checkName('id', step.when.step), step.when === undefined ? '' : String(step.when.exit),
    step.save === undefined ? '' : checkName('file', step.save),
  ];
  const argv = step.argv.map((word) => (typeof word === 'string' ? quote(word) : `"$(value ${quote(checkName('id', word.from))})"`));
  return `run_step ${fixed.map(quote).join(' ')} ${argv.join(' ')}\n`;
}

/** The exits of a step with which the plan goes on: 0, and those that a later step outside `after` waits for. */
function branches(plan: Plan, step: Step): string {
  const exits = plan.steps.filter((s) => s.when?.step === step.id && s.stage !== 'after').flatMap((s) => (typeof s.when?.exit === 'number' ? [s.when.exit] : []));
  return ` ${[0, ...exits].join(' ')} `;
}
