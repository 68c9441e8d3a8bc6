export interface Output { out: (text: string) => void; error: (text: string) => void }

/** What a shell learns: 0 all translated, 3 something refused, 2 bad input, 1 our own fault; 2 before 3 before 0. */
export type ExitCode = 0 | 1 | 2 | 3;

/** The worse of two: our own fault before bad input before refused before well. */
export function worse(a: ExitCode, b: ExitCode): ExitCode {
  const rank: Record<ExitCode, number> = { 0: 0, 3: 1, 2: 2, 1: 3 };
  return rank[a] >= rank[b] ? a : b;
}

/** An error as one line: a person gets a sentence, never a stack trace. */
export function oneLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s*\n\s*/g, ' ');
}
