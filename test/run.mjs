// The test command: lint, types, build, then every tier that this machine can hold, and one plain closing line.
// REQUIRE=full turns a part that is missing into a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

const total = { passed: 0, failed: 0, skipped: 0 };

function check(name, command, args) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) total.passed += 1; else total.failed += 1;
}

function vitest(tier) {
  if (!existsSync(`test/${tier}`)) return;
  console.log(`\n== ${tier}`);
  mkdirSync('artefacts', { recursive: true });
  const report = `artefacts/${tier}.json`;
  rmSync(report, { force: true });
  spawnSync('vitest', ['run', `test/${tier}`, '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], { stdio: 'inherit' });
  if (!existsSync(report)) { total.failed += 1; return; }
  const result = JSON.parse(readFileSync(report, 'utf8'));
  total.passed += result.numPassedTests;
  total.skipped += result.numPendingTests + result.numTodoTests;
  const brokenFiles = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.every((a) => a.status !== 'failed')).length;
  total.failed += result.numFailedTests + brokenFiles;
}

check('lint and boundaries', 'eslint', ['.']);
check('types', 'tsc', ['--noEmit']);
check('build', process.execPath, ['esbuild.mjs']);
for (const tier of ['unit', 'integration', 'vscode', 'e2e']) vitest(tier);

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
