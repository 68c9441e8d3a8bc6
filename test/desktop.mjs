// The suite of test/vscode/suite in a desktop VS Code, which @vscode/test-electron downloads. VSCODE_EXECUTABLE names one that is there already.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-desktop-'));

async function desktop() {
  if (process.env.VSCODE_EXECUTABLE !== undefined) return process.env.VSCODE_EXECUTABLE;
  try {
    return await downloadAndUnzipVSCode({ version: 'stable', cachePath: path.join(root, '.vscode-test') });
  } catch (error) {
    throw new Error(`No desktop VS Code could be downloaded (${error instanceof Error ? error.message : String(error)}). Name one that is there in VSCODE_EXECUTABLE.`, { cause: error });
  }
}

/** One start of VS Code: a suite, a folder that is open, and whether it is trusted. */
async function run(vscodeExecutablePath, suite, { settings = {}, folderSettings, trusted }) {
  const workspace = path.join(folder, suite);
  const data = path.join(folder, `${suite}-data`);
  mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  mkdirSync(path.join(data, 'User'), { recursive: true });
  writeFileSync(path.join(data, 'User/settings.json'), JSON.stringify({ 'security.workspace.trust.startupPrompt': 'never', 'telemetry.telemetryLevel': 'off', 'update.mode': 'none', ...settings }));
  if (folderSettings) writeFileSync(path.join(workspace, '.vscode/settings.json'), JSON.stringify(folderSettings));
  const report = path.join(folder, `${suite}.json`);
  await runTests({
    vscodeExecutablePath, extensionDevelopmentPath: root, extensionTestsPath: path.join(folder, 'suite.js'), extensionTestsEnv: { SUITE: suite, SUITE_REPORT: report },
    // Root may start it only without a sandbox.
    launchArgs: [workspace, '--user-data-dir', data, '--disable-extensions', ...(trusted ? ['--disable-workspace-trust'] : []), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  return JSON.parse(readFileSync(report, 'utf8')).passed.length;
}

try {
  execFileSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' });
  await build({ entryPoints: [path.join(root, 'test/vscode/suite/index.ts')], outfile: path.join(folder, 'suite.js'), bundle: true, platform: 'node', format: 'cjs', external: ['vscode'], logLevel: 'warning' });
  const executable = await desktop();
  const of = (name) => ({ 'coolifyKubernetes.instances': [{ name, url: `https://${name}.invalid` }], 'coolifyKubernetes.destinations': [{ id: name, name }] });
  const plain = await run(executable, 'plain', { settings: of('mine'), trusted: true });
  const hostile = await run(executable, 'hostile', { settings: of('mine'), folderSettings: { 'editor.tabSize': 3, ...of('theirs') }, trusted: false });
  console.log(`${plain + hostile} passed, 0 failed, 0 skipped`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
