import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { RunLogs } from '../../../src/ui/documents/runLogFile';

const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-logs-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

class FakeChannel {
  text = '';
  appends = 0;
  append(text: string): void { this.text += text; this.appends += 1; }
  clear(): void { this.text = ''; }
}

it('keeps all of a long log in a file, as much as a channel holds in the channel, and says where the rest is', async () => {
  const channel = new FakeChannel();
  const logs = new RunLogs(channel, folder, (file) => `the rest: ${file}`);
  const line = `${'x'.repeat(99)}\n`;
  const log = logs.open('run-1');
  for (let count = 0; count < 200_000; count++) {
    log.append(line);
    if (count % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve, 70));
  }
  await log.close();
  expect(statSync(log.file)).toMatchObject({ size: 200_000 * 100, mode: 0o100600 });
  expect(channel.text.length).toBeLessThanOrEqual(10_000_000);
  expect(channel.text).toMatch(/the rest: .*run-1\.log\n$/);
  expect(channel.text.match(/the rest/g)).toHaveLength(1);
  expect(channel.appends).toBeLessThan(100);
  // The next run begins in an empty channel.
  logs.makeRoom();
  const next = logs.open('run-2');
  next.append('hello\n');
  await next.close();
  expect(channel.text).toBe('hello\n');
});

it('writes a log that is followed anew from its beginning, and removes old ones', async () => {
  const logs = new RunLogs(new FakeChannel(), folder, String);
  const old = path.join(folder, 'old.log');
  writeFileSync(old, '');
  utimesSync(old, new Date(0), new Date(0));
  for (const text of ['first, longer\n', 'second\n']) {
    const log = logs.open('again');
    log.append(text);
    await log.close();
  }
  expect(readFileSync(path.join(folder, 'again.log'), 'utf8')).toBe('second\n');
  expect(existsSync(old)).toBe(false);
});
