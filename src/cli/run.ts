import { scoreboard } from './scoreboard';
import { parseArguments } from './arguments';
import { translateFiles } from './translateFiles';

export interface Output { out: (text: string) => void; error: (text: string) => void }

/** What a shell learns: 0 all translated, 3 something refused, 2 bad input, 1 our own fault; 2 before 3 before 0. */
export type ExitCode = 0 | 1 | 2 | 3;

const usage = `Usage:
  cli.js translate <file|dir>… [--destination FILE] [--out DIR] [--report FILE] [--seed N]
  cli.js scoreboard <dir>… [--kubeconfig FILE] [--json]
Exit: 0 all translated, 3 something refused, 2 bad input, 1 our own fault.
`;

/** The command line, without a process around it. Never throws. */
export function runCli(argv: readonly string[], output: Output): ExitCode {
  const parsed = parseArguments(argv);
  if (typeof parsed === 'string') {
    output.error(`${parsed}\n${usage}`);
    return 2;
  }
  if (parsed.command === '--help' || parsed.flags.has('--help')) {
    output.out(usage);
    return 0;
  }
  const command = parsed.command === 'translate' ? translateFiles : parsed.command === 'scoreboard' ? scoreboard : undefined;
  if (command === undefined) {
    output.error(`There is no command "${parsed.command}".\n${usage}`);
    return 2;
  }
  if (parsed.inputs.length === 0) {
    output.error(`Name at least one file or folder.\n${usage}`);
    return 2;
  }
  try {
    return command(parsed, output);
  } catch (cause) {
    output.error(`Something went wrong inside the program: ${cause instanceof Error ? cause.message : String(cause)}\n`);
    return 1;
  }
}

/** The worse of two: bad input before refused before well. */
export function worse(a: ExitCode, b: ExitCode): ExitCode {
  const rank: Record<ExitCode, number> = { 0: 0, 3: 1, 2: 2, 1: 3 };
  return rank[a] >= rank[b] ? a : b;
}
