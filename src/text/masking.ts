import { Automaton } from './automaton';
import { spellings } from './secretSpellings';

const mask = '••••••';

export interface Masker {
  /** Returns what can be shown already; what may still become a secret is held back. */
  push(chunk: string): string;
  /** Returns the rest. */
  flush(): string;
}

/** The secrets of one run or one resource, prepared once; the only masking of the project. */
export class Mask {
  private readonly automaton: Automaton;

  constructor(secrets: readonly string[]) {
    this.automaton = new Automaton(spellings(secrets));
  }

  /** Masks every secret in every spelling; secrets that overlap become one mask. */
  text(text: string): string {
    const ranges: Range[] = [];
    this.automaton.read(0, text, (end, length) => addRange(ranges, end - length, end));
    return ranges.length === 0 ? text : shown(text, text.length, ranges);
  }

  /** For a stream: a secret that is split over two chunks is masked too. Each stream needs one of its own. */
  stream(): Masker {
    const { automaton } = this;
    let state = 0;
    let held = '';
    let ranges: Range[] = [];
    const release = (text: string, to: number): string => {
      const result = shown(text, to, ranges);
      held = text.slice(to);
      ranges = ranges.filter(({ end }) => end > to).map(({ start, end, done }) => ({ start: Math.max(0, start - to), end: end - to, done: done || start < to }));
      return result;
    };
    return {
      push(chunk) {
        const before = held.length;
        state = automaton.read(state, chunk, (end, length) => addRange(ranges, before + end - length, before + end));
        const text = held + chunk;
        return release(text, text.length - (automaton.depth[state] ?? 0));
      },
      flush() {
        state = 0;
        return release(held, held.length);
      },
    };
  }
}

/** Characters to hide; `done` when the mask for the first of them has been shown already. */
interface Range { start: number; end: number; done: boolean }

/** Words are found by their ends, in order, so only the last ranges can overlap a new one. */
function addRange(ranges: Range[], from: number, end: number): void {
  let start = from;
  let done = false;
  for (let last = ranges.at(-1); last !== undefined && last.end > start; last = ranges.at(-1)) {
    start = Math.min(start, last.start);
    done = last.done;
    ranges.pop();
  }
  ranges.push({ start, end, done });
}

function shown(text: string, to: number, ranges: readonly Range[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, done } of ranges) {
    if (start >= to) break;
    result += text.slice(at, start);
    if (!done) result += mask;
    at = Math.min(end, to);
  }
  return result + text.slice(at, to);
}

/** Masks of the last few lists of secrets, since callers mask line by line. */
const recent: { secrets: readonly string[]; mask: Mask }[] = [];
const mostRecent = 8;

/** Masks every secret, in the spellings in which tools print them. Equal lists of secrets are prepared only once. */
export function maskText(text: string, secrets: readonly string[]): string {
  let entry = recent.find((known) => known.secrets.length === secrets.length && known.secrets.every((secret, i) => secret === secrets[i]));
  if (entry === undefined) {
    entry = { secrets: [...secrets], mask: new Mask(secrets) };
    recent.unshift(entry);
    recent.length = Math.min(recent.length, mostRecent);
  }
  return entry.mask.text(text);
}
