import { createWriteStream, mkdirSync, readdirSync, rmSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** VS Code cuts a channel's text at ten megabytes; what stays below leaves room for the words around a run. Characters. */
const mostShown = 9_500_000;
/** Every append to a channel is a call to another process, so lines go together. Milliseconds. */
const flushEvery = 60;
/** Kept for two weeks. Milliseconds. */
const keptFor = 14 * 24 * 3600 * 1000;

/** The part of an output channel that a run's log needs. */
export interface Channel { append(text: string): void; clear(): void }

/** Logs of runs: all of each in a file of its own, readable by the account alone, and as much in the channel as it holds. Texts come masked. */
export class RunLogs {
  private shown = 0;

  /** `folder`: the extension's own; made at the first run. `more`: the sentence that stands in place of what is not shown. */
  constructor(private readonly channel: Channel, private readonly folder: string, private readonly more: (file: string) => string) {}

  open(runId: string): RunLog {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    sweep(this.folder);
    const file = join(this.folder, `${runId}.log`);
    // A run that is followed anew is read from its beginning.
    return new RunLog(file, createWriteStream(file, { flags: 'w', mode: 0o600 }), (text) => this.show(text, file));
  }

  /** True once nothing more is shown. */
  private show(text: string, file: string): boolean {
    if (this.shown + text.length > mostShown) {
      this.channel.append(`\n${this.more(file)}\n`);
      return true;
    }
    this.shown += text.length;
    this.channel.append(text);
    return false;
  }

  /** Before a run: a channel that is half full begins anew. */
  makeRoom(): void {
    if (this.shown < mostShown / 2) return;
    this.channel.clear();
    this.shown = 0;
  }
}

/** The log of one run while it is followed. */
export class RunLog {
  private full = false;
  private pending = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(readonly file: string, private readonly stream: WriteStream, private readonly show: (text: string) => boolean) {
    // A full disk here must not end the following of a run.
    stream.on('error', () => undefined);
  }

  append(text: string): void {
    this.pending += text;
    this.timer ??= setTimeout(() => { this.flush(); }, flushEvery);
  }

  close(): Promise<void> {
    this.flush();
    return new Promise((resolve) => { this.stream.end(() => { resolve(); }); });
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.pending;
    this.pending = '';
    if (text === '') return;
    this.stream.write(text);
    if (!this.full) this.full = this.show(text);
  }
}

function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (name.endsWith('.log') && Date.now() - statSync(file).mtimeMs > keptFor) rmSync(file, { force: true });
  }
}
