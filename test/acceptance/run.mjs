// `npm run acceptance [-- --full | --short] [NN…]`: every check in a process of its own, one after the other. Each prints `PASS|FAIL|SKIP NN what it
// measured`. `--short` takes those of a few seconds, which need no cluster; `npm test` runs them.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const full = process.argv.includes('--full');
const short = ['04', '05', '06', '08', '12', '16', '17', '18'];
const checks = readdirSync(import.meta.dirname).filter((name) => /^\d\d-.*\.ts$/.test(name) && (wanted.length === 0 || wanted.includes(name.slice(0, 2))) && (!process.argv.includes('--short') || short.includes(name.slice(0, 2)))).sort();
const start = Date.now();
let failed = 0;
for (const check of checks) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [
    '--experimental-transform-types', '--no-warnings', '--expose-gc', '--import', join(import.meta.dirname, 'resolve.mjs'), join(import.meta.dirname, check), ...(full ? ['--full'] : []), ...(process.argv.includes('--short') ? ['--short'] : []),
  ], { encoding: 'utf8', timeout: full ? 3_600_000 : 600_000, maxBuffer: 1 << 28 });
  const lines = (stdout ?? '').split('\n').filter((line) => /^(PASS|FAIL|SKIP) /.test(line));
  const passed = status === 0 && lines.length > 0 && lines.every((line) => !line.startsWith('FAIL'));
  for (const line of lines) console.log(line);
  if (!passed && !lines.some((line) => line.startsWith('FAIL'))) console.log(`FAIL ${check.slice(0, 2)} ended with ${String(status)}: ${(stderr ?? '').trim().split('\n').slice(-5).join(' | ')}`);
  if (!passed || lines.some((line) => line.startsWith('SKIP') && process.env.REQUIRE === 'full')) failed += 1;
}
console.log(`${checks.length - failed} of ${checks.length} acceptance checks passed in ${Math.round((Date.now() - start) / 1000)} s`);
process.exitCode = failed === 0 ? 0 : 1;
