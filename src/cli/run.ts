import { environmentHelp } from './environmentHelp';
import { parseArguments } from './arguments';
import { oneLine } from './outcome';
import { knownReason } from './textFile';
import { translateFiles } from './translateFiles';
import type { Output } from './outcome';

const usage = `Usage:
  cli.js translate <file|dir>… [--destination FILE] [--out DIR] [--report FILE] [--seed N] [--format plain|kustomize|helm]
  cli.js scoreboard <dir>… [--kubeconfig FILE] [--json]
  cli.js diff <file|coolify:KIND/UUID> --destination FILE [--seed-file FILE] [--save FILE] [--json]
  cli.js deploy <file|coolify:KIND/UUID> --destination FILE [--seed-file FILE] [--run-id ID] [--expect FILE] [--adopt KIND/NAME,…] [--accept-refused] [--no-wait] [--json]
  cli.js follow|cancel <run> --destination FILE [--json]
  cli.js status [<run>] --destination FILE [--resource UUID] [--json]
  cli.js rollback <uuid> --destination FILE --namespace NAME [--to REVISION] [--run-id ID] [--json]
${environmentHelp}Exit: 0 all translated, 3 something refused, 2 bad input, 1 our own fault.
Exit of the commands with a server: 4 the run failed, 5 not reached, 6 differs, 7 still running, 8 cancelled, 9 died, 75 busy, 76 moved, 77 foreign; see docs/cli.md.
`;

/** The command line, without a process around it. Never rejects. An abort ends it early, with everything tidied up. */
export async function runCli(argv: readonly string[], output: Output, signal: AbortSignal = new AbortController().signal): Promise<number> {
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
    // SSH and the schemas are read only where they are needed.
    if (parsed.command !== 'scoreboard') return await (await import('./serverCommands.js')).onServer(parsed, output, signal);
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
