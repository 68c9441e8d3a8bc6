/** Says what a long step does and how far it is. */
export interface Progress {
  /** One line that stays. */
  say(line: string): void;
  /** Runs a step: its title, then how far it is with the seconds so far, then how long it took. */
  step<T>(title: string, work: (far: (detail: string) => void) => Promise<T>): Promise<T>;
}

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Whole steps with a line that is written over each second on a terminal, else a line every ten seconds. */
export function printedProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  return {
    say: (line) => { out.write(`${line}\n`); },
    step: async (title, work) => {
      const start = Date.now();
      let detail = '';
      const tell = (): void => {
        const line = `  … ${title}: ${detail === '' ? '' : `${detail}, `}${Math.round((Date.now() - start) / 1000)} s`;
        out.write(out.isTTY ? `\r\x1b[2K${line.slice(0, Math.max(20, (out.columns ?? 80) - 1))}` : `${line}\n`);
      };
      if (out.isTTY) tell(); else out.write(`  … ${title}\n`);
      const timer = setInterval(tell, out.isTTY ? 1000 : 10_000);
      const end = (mark: string): void => { clearInterval(timer); out.write(`${out.isTTY ? '\r\x1b[2K' : ''}  ${mark} ${title}, ${seconds(start)}\n`); };
      try {
        const result = await work((text) => { detail = text; });
        end('✓');
        return result;
      } catch (error) {
        end('✗');
        throw error;
      }
    },
  };
}

/** For tests, whose own report is enough. */
export const silent: Progress = { say: () => undefined, step: (_title, work) => work(() => undefined) };
