// Called by run.mjs: a log of 100 MB through a real sshd, masked and cleaned as the editor does it; then a log whose connection is cut again and again.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { followRun, sanitise, startRun } from '../../src/run';
import { Mask } from '../../src/text/masking';
import { pause, planOf, sh, withSshd } from '../acceptance/check.ts';

const line = (what: string, value: string, beside = ''): void => { console.log(`${what.padEnd(58)} ${value.padStart(14)}  ${beside}`); };
const secrets = Array.from({ length: 40 }, (_, index) => `s3cret-${index}-${'x'.repeat(20)}`);
const outputOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').flatMap((one) => { const parts = one.split('\t'); return parts[1] === 'output' ? [parts.slice(3).join('\t')] : []; });

/** What runs over every line of a deployment's log, beside the least that could. */
function pieces(): void {
  const text = Array.from({ length: 200_000 }, (_, i) => `#${i} \u001b[32mstep\u001b[0m pulling layer sha256:${String(i * 7919).padStart(16, '0')} token=${i % 50 === 0 ? secrets[i % 40] : 'none'}`).join('\n');
  const megabytes = Buffer.byteLength(text) / 1e6;
  const timed = (work: () => unknown): number => Math.min(...[1, 2, 3].map(() => { const start = performance.now(); work(); return performance.now() - start; }));
  const mask = new Mask(secrets);
  const masked = timed(() => { const stream = mask.stream(); for (let at = 0; at < text.length; at += 65_536) stream.push(text.slice(at, at + 65_536)); return stream.flush(); });
  const clean = timed(() => { for (const one of text.split('\n')) sanitise(one); });
  const plain = timed(() => text.split('\n').reduce((length, one) => length + one.replaceAll('\u001b', '').length, 0));
  console.log(`\nThe pieces, over ${megabytes.toFixed(0)} MB with two escapes in each line and ${secrets.length} secrets`);
  line('masking', `${(megabytes / masked * 1000).toFixed(0)} MB/s`, `${(masked / plain).toFixed(1)} × a bare split and replace`);
  line('cleaning line by line', `${(megabytes / clean * 1000).toFixed(0)} MB/s`, `${(clean / plain).toFixed(1)} × a bare split and replace`);
}

pieces();
await withSshd('bench', async ({ sshd, dial, runs }) => {
  const megabytes = 100;
  const connection = await dial();
  const large = planOf('large', sh('flood', `yes '${'abcdefghi '.repeat(9)}abcdefgh.' | head -n ${megabytes * 10_000}`));
  await startRun(connection, large, {});
  // The program comes to its end first, so that only the way to the editor is measured.
  while (!readOr(join(runs, large.id, 'exit'))) await pause(100);
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let [peak, bytes, lines] = [before, 0, 0];
  const cpu = process.cpuUsage();
  const start = performance.now();
  await followRun(connection, large.id, 0, (event) => {
    if (event.type !== 'output') return;
    bytes += event.text.length + 1;
    if (++lines % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
  }, undefined, undefined, { secrets });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(`\nA log of ${megabytes} MB from sshd to the event, masked (${secrets.length} secrets) and cleaned`);
  line('by the clock', `${(bytes / 1e6 / seconds).toFixed(0)} MB/s`, `${(bytes / 1e6 / ((user + system) / 1e6)).toFixed(0)} MB for each second of the processor`);
  line('memory above the start, at most', `${((peak - before) / 1e6).toFixed(0)} MB`);
  line('bytes lost', String(megabytes * 1_000_000 - bytes), `${lines} lines`);

  const cut = planOf('cut', sh('count', 'i=0; while [ $i -lt 9000 ]; do i=$((i+1)); echo "line $i, whose number must come once"; [ $((i % 100)) -ne 0 ] || sleep 0.1; done'));
  let current = await dial();
  await startRun(current, cut, {});
  const seen: string[] = [];
  const times: number[] = [];
  let lostAt = 0;
  const cutting = (async () => { for (let i = 0; i < 4; i++) { await pause(2000); lostAt = performance.now(); sshd.dropConnections(); } })();
  await followRun(current, cut.id, 0, (event) => {
    if (lostAt > 0) { times.push(performance.now() - lostAt); lostAt = 0; }
    if (event.type === 'output') seen.push(event.text);
  }, undefined, async () => (current = await dial()));
  await cutting;
  const log = outputOf(join(runs, cut.id, 'log'));
  const hash = (all: readonly string[]): string => createHash('sha256').update(all.join('\n')).digest('hex');
  const middle = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  console.log('\nA connection that is killed while a run is followed');
  line('from the loss to the next event, median', `${middle.toFixed(0)} ms`, `${times.length} times, the slowest ${(times.at(-1) ?? 0).toFixed(0)} ms`);
  line('bytes lost or repeated', hash(seen) === hash(log) ? '0' : `${Math.abs(log.join('\n').length - seen.join('\n').length)}, and the text differs`, `${seen.length} of ${log.length} lines`);
});

function readOr(file: string): string {
  try { return readFileSync(file, 'utf8'); } catch { return ''; }
}
