import type { RunEvent, RunState, StageName } from '../model/plan';

const stages: readonly StageName[] = ['prepare', 'build', 'push', 'validate', 'apply', 'roll out', 'after', 'prune'];

/** Longer lines freeze an editor. */
const longest = 8_000;

// CSI, OSC and the two-character escapes of ECMA-48; then what is left of the control characters, and the bidirectional overrides.
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

// Most lines hold none of it, and a log has millions.
const anyControl = new RegExp(controls.source);

/**
 * Text that a command printed, safe to show: without terminal escapes, and of a progress line only its last state.
 * `mask` hides secrets; it comes after the escapes are out, which may stand inside a secret, and before a long line is cut, which may cut one.
 */
export function sanitise(text: string, mask: (text: string) => string = (same) => same): string {
  const clean = mask(anyControl.test(text) ? plain(text) : text);
  return clean.length > longest ? `${clean.slice(0, longest)}… (${clean.length - longest} more characters)` : clean;
}

function plain(text: string): string {
  const lastState = text.replace(escapes, '').replace(/\r+$/, '').split('\r').at(-1) ?? '';
  return lastState.replace(controls, '');
}

/** One line of a run's log: `epoch TAB type TAB step TAB text`. Its number is the sequence number. */
export function parseEvent(line: string, seq: number, mask?: (text: string) => string): RunEvent | undefined {
  const [epoch, afterEpoch] = word(line, 0);
  const [type, afterType] = word(line, afterEpoch);
  const [step, afterStep] = word(line, afterType);
  const text = sanitise(line.slice(afterStep), mask);
  if (!/^\d{1,11}$/.test(epoch)) return undefined;
  const at = timeOf(epoch);
  if (type === 'output') return { seq, at, type, step, text };
  if (type === 'step') return { seq, at, type, step, title: text };
  if (type === 'exit' && /^\d{1,3}$/.test(text)) return { seq, at, type, step, code: Number(text) };
  const stage = stages.find((name) => name === text);
  return type === 'stage' && stage !== undefined ? { seq, at, type, stage } : undefined;
}

/** What stands before the next TAB, and where the text goes on after it. */
function word(line: string, from: number): [string, number] {
  const at = line.indexOf('\t', from);
  return at < 0 ? [line.slice(from), line.length] : [line.slice(from, at), at + 1];
}

/** Many lines share a second. */
let last = { epoch: '', at: '' };

function timeOf(epoch: string): string {
  if (last.epoch !== epoch) last = { epoch, at: new Date(Number(epoch) * 1000).toISOString() };
  return last.at;
}

export function parseState(text: string): RunState {
  const [word = '', ...rest] = text.trim().split(' ');
  if (word === 'running') return { kind: word };
  if (word === 'died') return { kind: word, ...(rest[0] === 'rebooted' && { reason: rest[0] }) };
  if (word === 'done' && /^\d+$/.test(rest[0] ?? '')) return { kind: 'done', exit: Number(rest[0]) };
  return { kind: 'unknown', reason: word === 'unknown' ? rest.join(' ') : `the server answered ${JSON.stringify(sanitise(text).slice(0, 100))}` };
}
