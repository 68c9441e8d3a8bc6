import type { RunEvent } from '../../model/plan';

/** One event of a run as a person reads it in the output channel; empty when there is nothing to say. */
export function runLine(event: RunEvent): string {
  switch (event.type) {
    case 'stage': return `\n── ${event.stage} ──\n`;
    case 'step': return `▸ ${event.title}\n`;
    case 'output': return `  ${event.text}\n`;
    case 'exit': return event.code === 0 ? '' : `  ended with exit code ${String(event.code)}\n`;
  }
}
