// The test command: lint, types, build, then every tier that this machine can hold, and one plain closing line.
// REQUIRE=full turns a part that is missing into a failure; `--yes` agrees to installing the Debian packages that are missing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

if (process.argv.includes('--yes')) process.env.YES = '1';
const total = { passed: 0, failed: 0, skipped: 0 };

function check(name, command, args) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) total.passed += 1; else total.failed += 1;
}

/** Gets the parts; the answer is the tier that this machine can hold. */
function prepare() {
  console.log('\n== parts');
  const { status, stdout } = spawnSync(process.execPath, ['test/harness/prepare.ts'], { stdio: ['inherit', 'pipe', 'inherit'], encoding: 'utf8' });
  if (status === 0) total.passed += 1; else total.failed += 1;
  return stdout?.trim().split('\n').at(-1) ?? 'none';
}

// A page, a node of Kubernetes and its pods are too much to have several times on a small machine.
const oneAtATime = ['integration', 'vscode', 'e2e', 'demo'];

function vitest(folder) {
  if (!existsSync(`test/${folder}`)) return;
  console.log(`\n== ${folder}`);
  mkdirSync('artefacts', { recursive: true });
  const report = `artefacts/${folder}.json`;
  rmSync(report, { force: true });
  const { status } = spawnSync('vitest', ['run', `test/${folder}`, '--passWithNoTests', ...(oneAtATime.includes(folder) ? ['--no-file-parallelism'] : []), '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], { stdio: 'inherit' });
  if (!existsSync(report)) { total.failed += 1; return; }
  const result = JSON.parse(readFileSync(report, 'utf8'));
  total.passed += result.numPassedTests;
  total.skipped += result.numPendingTests + result.numTodoTests;
  const brokenFiles = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.every((a) => a.status !== 'failed')).length;
  const failed = result.numFailedTests + brokenFiles;
  // An error outside of any test fails the run too.
  total.failed += failed === 0 && status !== 0 ? 1 : failed;
}

check('lint and boundaries', 'eslint', ['.']);
check('types', 'tsc', ['--noEmit']);
check('build', process.execPath, ['esbuild.mjs']);
vitest('unit');
const tier = prepare();
for (const folder of ['integration', 'vscode', 'e2e', 'demo']) vitest(folder);

console.log(`\ntier: ${tier}\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
