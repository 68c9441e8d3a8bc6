import type { Client, ClientChannel } from 'ssh2';

/** OpenSSH's default for MaxSessions is 10; other programs may share the connection's account, not the connection. */
const most = 8;
/** A server frees a session a little after it has closed the channel: after this time one more is tried. Milliseconds. */
const patience = 500;

/**
 * The command channels of one connection. A server allows so many at a time (MaxSessions); what is beyond waits for its turn.
 * A refusal while other channels are open is taken for that limit, and the command is tried again when one has closed.
 */
export class Sessions {
  private limit = most;
  private inUse = 0;
  private readonly waiting: (() => void)[] = [];
  private widening: NodeJS.Timeout | undefined;

  constructor(private readonly client: Client) {
    // Whoever waits goes on, and hears from exec that the connection is gone.
    client.once('close', () => { for (const start of this.waiting.splice(0)) start(); });
  }

  /** A channel for the command. Rejects with ssh2's error when the server refuses again and again while nothing else is open. */
  async open(command: string, signal?: AbortSignal): Promise<ClientChannel> {
    for (let refusals = 0; ; refusals++) {
      await this.turn(refusals > 0, signal);
      try {
        const channel = await this.exec(command);
        channel.once('close', () => this.release());
        return channel;
      } catch (error) {
        this.inUse--;
        if (!isRefusal(error) || (this.inUse === 0 && refusals >= 3)) { this.next(); throw error; }
        // A refusal tells the limit: as many as are open now. With none open, a session of a moment ago is not freed yet.
        this.limit = this.inUse;
        this.widen();
      }
    }
  }

  /** The limit that a refusal told may be too low, and a long command must not keep all others waiting because of that. */
  private widen(): void {
    this.widening ??= setTimeout(() => {
      this.widening = undefined;
      if (this.limit < most) this.limit++;
      this.next();
    }, patience);
  }

  private exec(command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      // exec throws when the connection has just ended.
      try { this.client.exec(command, (error, channel) => { if (error) reject(error); else resolve(channel); }); } catch (error) { reject(error instanceof Error ? error : new Error(String(error))); }
    });
  }

  /** @param again it has waited before, so it does not go to the end of the queue. */
  private turn(again: boolean, signal?: AbortSignal): Promise<void> {
    if (this.inUse < this.limit) { this.inUse++; return Promise.resolve(); }
    return new Promise((resolve, reject) => {
      const start = () => { signal?.removeEventListener('abort', abort); this.inUse++; resolve(); };
      const abort = () => {
        this.waiting.splice(this.waiting.indexOf(start), 1);
        reject(new Error('Waiting for a free channel was cancelled.'));
      };
      signal?.addEventListener('abort', abort, { once: true });
      if (again) this.waiting.unshift(start);
      else this.waiting.push(start);
    });
  }

  private release(): void {
    this.inUse--;
    this.next();
  }

  private next(): void {
    while (this.inUse < this.limit) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      next();
    }
  }
}

/** SSH_MSG_CHANNEL_OPEN_FAILURE as ssh2 words it; other errors are not about the number of channels. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /channel open failure/i.test(error.message);
}
