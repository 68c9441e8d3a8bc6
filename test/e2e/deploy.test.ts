import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage, requireBrowser, type Session } from '../harness/browser';
import { defaultFolder, startCoolify, tokens, type StandIn } from '../harness/coolify';
import { missingForPrograms, pushProgramImages } from '../harness/images-programs.ts';
import { missingForServer, startServer, type TestServer } from '../harness/server.ts';
import { installVsCode, packExtension, startVsCode, type VsCode } from '../harness/vscode';
import { Hands } from './hands';

const images = ['rabbitmq:3-management', 'nginx:1.27-alpine', 'postgres:16-alpine'];
const application = '85viaiw3m7q26jn7u6h95ibh';

async function obstacle(): Promise<string | undefined> {
  const browser = requireBrowser();
  if ('missing' in browser) return browser.missing;
  const missing = missingForServer() ?? missingForPrograms(images);
  if (missing !== undefined) return missing;
  return installVsCode().then(() => undefined, (error: unknown) => `VS Code could not be installed: ${error instanceof Error ? error.message : String(error)}`);
}

const missing = await obstacle();
if (missing !== undefined) {
  if (process.env.REQUIRE === 'full') throw new Error(missing);
  console.log(`skipped, because ${missing}`);
}

/** Recordings of a Coolify that a test may change while it runs, as a person would in the dashboard. */
class Recordings {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-recordings-'));
  constructor() { cpSync(defaultFolder(), this.folder, { recursive: true }); }
  /** In the answers to every token: some were recorded with more than one. */
  change(name: string, members: Record<string, string>): void {
    for (const role of ['root', 'sensitive', 'read']) {
      const file = path.join(this.folder, role, `${name}.json`);
      if (!existsSync(file)) continue;
      const recording = JSON.parse(readFileSync(file, 'utf8')) as { body: object };
      writeFileSync(file, JSON.stringify({ ...recording, body: { ...recording.body, ...members } }));
    }
  }
}

