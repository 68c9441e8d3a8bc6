import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage, requireBrowser, type Session } from '../harness/browser';
import { startCoolify, tokens, type StandIn } from '../harness/coolify';
import { missingForPrograms, pushProgramImages } from '../harness/images-programs.ts';
import { missingForServer, startServer, type TestServer } from '../harness/server.ts';
import { installVsCode, packExtension, startVsCode, type VsCode } from '../harness/vscode';
import { Hands } from './hands';
import { Recordings } from './recordings';

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
    vscode = await startVsCode({ vsix: await packExtension(home), settings: { 'security.workspace.trust.enabled': false } });
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

  it('is told what is wrong with each answer about a destination, and nothing is half-saved', async () => {
    await hands.press('localhost, server, reachable', 'Add Kubernetes Destination');
    const address = await hands.prompt(/means nothing on this machine/);
    expect(await address.inputValue()).toBe('root@127.0.0.1');
    // Nothing listens there: told, and corrected on the spot.
    await hands.answerAfter(/means nothing on this machine/, { 'not an address': 'should look like root@203.0.113.7:22', '': 'should look like', 'root@h:99999': 'should look like' }, 'root@127.0.0.1:1');
    await hands.choose(/Change the address/);
    await hands.answerAfter('Address of the server from this machine', { 'root@': 'should look like' }, `root@127.0.0.1:${String(server.sshPort)}`);
    // The host key is judged before any key of the person is offered.
    expect(await hands.confirm('Is this the host key of', 'Trust This Key')).toContain(server.hostKeyFingerprint);
    await hands.choose(/Use a key file/);
    await hands.answerAfter('Path of the private key file', { '': 'A path is needed' }, '/no/such/key');
    await hands.toast('cannot be read; nothing was changed').waitFor();
    await hands.choose(/Use a key file/);
    const locked = path.join(home, 'locked');
    copyFileSync(server.privateKeyPath, locked);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', locked]);
    await hands.answer('Path of the private key file', locked);
    await hands.answer('Kept in memory until the editor closes', 'wrong');
    await hands.answer('That passphrase does not open the key', 'open sesame');
    await session.page.getByRole('option', { name: /One namespace for each resource/ }).waitFor({ timeout: 60_000 });
    await session.editor.screenshot('destination-namespace');
    await hands.choose(/One namespace for all/);
    await hands.answerAfter('Namespace', { 'My Team': 'Lower-case letters', '': 'Lower-case letters' }, 'team');
    await hands.choose(/Ingress of the default class/);
    await hands.choose(/A cert-manager ClusterIssuer…/);
    await hands.answerAfter('Name of the ClusterIssuer', { 'Let’s Encrypt': 'Lower-case letters', '': 'Lower-case letters' }, 'letsencrypt');
    await hands.choose(/local-path|standard|default storage class/);
    await hands.answerAfter('Size of a volume', { much: 'A whole number of GiB', '0': 'A whole number of GiB', '1.5': 'A whole number of GiB' }, '1');
    await hands.choose(/A registry for built and private images/);
    await hands.answerAfter('Host and path of the registry', { 'https://registry.example.com': 'Host, port and path only', '': 'Host, port and path only' }, 'registry.example.com/team');
    await hands.answerAfter('Name of the pull Secret', { 'Pull Secret': 'Lower-case letters' }, '');
    await hands.answer('User name at registry.example.com/team', '');
    // Given up at the very last question: nothing of it stays.
    await hands.answerAfter('Name of the destination', { '': 'A name is needed' });
    expect(settings()).not.toContain('destinations');
  });

  it('is told what is wrong with a kubeconfig, and nothing of it is saved', async () => {
    const file = path.join(home, 'kubeconfig');
    const canary = path.join(home, 'ran');
    await session.editor.runCommand('Coolify: Add Kubernetes Destination…');
    await hands.choose(/Use a kubeconfig…/);
    const told = async (typed: string, text: RegExp): Promise<void> => {
      await hands.answerAfter('Path of the kubeconfig', { '': 'A path is needed' }, typed);
      await hands.toast(text).waitFor();
      await hands.prompt('Path of the kubeconfig');
      expect(await (await hands.prompt('Path of the kubeconfig')).inputValue()).toBe(typed);
    };
    await told('/no/such/kubeconfig', /\/no\/such\/kubeconfig cannot be read\. Nothing was saved/);
    writeFileSync(file, 'hello');
    await told(file, /names no clusters.*Nothing was saved/s);
    const kubeconfig = (user: object): string => JSON.stringify({ 'current-context': 'k', contexts: [{ name: 'k', context: { cluster: 'k', user: 'k' } }], clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:1' } }], users: [{ name: 'k', user }] });
    writeFileSync(file, kubeconfig({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args: ['-c', `touch ${canary}`] } }));
    await told(file, /by running \/bin\/sh, and programs that a kubeconfig names are never run.*Nothing was saved/s);
    expect(existsSync(canary)).toBe(false);
    writeFileSync(file, kubeconfig({ token: 'abc' }));
    await told(file, /127\.0\.0\.1:1.*Nothing was saved/s);
    await session.page.keyboard.press('Escape');
    await hands.dismissToasts();
    expect(settings()).not.toContain('destinations');
  });

  it('adds a destination', async () => {
    await hands.press('localhost, server, reachable', 'Add Kubernetes Destination');
    await hands.answer(/means nothing on this machine/, `root@127.0.0.1:${String(server.sshPort)}`);
    await hands.choose(/Use a key file/);
    await hands.answer('Path of the private key file', server.privateKeyPath);
    await hands.choose(/One namespace for each resource/);
    await hands.choose(/Ingress of the default class/);
    await hands.choose(/No TLS/);
    await session.editor.screenshot('destination-storage');
    await hands.choose(/local-path|standard|default storage class/);
    await hands.answer('Size of a volume', '1');
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

  it('duplicates, edits, tests and removes a destination', async () => {
    await hands.menu('localhost Kubernetes, Kubernetes', 'Duplicate Destination');
    await hands.reach('localhost Kubernetes-2, Kubernetes');
    await hands.menu('localhost Kubernetes-2, Kubernetes', 'Edit Destination…');
    const before = settings();
    await hands.answer('Address of the server from this machine', `root@127.0.0.1:${String(server.sshPort)}`);
    await hands.choose(/One namespace for all/);
    await hands.answer('Namespace', 'team');
    await hands.choose(/Ingress of the default class/);
    await hands.choose(/A TLS Secret that exists/);
    await hands.answerAfter('Name of the Secret', { '-': 'Lower-case letters' }, 'wildcard');
    await hands.choose(/local-path|standard|default storage class/);
    await hands.answer('Size of a volume', '2');
    await hands.choose(/No registry of your own/);
    await hands.answerAfter('Name of the destination', { 'localhost Kubernetes': 'Another destination has this name' }, undefined);
    expect(settings()).toBe(before);
    await hands.press('localhost Kubernetes-2, Kubernetes', 'Test Destination');
    await session.page.locator('.editor-instance').filter({ hasText: /Test of/ }).or(session.page.getByRole('tab', { name: /Test of localhost Kubernetes-2/ })).first().waitFor({ timeout: 60_000 });
    await session.editor.screenshot('destination-test');
    await hands.menu('localhost Kubernetes-2, Kubernetes', 'Remove Destination…');
    expect(await hands.confirm('Remove localhost Kubernetes-2?', 'Remove')).toContain('What runs in the cluster stays as it is');
    await expect.poll(settings).not.toContain('localhost Kubernetes-2');
  });

  it('previews, and sees that nothing of it is in the cluster yet', async () => {
    await showResource('image-basic, application, running, healthy');
    await hands.press('image-basic, application, running, healthy', 'Preview Manifests');
    await session.page.locator('.multiDiffEntry').first().waitFor();
    await session.editor.screenshot('deploy-preview');
    await hands.menu('image-basic, application, running, healthy', 'Diff with Cluster');
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
    // What the new pod said while it started stands in the run's log, of which all is kept in a file.
    const logs = path.join(vscode.dataDir, 'data/User/globalStorage/coolify-kubernetes.coolify-kubernetes/logs');
    const log = readdirSync(logs).filter((file) => file.startsWith('lxfqj3enhnrybtrsndoijzpc')).map((file) => readFileSync(path.join(logs, file), 'utf8')).join('');
    expect(log).toMatch(/── roll out ──.* │ .*rabbit/is);
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

  it('stops, starts, restarts and rolls back what is deployed', async () => {
    recordings.change(`applications__${application}`, { docker_registry_image_tag: '1.28-alpine' });
    await hands.press(/^image-basic, on Kubernetes/, 'Changes Since Last Run');
    await session.page.getByRole('tab', { name: /last deployment to localhost Kubernetes ↔ now/ }).waitFor({ timeout: 60_000 });
    await expect.poll(() => session.page.locator('.multiDiffEntry').allInnerTexts().then((all) => all.join('\n')), { timeout: 30_000 }).toContain('1.28-alpine');
    recordings.change(`applications__${application}`, { docker_registry_image_tag: '1.27-alpine' });
    await session.editor.screenshot('deploy-changes');
    const deployed = /^image-basic, on Kubernetes/;
    await hands.menu(deployed, 'Stop…');
    expect(await hands.confirm('Stop image-basic on localhost Kubernetes?', 'Stop')).toContain('Volumes and routes stay');
    await hands.reach(/^image-basic, on Kubernetes, scaled to 0/);
    await session.editor.screenshot('deploy-stopped');
    await hands.menu(deployed, 'Start…');
    await hands.confirm('Start image-basic on localhost Kubernetes?', 'Start');
    await hands.reach('image-basic, on Kubernetes, 1/1 ready');
    const uid = (): string => server.kubectl(['get', 'pods', '-A', '-l', `coolify-kubernetes/resource=${application}`, '-o', 'jsonpath={.items[*].metadata.uid}']).stdout;
    const first = uid();
    await hands.menu(deployed, 'Restart');
    await hands.confirm('Restart image-basic on localhost Kubernetes?', 'Restart');
    await hands.toast(/image-basic was restarted/).waitFor({ timeout: 120_000 });
    await expect.poll(uid, { timeout: 60_000 }).not.toBe(first);
    await hands.menu(deployed, 'Rollback to…');
    await hands.choose(/nginx:1\.27-alpine/);
    await session.page.locator('.monaco-dialog-box').filter({ hasText: 'Roll image-basic back' }).waitFor({ timeout: 30_000 });
    await session.editor.screenshot('deploy-rollback');
    await hands.confirm('Roll image-basic back', 'Roll Back');
    await hands.toast(/image-basic was rolled back/).waitFor({ timeout: 120_000 });
    await hands.dismissToasts();
  });

  it('builds an application on its server, pushes the image to a registry, and runs it', async () => {
    await hands.menu('localhost Kubernetes, Kubernetes', 'Edit Destination…');
    await hands.answer('Address of the server from this machine', `root@127.0.0.1:${String(server.sshPort)}`);
    await hands.choose(/One namespace for each resource/);
    await hands.choose(/Ingress of the default class/);
    await hands.choose(/No TLS/);
    await hands.choose(/local-path|standard|default storage class/);
    await hands.answer('Size of a volume', '1');
    await hands.choose(/A registry for built and private images/);
    await hands.answer('Host and path of the registry', '127.0.0.1:5000/apps');
    await hands.answer('Name of the pull Secret', '');
    await hands.answer('User name at 127.0.0.1:5000/apps', '');
    await hands.answer('Name of the destination', 'localhost Kubernetes');
    await expect.poll(settings).toContain('127.0.0.1:5000/apps');
    recordings.change(`applications__${application}`, { build_pack: 'dockerfile', docker_registry_image_name: null, docker_registry_image_tag: null, dockerfile: 'FROM nginx:1.27-alpine\nRUN echo built here >/built\n' });
    await deploy('image-basic, application, running, healthy', 'Trial Run, Jobs Suspended');
    await hands.toast('image-basic is deployed to localhost Kubernetes').waitFor({ timeout: 180_000 });
    await session.editor.screenshot('deploy-built');
    await hands.dismissToasts();
    const pod = server.kubectl(['get', 'pods', '-A', '-l', `coolify-kubernetes/resource=${application}`, '-o', 'jsonpath={.items[0].metadata.namespace} {.items[0].metadata.name} {.items[0].spec.containers[0].image}']).stdout.split(' ');
    expect(pod[2]).toMatch(/^127\.0\.0\.1:5000\/apps\/85viaiw3m7q26jn7u6h95ibh:inline-[0-9a-f]{8}$/);
    expect(server.kubectl(['-n', pod[0] ?? '', 'exec', pod[1] ?? '', '--', 'cat', '/built']).stdout).toBe('built here\n');
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
