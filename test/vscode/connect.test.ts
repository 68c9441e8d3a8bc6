import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage, requireBrowser, type Session } from '../harness/browser';
import { startCoolify, tokens, type StandIn } from '../harness/coolify';
import { installVsCode, packExtension, startVsCode, type VsCode } from '../harness/vscode';

/** Why this machine cannot run a VS Code, if it cannot. */
async function obstacle(): Promise<string | undefined> {
  const browser = requireBrowser();
  if ('missing' in browser) return browser.missing;
  return installVsCode().then(() => undefined, (error: unknown) => `VS Code could not be installed: ${error instanceof Error ? error.message : String(error)}`);
}

const missing = await obstacle();
if (missing !== undefined) {
  if (process.env.REQUIRE === 'full') throw new Error(missing);
  console.log(`skipped: ${missing}`);
}

describe.skipIf(missing !== undefined)('a person in VS Code', { timeout: 90_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-connect-'));
  let coolify: StandIn;
  let vscode: VsCode;
  let session: Session;

  const broken = { 'coolifyKubernetes.instances': [{ name: 'Typo', url: 'htp:/coolify' }], 'coolifyKubernetes.destinations': [{ id: 'lab', name: 'Lab', applyWith: 'server', ssh: { host: 'root@203.0.113.7' } }] };
  const settings = (): string => readFileSync(path.join(vscode.dataDir, 'data/User/settings.json'), 'utf8');

  beforeAll(async () => {
    const browser = requireBrowser();
    if ('missing' in browser) throw new Error(browser.missing);
    coolify = await startCoolify();
    vscode = await startVsCode({ vsix: await packExtension(folder), settings: { 'security.workspace.trust.enabled': false, ...broken } });
    session = await openPage(browser.path, vscode.url);
  });
  afterAll(async () => {
    await session?.editor.screenshot('connect-last');
    await session?.browser.close();
    await vscode?.stop();
    await coolify?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is welcomed, and nothing has been asked of anybody', async () => {
    await session.editor.openView('Coolify');
    await session.page.getByText('Connect to a Coolify instance to see its servers').waitFor();
    await session.page.locator('.welcome-view-content').getByRole('button', { name: 'Connect to Instance…' }).waitFor();
    await session.editor.screenshot('connect-welcome');
    expect(coolify.requests).toEqual([]);
  });

  it('is told of entries of the settings that cannot be used', async () => {
    const { editor, page } = session;
    const told = editor.notification('instances[0] "Typo"');
    await told.waitFor();
    expect(await told.innerText()).toMatch(/url is no address\. It is left out until it is mended\.\s.*destinations\[0\] "Lab": ssh\.host is "root@203\.0\.113\.7": a host alone/s);
    await editor.screenshot('settings-told');
    await told.getByRole('button', { name: 'Open Settings' }).click();
    await page.getByRole('tab', { name: /settings\.json/ }).waitFor();
  });

  it('is told what is wrong with an address and a token, and nothing is saved', async () => {
    const { editor, page } = session;
    await editor.runCommand('Coolify: Connect to Instance…');
    const address = editor.input(/coolify\.example\.com/);
    await address.fill('ftp://coolify');
    await expect.poll(() => editor.validation().innerText()).toContain('Only https:// and http://');
    await address.fill(coolify.url);
    await address.press('Enter');
    const token = editor.input(/API token/);
    await token.fill('7|not-the-token');
    expect(await token.getAttribute('type')).toBe('password');
    await token.press('Enter');
    const refusal = editor.notification('does not accept this token');
    await refusal.waitFor();
    expect(settings()).not.toContain(coolify.url);
    await refusal.getByRole('button', { name: 'Try Again' }).click();
    await token.fill(tokens.sensitive);
    await token.press('Enter');
    // The toast comes and goes by itself; the row in the tree stays.
    await editor.row(/, Coolify instance$/).first().waitFor();
    await page.keyboard.press('Escape');
  });

  it('sees the recorded resources below servers, destinations and projects', async () => {
    const { editor } = session;
    await editor.expand(/, Coolify instance$/);
    await editor.row('prod-1, server, reachable').waitFor();
    await editor.row('Projects').waitFor();
    await editor.expand('Projects');
    await editor.expand('Shop');
    await editor.expand('production');
    await editor.row('image-basic, application, running, healthy').first().waitFor();
    await editor.screenshot('connect-tree');
    expect(settings()).toContain(coolify.url);
    expect(settings()).not.toContain(tokens.sensitive);
  });

  it('previews a resource as a multi-file diff', async () => {
    const { editor, page } = session;
    await editor.press('image-basic, application, running, healthy', 'Preview Manifests');
    await page.locator('.multiDiffEntry').first().waitFor();
    await expect.poll(() => page.locator('.multiDiffEntry').allInnerTexts().then((all) => all.join('\n'))).toContain('kind:');
    await editor.screenshot('connect-preview');
  });

  it('is told of every resource whether it can run on Kubernetes, and why not', async () => {
    const { editor, page } = session;
    await editor.row('production').first().click();
    await editor.runCommand('Coolify: Can It Run on Kubernetes?');
    const report = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await report.getByRole('heading', { name: /^Can it run on Kubernetes\? / }).waitFor();
    await report.getByRole('cell', { name: 'image-basic' }).waitFor();
    expect(await report.getByRole('row').count()).toBeGreaterThan(1);
    expect(await report.locator('body').innerText()).toMatch(/\d+ resources?: (\d+ (impossible|complicated|possible|unknown)(, )?)+\./);
    await editor.screenshot('connect-assessment');
  });

  it('keeps what is written in the settings, also what cannot be used, when a command changes them', async () => {
    const { editor, page } = session;
    await editor.runCommand('Coolify: Remove Instance…');
    await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Remove' }).click();
    await expect.poll(settings).not.toContain(coolify.url);
    expect(settings()).toMatch(/htp:\/coolify.*root@203\.0\.113\.7/s);
  });
});