describe.skipIf(missing !== undefined)('a person deploys from VS Code', { timeout: 300_000 }, () => {
  const home = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-home-'));
  const recordings = new Recordings();
  let server: TestServer;
  let coolify: StandIn;
  let vscode: VsCode;
  let session: Session;
  let hands: Hands;

  beforeAll(async () => {
    const browser = requireBrowser();
    if ('missing' in browser) throw new Error(browser.missing);
    // No key or agent of whoever runs the test: the account starts with nothing.
    process.env.XDG_CACHE_HOME ??= path.join(homedir(), '.cache');
    process.env.HOME = home;
    delete process.env.SSH_AUTH_SOCK;
    server = await startServer({ dir: mkdtempSync(path.join(tmpdir(), 'e2e-')) });
    pushProgramImages((argv) => {
      const { code, stdout, stderr } = server.exec(argv);
      if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
      return stdout;
    }, images);
    coolify = await startCoolify({ folder: recordings.folder });
    vscode = await startVsCode({ vsix: await packExtension(), settings: { 'security.workspace.trust.enabled': false } });
    session = await openPage(browser.path, vscode.url);
    hands = new Hands(session.page);
  });
  afterAll(async () => {
    await session?.editor.screenshot('deploy-last').catch(() => undefined);
    await session?.browser.close();
    await vscode?.stop();
    await coolify?.stop();
    await server?.stop();
    for (const folder of [recordings.folder, home, server?.dir]) if (folder !== undefined && existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  });

  const settings = (): string => readFileSync(path.join(vscode.dataDir, 'data/User/settings.json'), 'utf8');

  it('connects', async () => {
    const { editor } = session;
    await editor.openView('Coolify');
    await editor.runCommand('Coolify: Connect to Instance…');
    await editor.input(/coolify\.example\.com/).fill(coolify.url);
    await editor.input(/coolify\.example\.com/).press('Enter');
    await editor.input(/API token/).fill(tokens.sensitive);
    await editor.input(/API token/).press('Enter');
    await hands.unfold(/, Coolify instance$/);
    await hands.reach('localhost, server, reachable');
  });

  it('adds a destination; bad answers are told, and nothing is half-saved', async () => {
    await hands.press('localhost, server, reachable', 'Add Kubernetes Destination');
    const address = await hands.prompt(/means nothing on this machine/);
    expect(await address.inputValue()).toBe('root@127.0.0.1');
    await address.fill('not an address');
    await expect.poll(() => hands.message()).toContain('should look like root@203.0.113.7:22');
    // Nothing listens there: told, and corrected on the spot.
    await address.fill('root@127.0.0.1:1');
    await address.press('Enter');
    await hands.choose(/Change the address/);
    await hands.answer('Address of the server from this machine', `root@127.0.0.1:${String(server.sshPort)}`);
    // The host key is judged before any key of the person is offered.
    expect(await hands.confirm('Is this the host key of', 'Trust This Key')).toContain(server.hostKeyFingerprint);
    await hands.choose(/Use a key file/);
    await hands.answer('Path of the private key file', '/no/such/key');
    await hands.toast('cannot be read; nothing was changed').waitFor();
    await hands.choose(/Use a key file/);
    await hands.answer('Path of the private key file', server.privateKeyPath);
    // Given up at the first question about the cluster: nothing of it stays.
    await session.page.getByRole('option', { name: /One namespace for each resource/ }).waitFor({ timeout: 60_000 });
    await session.editor.screenshot('destination-namespace');
    await session.page.keyboard.press('Escape');
    expect(settings()).not.toContain('destinations');
    await hands.press('localhost, server, reachable', 'Add Kubernetes Destination');
    await hands.answer(/means nothing on this machine/, `root@127.0.0.1:${String(server.sshPort)}`);
    await hands.choose(/Use a key file/);
    await hands.answer('Path of the private key file', server.privateKeyPath);
    await hands.choose(/One namespace for each resource/);
    await hands.choose(/Ingress of the default class/);
    await hands.choose(/No TLS/);
    await session.editor.screenshot('destination-storage');
    await hands.choose(/local-path|standard|default storage class/);
    const size = await hands.prompt('Size of a volume');
    await size.fill('much');
    await expect.poll(() => hands.message()).toContain('A whole number of GiB');
    await size.fill('1');
    await size.press('Enter');
    await hands.choose(/No registry of your own/);
    expect(settings()).not.toContain('destinations');
    const name = await hands.prompt('Name of the destination');
    expect(await name.inputValue()).toBe('localhost Kubernetes');
    await name.press('Enter');
    await expect.poll(settings).toContain('"localhost Kubernetes"');
    expect(settings()).not.toContain('PRIVATE KEY');
    await hands.unfold('localhost, server, reachable');
    await hands.reach('localhost Kubernetes, Kubernetes');
  });

  it('previews, and sees that nothing of it is in the cluster yet', async () => {
    await showResource('image-basic, application, running, healthy');
    await hands.press('image-basic, application, running, healthy', 'Preview Manifests');
    await session.page.locator('.multiDiffEntry').first().waitFor();
    await session.editor.screenshot('deploy-preview');
    await (await hands.reach('image-basic, application, running, healthy')).click({ button: 'right' });
    await session.page.getByRole('menuitem', { name: 'Diff with Cluster' }).click({ delay: 150 });
    await expect.poll(() => session.page.locator('.multiDiffEntry').allInnerTexts().then((all) => all.join('\n').replaceAll('\u00a0', ' ')), { timeout: 60_000 }).toContain('not yet validated by the server');
    await session.editor.screenshot('deploy-diff');
  });

  it('deploys the application, sees its pod, opens it and reads its log', async () => {
    await deploy('image-basic, application, running, healthy', 'Trial Run, Jobs Suspended');
    await hands.toast('image-basic is deployed to localhost Kubernetes').waitFor({ timeout: 180_000 });
    await session.editor.screenshot('deploy-done');
    await hands.dismissToasts();
    await hands.unfold('localhost Kubernetes, Kubernetes');
    await hands.unfold('image-basic, on Kubernetes, 1/1 ready');
    await hands.reach(/^s-85viaiw3m7q26jn7u6h95ibh-.*, pod, Ready$/);
    await session.editor.screenshot('deploy-tree');
    const popup = session.page.context().waitForEvent('page', { timeout: 30_000 }).catch(() => undefined);
    await hands.press('image-basic, on Kubernetes, 1/1 ready', 'Open');
    const told = await hands.toast(/leads to port 80/).innerText();
    // The address is the one of code-server's front, which forwards /proxy/PORT; VS Code's server alone runs here, so the port itself is asked.
    const port = /\/proxy\/(\d+)\//.exec(told)?.[1] ?? told;
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('nginx');
    await (await popup)?.close();
    await hands.press('image-basic, on Kubernetes, 1/1 ready', 'View Logs');
    await expect.poll(() => session.page.locator('.part.panel .view-lines').innerText(), { timeout: 30_000 }).toMatch(/GET\s\/\sHTTP/);
    await session.editor.screenshot('deploy-log');
    await hands.dismissToasts();
  });

  it('deploys a service with a real RabbitMQ in it', async () => {
    await deploy(/^rabbitmq-lxfqj3enhnrybtrsndoijzpc, /, /^(Deploy|Trial Run, Jobs Suspended)$/, ['Lab', 'templates']);
    await hands.toast(/rabbitmq-\S+ is deployed to localhost Kubernetes/).waitFor({ timeout: 240_000 });
    await hands.reach(/^rabbitmq-\S+, on Kubernetes, 1\/1 ready$/);
    await hands.dismissToasts();
  });

  it('is told why a broken image cannot run, mends it, and deploys again', async () => {
    recordings.change(`applications__${application}`, { docker_registry_image_tag: '0.0-nonesuch' });
    await deploy('image-basic, application, running, healthy', 'Trial Run, Jobs Suspended');
    const failure = hands.toast('image-basic could not be deployed');
    await failure.waitFor({ timeout: 200_000 });
    expect(await failure.innerText()).toMatch(/nginx:0\.0-nonesuch.*(does not exist|cannot be pulled)/s);
    await session.editor.screenshot('deploy-failed');
    await hands.dismissToasts();
    recordings.change(`applications__${application}`, { docker_registry_image_tag: '1.27-alpine' });
    await deploy('image-basic, application, running, healthy', 'Trial Run, Jobs Suspended');
    await hands.toast('image-basic is deployed to localhost Kubernetes').waitFor({ timeout: 180_000 });
    await hands.dismissToasts();
  });

  it('follows a deployment of PostgreSQL to its end, though the page was closed half way', async () => {
    await deploy(/^postgresql-database-slpsrvzxg8zxfnkuvjzd1aqm, /, 'Trial Run, Jobs Suspended');
    await hands.toast(/Deploying postgresql-database/).waitFor({ timeout: 30_000 });
    const { page } = session;
    const reopened = await page.context().newPage();
    await page.close();
    await reopened.goto(vscode.url);
    await reopened.locator('.monaco-workbench').waitFor();
    hands = new Hands(reopened);
    session = { ...session, page: reopened, editor: new (session.editor.constructor as new (page: typeof reopened) => Session['editor'])(reopened) };
    // A closed view asks nothing of anybody; seen again, it takes up what was going on.
    await session.editor.openView('Coolify');
    await hands.toast(/postgresql-database-\S+ is deployed to localhost Kubernetes/).waitFor({ timeout: 200_000 });
    await session.editor.screenshot('deploy-resumed');
    const ready = server.kubectl(['get', 'pods', '-A', '-l', 'coolify-kubernetes/resource=slpsrvzxg8zxfnkuvjzd1aqm', '-o', 'jsonpath={.items[*].status.containerStatuses[*].ready}']);
    expect(ready.stdout).toBe('true');
  });

  /** Opens the rows above a resource of the tree. */
  async function showResource(name: string | RegExp, place: readonly string[] = ['Shop', 'production']): Promise<void> {
    for (const row of ['Projects', ...place]) await hands.unfold(row);
    await hands.reach(name);
  }

  async function deploy(name: string | RegExp, mode: string | RegExp, place?: readonly string[]): Promise<void> {
    await showResource(name, place);
    await hands.press(name, 'Deploy to Kubernetes');
    const dialog = session.page.locator('.monaco-dialog-box').filter({ hasText: /^Deploy |Deploy .* to localhost Kubernetes/ });
    await dialog.waitFor({ timeout: 60_000 });
    await session.editor.screenshot('deploy-question');
    expect(await dialog.innerText()).toMatch(/objects in the namespace/);
    await dialog.getByRole('button', { name: mode }).first().click();
  }
});
