// 100 MB through the masker with 400 words: megabytes per second of processor time, since other work may share the machine; the loop stays free.
import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Mask } from '../../src/text/masking';
import { spellings } from '../../src/text/secretSpellings';
import { verdict } from './check.ts';

const secrets: string[] = [];
while (spellings(secrets).length < 400) secrets.push(`${randomBytes(12).toString('base64')}'"& ${randomBytes(4).toString('hex')}`);
const mask = new Mask(secrets);
const line = 'Step 4/9 : RUN npm ci --omit=dev  ---> 3f2a added 812 packages in 31s, https://registry.example.org/x/-/x-1.2.3.tgz\n';
const chunk = line.repeat(500);
const stream = mask.stream();
for (let i = 0; i < 50; i++) stream.push(chunk);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const before = process.cpuUsage();
const start = performance.now();
let bytes = 0;
while (bytes < 100e6) {
  stream.push(chunk);
  bytes += chunk.length;
  if (bytes % (chunk.length * 8) === 0) await new Promise((resolve) => { setImmediate(resolve); });
}
const cpu = process.cpuUsage(before);
const speed = bytes / 1e6 / ((cpu.user + cpu.system) / 1e6);
const p99 = delay.percentile(99) / 1e6;
verdict('05', speed >= 80 && p99 < 50, `${speed.toFixed(0)} MB per second of processor time (${(bytes / 1e3 / (performance.now() - start)).toFixed(0)} MB/s by the clock), ${spellings(secrets).length} words, loop delay p99 ${p99.toFixed(1)} ms`);
