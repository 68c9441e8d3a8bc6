import type { Connection } from './connection';
import { isSshError } from './errors';

interface Entry {
  opening: Promise<Connection>;
  users: number;
  idle?: NodeJS.Timeout;
}

/**
 * One connection for each server, shared by all who ask for it, and closed some time after the last of them is done.
 * What `acquire` gives is closed by its user as always; that only gives it back.
 */
export class ConnectionPool {
  private readonly entries = new Map<string, Entry>();

  /** @param idleMs how long an unused connection stays open; 60 s by default. */
  constructor(private readonly idleMs = 60_000) {}

  /**
   * The connection under the key, opened by `open` when there is none that lives. Everybody who asks meanwhile waits for the same one.
   * @param key server, port, user and way of signing in.
   */
  async acquire(key: string, open: () => Promise<Connection>): Promise<Connection> {
    const present = this.entries.get(key);
    const entry = present ?? this.start(key, open);
    entry.users++;
    clearTimeout(entry.idle);
    try {
      const connection = await entry.opening;
      if (connection.isOpen()) return this.lend(key, entry, connection);
    } catch (error) {
      this.forget(key, entry);
      // Whoever opened it gave up; that is not the wish of the others.
      if (present === undefined || !isSshError(error) || error.kind !== 'aborted') throw error;
    }
    // Or it died, and its end has not been seen yet.
    this.forget(key, entry);
    return this.acquire(key, open);
  }

  /** Ends every connection, also those in use. */
  closeAll(): void {
    for (const [key, entry] of [...this.entries]) {
      this.forget(key, entry);
      entry.opening.then((connection) => { connection.close(); }, () => undefined);
    }
  }

  private start(key: string, open: () => Promise<Connection>): Entry {
    const entry: Entry = { opening: open(), users: 0 };
    this.entries.set(key, entry);
    entry.opening.then((connection) => connection.closed, () => undefined).then(() => { this.forget(key, entry); }, () => undefined);
    return entry;
  }

  private forget(key: string, entry: Entry): void {
    clearTimeout(entry.idle);
    if (this.entries.get(key) === entry) this.entries.delete(key);
  }

  private lend(key: string, entry: Entry, connection: Connection): Connection {
    let returned = false;
    return {
      ...connection,
      isOpen: () => !returned && connection.isOpen(),
      close: () => {
        if (returned) return;
        returned = true;
        entry.users--;
        if (entry.users > 0) return;
        entry.idle = setTimeout(() => { this.forget(key, entry); connection.close(); }, this.idleMs);
        entry.idle.unref();
      },
    };
  }
}
