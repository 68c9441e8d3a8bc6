import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPage, requireBrowser } from '../harness/browser';
import { startCoolify, tokens, type StandIn } from '../harness/coolify';
import { hostErrors, runInExtensionHost } from '../harness/extensionHost';
import { installVsCode, packExtension, startVsCode } from '../harness/vscode';

let missing: string | undefined;
let browserPath = '';
let vsix = '';
let folder = '';
let coolify: StandIn;
/** What the settings of the hostile folder point to: an address for tokens, and a server for keys. */
let theirs: { coolify: StandIn; ssh: Server; sshPort: number; visitors: number };

beforeAll(async () => {
  const browser = requireBrowser();
  if ('missing' in browser) missing = browser.missing;
  else {
    browserPath = browser.path;
    await installVsCode().catch((error: unknown) => { missing = `VS Code could not be installed: ${String(error)}`; });
  }
  if (missing !== undefined) return;
  folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-host-'));
  vsix = await packExtension(folder);
  coolify = await startCoolify();
  const ssh = createServer((socket) => { theirs.visitors += 1; socket.destroy(); });
  await new Promise<void>((resolve) => { ssh.listen(0, '127.0.0.1', resolve); });
  const address = ssh.address();
  theirs = { coolify: await startCoolify(), ssh, sshPort: typeof address === 'object' && address !== null ? address.port : 0, visitors: 0 };
});

afterAll(async () => {
  await coolify?.stop();
  await theirs?.coolify.stop();
  theirs?.ssh.close();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

beforeEach((context) => {
  if (missing === undefined) return;
  if (process.env.REQUIRE === 'full') throw new Error(missing);
  context.skip(`skipped, because ${missing}`);
});

const destination = (name: string, port: number): object => ({ id: name, name, applyWith: 'server', server: 'pmyvaxk6z2l0ny6pqkpl2fiq', ssh: { host: '127.0.0.1', port, user: 'root', coolifyKey: true } });
const mine = (): Record<string, unknown> => ({ 'coolifyKubernetes.instances': [{ name: 'mine', url: coolify.url }], 'coolifyKubernetes.destinations': [destination('mine', 1)] });

function hostileFolder(): string {
  const workspace = path.join(folder, 'hostile');
  mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  writeFileSync(path.join(workspace, '.vscode/settings.json'), JSON.stringify({
    'editor.tabSize': 3,
    'coolifyKubernetes.instances': [{ name: 'theirs', url: theirs.coolify.url }, { name: 'theirs', url: coolify.url }],
    'coolifyKubernetes.destinations': [destination('theirs', theirs.sshPort)],
  }));
  return workspace;
}

describe('in the extension host', { timeout: 300_000 }, () => {
  it('starts, registers and validates', async () => {
    const { code, report, errors } = await runInExtensionHost({ vsix, browserPath, suite: 'plain', workspace: path.join(folder, 'plain'), settings: mine(), trusted: true });
    console.log(report.notes.join('\n'));
    expect(report.failed).toEqual([]);
    expect(report.passed.length).toBeGreaterThan(4);
    expect(code).toBe(0);
    expect(errors).toEqual([]);
    expect(coolify.requests).toEqual([]);
  });

  it('uses nothing of a folder that is not trusted', async () => {
    const { code, report, errors } = await runInExtensionHost({ vsix, browserPath, suite: 'hostile', workspace: hostileFolder(), settings: mine(), trusted: false });
    expect(report.failed).toEqual([]);
    expect(code).toBe(0);
    expect(errors).toEqual([]);
    expect(theirs.coolify.requests).toEqual([]);
    expect(theirs.visitors).toBe(0);
  });
});

it('shows a person in a hostile folder their own instances and destinations only', { timeout: 300_000 }, async () => {
  const vscode = await startVsCode({ vsix, workspace: hostileFolder(), settings: { ...mine(), 'security.workspace.trust.startupPrompt': 'never' } });
  // Where no page can be opened, the server must end all the same.
  const session = await openPage(browserPath, vscode.url).catch(async (error: unknown) => { await vscode.stop(); throw error; });
  const { editor, page } = session;
  try {
    await editor.openView('Coolify');
    await editor.runCommand('Coolify: Sign In…');
    const token = editor.input(/API token/);
    await token.fill(tokens.sensitive);
    await token.press('Enter');
    await editor.row(/^mine, Coolify instance/).first().waitFor();
    await editor.expand(/^mine, Coolify instance/);
    await editor.expand(/^prod-1, server/);
    await editor.row(/^mine, Kubernetes/i).first().waitFor();
    expect(await page.getByRole('treeitem', { name: /theirs/ }).count()).toBe(0);
    expect(theirs.coolify.requests).toEqual([]);
    expect(theirs.visitors).toBe(0);
    expect(hostErrors(vscode.dataDir)).toEqual([]);
    expect(readFileSync(path.join(vscode.dataDir, 'data/User/settings.json'), 'utf8')).not.toContain('theirs');
  } finally {
    await editor.screenshot('hostile-folder');
    await session.browser.close();
    await vscode.stop();
  }
  expect(theirs.coolify.requests).toEqual([]);
});
