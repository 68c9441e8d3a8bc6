import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findBrowser } from '../harness/browser.ts';
import { defaultFolder, fixtures, startCoolify, tokens, type StandIn } from '../harness/coolify.ts';
import { missingForPrograms, pushProgramImages } from '../harness/images-programs.ts';
import { kubeBinaries } from '../harness/kube.ts';
import { browserPackages, compilerPackages, installPackages, serverPackages } from '../harness/packages.ts';
import type { Progress } from '../harness/progress.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { installVsCode, packExtension, startVsCode, type VsCode } from '../harness/vscode.ts';
import { startFront } from './front.ts';
import type { RunFolder } from './runFolder.ts';

/** Of recorded resources: rabbitmq-…, image-basic, the PostgreSQL and Redis databases. */
const images = ['rabbitmq:3-management', 'nginx:1.27-alpine', 'postgres:16-alpine', 'redis:7.2'];

export interface Demo {
  coolify: StandIn;
  token: string;
  vscode: VsCode;
  /** Of VS Code, for a browser. */
  url: string;
  server?: TestServer;
  /** What this machine cannot hold, one line each. */
  missing: string[];
}

/** Starts every part that this machine can hold. */
export async function startDemo(run: RunFolder, progress: Progress, withBrowser: boolean): Promise<Demo> {
  const missing: string[] = [];
  const cannot = whyNoServer();
  const packages = [...(cannot === undefined ? serverPackages : []), ...compilerPackages, ...(withBrowser && findBrowser() === undefined ? browserPackages : [])];
  const lacking = await installPackages(packages, progress);
  const vsix = await progress.step('Building the extension and packing its .vsix', () => packExtension(run.path));
  await installVsCode(progress);
  const server = await startServerPart(run, progress, cannot ?? lacking, missing);
  const coolify = await startCoolify({ folder: defaultFolder(), ...(server && { ssh: {
    port: server.sshPort, user: 'root', privateKey: readFileSync(server.privateKeyPath, 'utf8'), publicKey: readFileSync(`${server.privateKeyPath}.pub`, 'utf8').trim(),
  } }) });
  progress.say(`  ✓ Coolify stand-in with ${coolify.options.folder === fixtures ? 'the fixtures of this repository' : 'recorded answers'}`);
  const vscode = await progress.step('Starting VS Code with the extension installed', () => startVsCode({
    vsix, dataDir: path.join(run.path, 'vscode'), workspace: path.join(run.path, 'workspace'), settings: { 'security.workspace.trust.enabled': false },
  }));
  run.own(vscode.pid);
  return { coolify, token: tokens.sensitive, vscode, url: await startFront(vscode.url), ...(server && { server }), missing };
}

async function startServerPart(run: RunFolder, progress: Progress, cannot: string | undefined, missing: string[]): Promise<TestServer | undefined> {
  if (cannot !== undefined) {
    missing.push(`No server to deploy to: ${cannot}. Connecting, the tree and the previews work without.`);
    return undefined;
  }
  await kubeBinaries(progress);
  const server = await progress.step('Starting a server with SSH, Docker, a registry and Kubernetes', () => startServer({ dir: run.server, progress }));
  const noImages = missingForPrograms(images);
  if (noImages === undefined) await pushImages(server, progress);
  else missing.push(`The server's registry has no images of the recorded resources: ${noImages}. Deploying them ends with a pull that fails.`);
  return server;
}

/** Real programs under their real names. The first time their root file systems are made, which takes minutes. */
async function pushImages(server: TestServer, progress: Progress): Promise<void> {
  const run = (argv: string[]): string => {
    const { code, stdout, stderr } = server.exec(argv);
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with status ${code}: ${stderr.trim()}`);
    return stdout;
  };
  for (const image of images) await progress.step(`Putting ${image} into the server's registry`, async (far) => { pushProgramImages(run, [image], far); return Promise.resolve(); });
}

/** Packages apart, which can be installed. */
function whyNoServer(): string | undefined {
  if (process.platform !== 'linux') return 'a server with Docker and Kubernetes needs Linux';
  if (process.getuid?.() !== 0) return 'a server with Docker and Kubernetes needs root, for network namespaces and containers';
  if (!existsSync('/usr/bin/dpkg-query')) return 'its programs are installed from Debian packages, and this is not a Debian system';
  return undefined;
}
