import type { CliArguments } from './arguments';
import { deploy } from './deploy';
import { diffCluster } from './diffCluster';
import { follow } from './follow';
import type { Output } from './outcome';
import { rollback } from './rollback';
import { cancel, status } from './status';

/** The commands that speak with a server: a bundle of its own. */
export async function onServer(parsed: CliArguments, output: Output, signal: AbortSignal): Promise<number> {
  try {
    switch (parsed.command) {
      case 'deploy': return await deploy(parsed, output, signal);
      case 'diff': return await diffCluster(parsed, output, signal);
      case 'follow': return await follow(parsed, output, signal);
      case 'rollback': return await rollback(parsed, output, signal);
      case 'cancel': return await cancel(parsed, output, signal);
      default: return await status(parsed, output, signal);
    }
  } catch (cause) {
    if (!(cause instanceof Error && 'hint' in cause)) throw cause;
    output.error(`${cause.message} ${String(cause.hint)}\n`);
    return 5;
  }
}
