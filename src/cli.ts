import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// What was compiled once is kept, in the account's own folder; Node 20 has no such cache.
(nodeModule as Partial<typeof nodeModule>).enableCompileCache?.(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'coolify-kubernetes/compiled'));

const abort = new AbortController();
// Ctrl-C and the like let a scratch namespace be removed first; a second one ends the process at once.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => { abort.abort(name); });
// A reader that has seen enough (`| head`) is no fault.
for (const stream of [process.stdout, process.stderr]) stream.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') process.exitCode = 1; });

const signals: Record<string, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
void import('./cli/run.js').then(({ runCli }) => runCli(process.argv.slice(2), { out: (text) => process.stdout.write(text), error: (text) => process.stderr.write(text) }, abort.signal))
  .then((code) => { process.exitCode = abort.signal.aborted ? signals[String(abort.signal.reason)] ?? code : code; });
