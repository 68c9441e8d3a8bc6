import type { Json } from '../text/json';
import { coolifyError } from './errors';
import { cancelled } from './failures';
import { request, type Connection } from './http';

interface Pending { body: Promise<Json>; abort: AbortController; waiting: number; done: boolean }

/** Coolify allows 200 requests a minute; so many are under way at a time. */
const atOnce = 6;
/** How often one request is sent again after a 429. */
const mostAttempts = 3;

/**
 * The requests of one client: the same path is asked for once while its answer is on the way and for a moment after, few at a
 * time, and when Coolify asks for patience all of them wait.
 */
export class Requests {
  private readonly pending = new Map<string, Pending>();
  private readonly queue: (() => void)[] = [];
  private running = 0;
  /** Until when nothing is sent, in milliseconds of the steady clock. */
  private quietUntil = 0;

  /** @param freshFor how many milliseconds an answer is given again without asking. */
  constructor(private readonly connection: Connection, private readonly freshFor = 2000) {}

  /** Rejects with a CoolifyError; the answer may be shared, so nobody changes it. A caller that gives up does not disturb the others that wait for the same answer. */
  get(path: string, signal?: AbortSignal): Promise<Json> {
    if (signal?.aborted) return Promise.reject(coolifyError(cancelled));
    const entry = this.pending.get(path) ?? this.start(path);
    entry.waiting += 1;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        entry.waiting -= 1;
        if (entry.waiting === 0 && !entry.done) { this.pending.delete(path); entry.abort.abort(); }
        reject(coolifyError(cancelled));
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      const done = (): void => { signal?.removeEventListener('abort', giveUp); };
      entry.body.then((body) => { done(); resolve(body); }, (error: unknown) => { done(); reject(error instanceof Error ? error : new Error(String(error))); });
    });
  }

  /** Asks anew from now on. */
  forget(): void { this.pending.clear(); }

  private start(path: string): Pending {
    const abort = new AbortController();
    const entry: Pending = { body: this.inTurn(path, abort.signal), abort, waiting: 0, done: false };
    this.pending.set(path, entry);
    const drop = (): void => { if (this.pending.get(path) === entry) this.pending.delete(path); };
    entry.body.then(() => { entry.done = true; setTimeout(drop, this.freshFor).unref(); }, () => { entry.done = true; drop(); });
    return entry;
  }

  private async inTurn(path: string, signal: AbortSignal): Promise<Json> {
    if (this.running >= atOnce) await new Promise<void>((resolve) => { this.queue.push(resolve); });
    this.running += 1;
    try {
      return await this.patiently(path, signal);
    } finally {
      this.running -= 1;
      this.queue.shift()?.();
    }
  }

  private async patiently(path: string, signal: AbortSignal): Promise<Json> {
    for (let attempt = 1; ; attempt++) {
      for (let rest = this.quietUntil - performance.now(); rest > 0; rest = this.quietUntil - performance.now()) await pause(rest, signal);
      if (signal.aborted) throw coolifyError(cancelled);
      const answer = await request(this.connection, path, signal);
      if ('body' in answer) return answer.body;
      const seconds = answer.retryAfter;
      if (attempt >= mostAttempts || seconds > (this.connection.patience ?? 65)) {
        throw coolifyError({ kind: 'rateLimited', status: 429, retryAfterSeconds: seconds, message: `Coolify allows no more requests for now; try again in ${String(Math.ceil(seconds))} seconds.` });
      }
      this.quietUntil = Math.max(this.quietUntil, performance.now() + seconds * 1000);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => { clearTimeout(timer); reject(coolifyError(cancelled)); };
    if (signal.aborted) { reject(coolifyError(cancelled)); return; }
    const timer = setTimeout(() => { signal.removeEventListener('abort', stop); resolve(); }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}
