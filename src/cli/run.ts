import { parseArguments } from './arguments';
import { oneLine } from './outcome';
import { knownReason } from './textFile';
import { translateFiles } from './translateFiles';
import type { ExitCode, Output } from './outcome';

const usage = `Usage:
  cli.js translate <file|dir>… [--destination FILE] [--out DIR] [--report FILE] [--seed N] [--format plain|kustomize|helm]
  cli.js scoreboard <dir>… [--kubeconfig FILE] [--json]
Exit: 0 all translated, 3 something refused, 2 bad input, 1 our own fault.
`;

/** The command line, without a process around it. Never rejects. An abort ends it early, with everything tidied up. */
export async function runCli(argv: readonly string[], output: Output, signal: AbortSignal = new AbortController().signal): Promise<ExitCode> {
  const parsed = parseArguments(argv);
  if (typeof parsed === 'string') {
    output.error(`${parsed}\n${usage}`);
    return 2;
  }
  if (parsed.command === '--help' || parsed.flags.has('--help')) {
    output.out(usage);
    return 0;
  }
  try {
    if (parsed.command === 'translate') return translateFiles(parsed, output);
    // The schemas are read only where they are needed.
    const { scoreboard } = await import('./scoreboard.js');
    return await scoreboard(parsed, output, signal);
  } catch (cause) {
    const reason = knownReason(cause);
    if (reason !== undefined) {
      output.error(`${pathOf(cause)}${reason}.\n`);
      return 2;
    }
    output.error(`Something went wrong inside the program: ${oneLine(cause)}\n`);
    return 1;
  }
}

/** The file or folder that the system spoke of. */
function pathOf(cause: unknown): string {
  return cause instanceof Error && 'path' in cause && typeof cause.path === 'string' ? `${cause.path}: ` : '';
}
