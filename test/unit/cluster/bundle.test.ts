import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, describe } from 'vitest';

const probe = `
const place = Symbol.for('undici.globalDispatcher.1');
const web = require('node:http').createServer((_q, r) => r.end('hello')).listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + web.address().port;
  const early = process.argv[2] === 'early' ? await (await fetch(url)).text() : 'hello';
  const before = globalThis[place];
  const cluster = require(process.argv[1]);
  const same = globalThis[place] === before;
  const late = await (await fetch(url)).text();
  console.log(JSON.stringify({ names: Object.keys(cluster), same, early, late, dispatcher: globalThis[place]?.constructor?.name }));
  process.exit();
});`;

describe('the bundle', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bundle-'));
  const file = path.join(folder, 'cluster.js');
  beforeAll(async () => {
    const { warnings } = await build({ entryPoints: [path.join(import.meta.dirname, '../../../src/cluster/index.ts')], outfile: file, bundle: true, platform: 'node', format: 'cjs', target: 'node20', minify: true, logLevel: 'silent', define: { esbuildDetection: 'true' } });
    expect(warnings).toEqual([]);
  });
  afterAll(() => { rmSync(folder, { recursive: true }); });

  it('starts no programs and stays small', () => {
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/child_process|spawnSync|wsl\.exe/);
    expect(statSync(file).size).toBeLessThan(850_000);
  });

  it.each(['early', 'late'])('leaves the process-wide fetch as it was (used %s)', async (when) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', probe, file, when], { timeout: 20_000 });
    const result: unknown = JSON.parse(stdout);
    expect(result).toMatchObject({ same: true, early: 'hello', late: 'hello' });
    expect((result as { names: string[] }).names).toEqual(expect.arrayContaining(['openCluster', 'contextsIn', 'filePathsIn', 'rulesFor', 'roleFor', 'isClusterError']));
  });
});
