/**
 * A real VS Code, served to a browser: code-server's build of it from npm, in a cache outside the checkout.
 * From a shell: `node test/harness/vscode.ts [extension.vsix]`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheFolder, once } from './cache.ts';
import { compilerPackages, ensurePackages } from './packages.ts';
import { runProgram } from './processes.ts';
import { printedProgress, type Progress } from './progress.ts';

const version = '4.139.1';
const nodeVersion = '24.21.0';
const root = path.resolve(import.meta.dirname, '../..');
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
// The native modules fit one Node version only, so it is in the name.
const folder = path.join(cacheFolder(), `code-server-${version}-node-${nodeVersion}-${platform}`);
const server = path.join(folder, 'node_modules/code-server/lib/vscode');
const node = existsSync(path.join(root, 'node_modules/node/bin/node')) ? path.join(root, 'node_modules/node/bin/node') : process.execPath;
const natives = ['spdlog', 'native-watchdog'];

/** Settings under which a page is quiet: no welcome, no updates, no telemetry, no animation. */
const quiet = {
  'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true, 'workbench.secondarySideBar.defaultVisibility': 'hidden', 'telemetry.telemetryLevel': 'off',
  'update.mode': 'none', 'extensions.autoCheckUpdates': false, 'extensions.autoUpdate': false, 'extensions.ignoreRecommendations': true, 'workbench.enableExperiments': false,
  'workbench.tips.enabled': false, 'files.hotExit': 'off', 'workbench.reduceMotion': 'on', 'workbench.editor.useModal': 'off',
};

/** Installs VS Code on first use; later calls find it there. */
export async function installVsCode(progress: Progress = printedProgress()): Promise<void> {
  if (existsSync(folder)) return;
  const compilers = ['g++', 'make', 'python3'].every((name) => isProgram(name)) ? undefined : ensurePackages(compilerPackages);
  if (compilers !== undefined) throw new Error(`two native modules of VS Code cannot be built: ${compilers}`);
  await once(folder, async (fresh) => {
    writeFileSync(path.join(fresh, 'package.json'), '{"private":true}\n');
    const there = path.join(fresh, path.relative(folder, server));
    const headers = path.join(fresh, 'node_modules', `node-${platform}`);
    const npm = (cwd: string, ...args: string[]): Promise<unknown> => runProgram('npm', [...args, '--no-audit', '--no-fund'], {
      cwd, env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` },
    });
    await progress.step(`Installing VS Code (code-server ${version} from npm), once for this machine`, async (far) => {
      far('1 of 2');
      await npm(fresh, 'install', '--save-exact', `code-server@${version}`, `node-${platform}@${nodeVersion}`, '--ignore-scripts');
      far('2 of 2');
      await npm(there, 'install', '--omit=dev', '--ignore-scripts');
    });
    // Without spdlog output channels stay empty.
    await progress.step('Building two native modules of VS Code', () => npm(there, 'rebuild', ...natives.map((name) => `@vscode/${name}`), `--nodedir=${headers}`));
    for (const name of natives) {
      const built = path.join(there, 'node_modules/@vscode', name, 'build/Release');
      if (!existsSync(built) || !readdirSync(built).some((file) => file.endsWith('.node'))) throw new Error(`npm rebuild made no native module of @vscode/${name}`);
    }
  });
}

const isProgram = (name: string): boolean => (process.env.PATH ?? '').split(path.delimiter).some((place) => existsSync(path.join(place, name)));

export interface VsCode { url: string; dataDir: string; pid: number; stop(): Promise<void> }

export interface VsCodeOptions {
  /** The packaged extension; without it none is installed. */
  vsix?: string;
  workspace?: string;
  settings?: Record<string, unknown>;
  /** Where its data go; a temporary folder of its own when absent. Removed at the end. */
  dataDir?: string;
  /** More arguments of the server, such as `--enable-smoke-test-driver`. */
  extraArguments?: readonly string[];
  /** More of the environment of the server and of its extension hosts. */
  env?: NodeJS.ProcessEnv;
}

/** Starts a server with fresh data folders and the packaged extension installed. */
export async function startVsCode(options: VsCodeOptions): Promise<VsCode> {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-vscode-'));
  const workspace = options.workspace ?? path.join(dataDir, 'workspace');
  mkdirSync(workspace, { recursive: true });
  mkdirSync(path.join(dataDir, 'data/User'), { recursive: true });
  writeFileSync(path.join(dataDir, 'data/User/settings.json'), JSON.stringify({ ...quiet, ...options.settings }, undefined, 2));
  const main = path.join(server, 'out/server-main.js');
  const folders = ['--server-data-dir', dataDir, '--extensions-dir', path.join(dataDir, 'extensions')];
  const env = { ...process.env, EXTENSIONS_GALLERY: '{}', NODE_OPTIONS: '', ...options.env };
  if (options.vsix !== undefined) await runProgram(node, [main, ...folders, '--accept-server-license-terms', '--install-extension', options.vsix], { env });
  const child = spawn(node, [main, '--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms', '--disable-telemetry', ...folders, ...options.extraArguments ?? []], { env, detached: true });
  const port = await portOf(child);
  return {
    dataDir, pid: child.pid ?? 0, url: `http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`,
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

/** Builds the extension and packs it into a file in a folder; returns the path. */
export async function packExtension(into: string): Promise<string> {
  const vsix = path.join(into, 'extension.vsix');
  await runProgram(node, ['esbuild.mjs'], { cwd: root });
  await runProgram(node, [path.join(root, 'node_modules/@vscode/vsce/vsce'), 'package', '--no-dependencies', '--out', vsix], { cwd: root });
  return vsix;
}

if (process.argv[1] === import.meta.filename) {
  await installVsCode();
  const vscode = await startVsCode({ vsix: process.argv[2] ?? await packExtension(mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-vsix-'))) });
  console.log(vscode.url);
  process.once('SIGINT', () => { void vscode.stop().then(() => process.exit(0)); });
}
