/**
 * Gets what the tests need before they run, with progress: Debian packages, Kubernetes, VS Code. Its last line is the tier:
 * `full` (servers can be started), `given` (a cluster is named in KUBECONFIG_FOR_TESTS) or `none`. What is missing is a failure under REQUIRE=full.
 */
import { findBrowser } from './browser.ts';
import { missingForPrograms, programs } from './images-programs.ts';
import { helmBinary, kubeBinaries } from './kube.ts';
import { browserPackages, compilerPackages, installPackages, serverPackages } from './packages.ts';
import { printedProgress } from './progress.ts';
import { missingForServer } from './server.ts';
import { findTool } from './tools.ts';
import { installVsCode } from './vscode.ts';

const progress = printedProgress();
const root = process.platform === 'linux' && process.getuid?.() === 0;
const wanted = [...(root ? serverPackages : []), ...compilerPackages, ...(findBrowser() === undefined ? browserPackages : [])];
const missing: string[] = [];

async function attempt(part: string, action: () => Promise<unknown>): Promise<void> {
  try { await action(); } catch (error) { missing.push(`${part}: ${error instanceof Error ? error.message : String(error)}`); }
}

const lacking = process.platform === 'linux' ? await installPackages(wanted, progress) : undefined;
if (lacking !== undefined) missing.push(lacking);
const noServer = missingForServer();
if (noServer === undefined) {
  await attempt('Kubernetes', () => kubeBinaries(progress));
  const noImages = missingForPrograms(programs.flatMap((program) => program.images));
  if (noImages !== undefined) missing.push(noImages);
} else missing.push(noServer);
if (noServer === undefined && findTool('helm') === undefined) await attempt('Helm', () => helmBinary(progress));
await attempt('VS Code', () => installVsCode(progress));

for (const line of new Set(missing)) progress.say(`  ! ${line}`);
console.log(noServer === undefined ? 'full' : process.env.KUBECONFIG_FOR_TESTS === undefined ? 'none' : 'given');
if (process.env.REQUIRE === 'full' && missing.length > 0) process.exitCode = 1;
