// The test command: lint, types, build, then every tier that this machine can hold, and one plain closing line.
// REQUIRE=full turns a part that is missing into a failure; `--yes` agrees to installing the Debian packages that are missing.
// The names of folders (`npm test -- unit`) run those alone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

if (process.argv.includes('--yes')) process.env.YES = '1';
const folders = ['unit', 'integration', 'vscode', 'e2e', 'demo'];
const named = process.argv.slice(2).filter((argument) => folders.includes(argument));
const total = { passed: 0, failed: 0, skipped: 0 };
/** What a reader of the end of a long log needs: which failed, and why, in a line each. */
const failures = [];
const slow = [];

function check(name, command, args) {
  console.log(`\n== ${name}`);
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) { total.passed += 1; return; }
  fail(`${name}: ${error === undefined ? `ended with ${String(status)}` : error.message}`);
}

function fail(line) {
  total.failed += 1;
  failures.push(line);
}

/** Gets the parts; the answer is the tier that this machine can hold. */
function prepare() {
  console.log('\n== parts');
  const { status, stdout } = spawnSync(process.execPath, ['test/harness/prepare.ts'], { stdio: ['inherit', 'pipe', 'inherit'], encoding: 'utf8' });
  if (status === 0) total.passed += 1; else fail('parts: some could not be had; see above');
  return stdout?.trim().split('\n').at(-1) ?? 'none';
}

// A page, a node of Kubernetes and its pods are too much to have several times on a small machine; servers alone mostly wait, so two of them go side by side.
const oneAtATime = ['vscode', 'e2e', 'demo'];
const sideBySide = { integration: ['--maxWorkers=2'] };

function vitest(folder) {
  if (!existsSync(`test/${folder}`)) return;
  console.log(`\n== ${folder}`);
  mkdirSync('artefacts', { recursive: true });
  const report = `artefacts/${folder}.json`;
  rmSync(report, { force: true });
  const { status } = spawnSync('vitest', ['run', `test/${folder}`, '--passWithNoTests', ...(oneAtATime.includes(folder) ? ['--no-file-parallelism'] : sideBySide[folder] ?? []), '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], { stdio: 'inherit' });
  const before = total.failed;
  if (existsSync(report)) for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) count(file);
  // An error outside of any test fails the run too.
  if (status !== 0 && total.failed === before) fail(`${folder}: vitest ended with ${String(status)}; see above`);
}

function count({ name, status, message, assertionResults }) {
  const file = path.relative('.', name);
  for (const test of assertionResults) {
    if (test.status === 'passed') total.passed += 1;
    else if (test.status === 'failed') fail(`${file}: ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
    else total.skipped += 1;
    if (test.duration > 5000) slow.push([test.duration, `${file}: ${test.fullName}`]);
  }
  if (status === 'failed' && assertionResults.every((test) => test.status !== 'failed')) fail(`${file}: ${firstLine(message)}`);
}

function firstLine(text) {
  return (text ?? '').split('\n').find((line) => line.trim() !== '')?.slice(0, 300) ?? 'no reason given';
}

if (named.length === 0) {
  check('lint and boundaries', 'eslint', ['.']);
  check('types', 'tsc', ['--noEmit']);
}
check('build', process.execPath, ['esbuild.mjs']);
const wanted = named.length === 0 ? folders : named;
if (wanted.includes('unit')) vitest('unit');
const tier = wanted.some((folder) => folder !== 'unit') ? prepare() : 'unit';
for (const folder of wanted) if (folder !== 'unit') vitest(folder);
if (wanted.includes('integration')) check('acceptance, the short checks', process.execPath, ['test/acceptance/run.mjs', '--short']);

if (slow.length > 0) console.log(`\nThe slowest tests:\n${slow.sort(([a], [b]) => b - a).slice(0, 8).map(([time, name]) => `  ${(time / 1000).toFixed(1)} s  ${name}`).join('\n')}`);
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join('\n')}`);
console.log(`\ntier: ${tier}\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
