// A log of 100 MB with a line of 20 MB, invalid UTF-8, escapes and NUL: complete on the server and in the editor's file, at most 10 MB in the channel, short lines, bounded memory.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { followRun, startRun } from '../../src/run';
import { runLine } from '../../src/ui/documents/runLog';
import { RunLogs } from '../../src/ui/documents/runLogFile';
import { full, planOf, sh, verdict, withSshd } from './check.ts';

const megabytes = full ? 100 : 30;
const long = full ? 20_000_000 : 5_000_000;
const lines = Math.floor((megabytes * 1e6 - long) / 100);

await withSshd('18', async ({ dial, home, runs }) => {
  const connection = await dial();
  const script = `yes '${'abcdefghi '.repeat(9)}abcdefgh.' | head -n ${lines}; head -c ${long} /dev/zero | tr '\\0' x; echo; printf 'bad \\377\\376 utf8\\n\\033[31mred\\033[0m\\nnul \\000 byte\\nend'`;
  const plan = planOf('r', sh('flood', script));
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  let events = 0;
  let longest = 0;
  let last = '';
  // What stands in for the output channel only counts; file and bound are the editor's.
  let channel = 0;
  let link = '';
  const local = new RunLogs({ append: (text) => { channel += text.length; }, clear: () => { channel = 0; } }, join(home, 'logs'), (file) => (link = file)).open(plan.id);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const start = Date.now();
  await startRun(connection, plan, {});
  const state = await followRun(connection, plan.id, 0, (event) => {
    local.append(runLine(event));
    if (event.type !== 'output') return;
    events += 1;
    last = event.text;
    longest = Math.max(longest, event.text.length);
    if (events % 5000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
  }, undefined, undefined, { secrets: ['a-secret-that-never-occurs'] });
  peak = Math.max(peak, process.memoryUsage().rss);
  await local.close();
  const seconds = (Date.now() - start) / 1000;
  delay.disable();
  // What the server kept of the step, line by line, against what the program printed.
  const kept = createHash('sha256');
  let keptLines = 0;
  for await (const line of createInterface({ input: createReadStream(join(runs, plan.id, 'log'), 'latin1') })) {
    const parts = line.split('\t');
    if (parts[1] === 'output') { kept.update(`${parts.slice(3).join('\t')}\n`, 'latin1'); keptLines += 1; }
  }
  const printed = createHash('sha256');
  for (let i = 0; i < lines; i++) printed.update(`${'abcdefghi '.repeat(9)}abcdefgh.\n`);
  printed.update(`${'x'.repeat(long)}\n`);
  printed.update(Buffer.from('bad \xff\xfe utf8\n\x1b[31mred\x1b[0m\nnul \x00 byte\nend\n', 'latin1'));
  let localLines = 0;
  for await (const line of createInterface({ input: createReadStream(local.file) })) if (line.startsWith('  ')) localLines += 1;
  const complete = kept.digest('hex') === printed.digest('hex');
  const growth = (peak - before) / 1e6;
  const passed = state.kind === 'done' && state.exit === 0 && complete && events === lines + 5 && last === 'end' && longest < 8100 && growth <= 150 && channel <= 10_000_000 && link === local.file && localLines === events;
  verdict('18', passed, `${megabytes} MB in ${seconds.toFixed(1)} s, file ${complete ? 'complete' : 'NOT complete'} (${keptLines} lines), ${events} of ${lines + 5} lines shown, longest ${longest} characters, ${(channel / 1e6).toFixed(1)} MB in the channel and ${localLines} lines in the file it names, memory +${growth.toFixed(0)} MB, loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms`);
});
