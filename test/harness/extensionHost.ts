/** Runs a suite inside the extension host of a real VS Code: the page is only there because the host needs one. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { launchBrowser } from './browser.ts';
import { startVsCode } from './vscode.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** What the suite writes into the file that `SUITE_REPORT` names. */
export interface SuiteReport { passed: string[]; failed: { name: string; message: string }[]; notes: string[] }

export interface HostRun {
  /** As the extension host gives it: 0 when the suite's promise was kept. */
  code: number;
  report: SuiteReport;
  /** Lines of the extension host's log that VS Code marks as errors. */
  errors: string[];
}

export interface HostOptions { vsix: string; browserPath: string; suite: string; workspace: string; settings?: Record<string, unknown>; trusted: boolean }

/** The suite as one file, as the extension host loads it. */
export async function bundleSuite(outfile: string): Promise<void> {
  await build({ entryPoints: [path.join(root, 'test/vscode/suite/index.ts')], outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', external: ['vscode'], logLevel: 'warning' });
}

/** Only a server with the smoke test driver takes a suite from the page's address. Toasts and modal dialogs are not shown in it. */
export async function runInExtensionHost({ vsix, browserPath, suite, workspace, settings = {}, trusted }: HostOptions): Promise<HostRun> {
  const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-suite-'));
  const report = path.join(folder, 'report.json');
  const vscode = await startVsCode({
    vsix, workspace, settings: { 'security.workspace.trust.startupPrompt': 'never', ...settings }, env: { SUITE: suite, SUITE_REPORT: report },
    extraArguments: ['--enable-smoke-test-driver', ...(trusted ? ['--disable-workspace-trust'] : [])],
  });
  try {
    await bundleSuite(path.join(folder, 'suite.js'));
    const extensions = path.join(vscode.dataDir, 'extensions');
    const installed = readdirSync(extensions).find((name) => name.startsWith('coolify-kubernetes.'));
    if (installed === undefined) throw new Error('the extension was not installed');
    const { code, said } = await openWithSuite(browserPath, vscode.url, path.join(extensions, installed), path.join(folder, 'suite.js'));
    if (!existsSync(report)) throw new Error(`the extension host ended with ${code} before the suite did:\n${said.slice(-20).join('\n')}\n${hostErrors(vscode.dataDir).join('\n')}`);
    return { code, report: readReport(report), errors: hostErrors(vscode.dataDir) };
  } finally {
    await vscode.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openWithSuite(browserPath: string, url: string, extension: string, suite: string): Promise<{ code: number; said: string[] }> {
  const remote = (file: string): string => `vscode-remote://${new URL(url).host}${file}`;
  const browser = await launchBrowser(browserPath);
  try {
    const page = await browser.newPage();
    const exit = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => { reject(new Error('the suite did not end within four minutes')); }, 240_000);
      void page.exposeFunction('codeAutomationExit', (code: number) => { clearTimeout(timer); resolve(code); });
    });
    const said: string[] = [];
    await page.exposeFunction('codeAutomationLog', (_level: string, parts: unknown[]) => { said.push(parts.map(String).join(' ')); });
    const payload = [['extensionDevelopmentPath', remote(extension)], ['extensionTestsPath', remote(suite)], ['skipWelcome', 'true']];
    await page.goto(`${url}&payload=${encodeURIComponent(JSON.stringify(payload))}`, { timeout: 120_000, waitUntil: 'commit' });
    return { code: await exit, said };
  } finally {
    await browser.close();
  }
}

function readReport(file: string): SuiteReport {
  const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const isReport = (value: unknown): value is SuiteReport => typeof value === 'object' && value !== null && 'passed' in value && 'failed' in value && 'notes' in value;
  if (!isReport(found)) throw new Error('the suite wrote no report');
  return found;
}

/** Errors in the logs of the extension hosts under a server's data folder. A call that was cancelled is one that the page's end cut off. */
export function hostErrors(dataDir: string): string[] {
  const logs = path.join(dataDir, 'data/logs');
  const files = readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('remoteexthost.log'));
  if (files.length === 0) throw new Error(`no extension host wrote a log in ${logs}`);
  return files.flatMap((name) => readFileSync(path.join(logs, name), 'utf8').split('\n')).filter((line) => line.includes('[error]') && !line.endsWith(': Canceled'));
}
