/**
 * The demo: a Coolify stand-in, a server with Docker and Kubernetes, and VS Code in the browser with the packaged extension.
 * `npm start -- [--yes] [--check]`: `--yes` agrees to installing missing Debian packages; `--check` connects in a browser, stops, and exits 0.
 */
import { cpSync, existsSync } from 'node:fs';
import path from 'node:path';
import { check } from '../demo/check.ts';
import { startDemo, type Demo } from '../demo/parts.ts';
import { makeRunFolder, sweep, type RunFolder } from '../demo/runFolder.ts';
import { artefacts, requireBrowser } from './browser.ts';
import { printedProgress } from './progress.ts';

const unknown = process.argv.slice(2).filter((argument) => argument !== '--yes' && argument !== '--check');
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(' ')}\nuse: npm start -- [--yes] [--check]`);
  process.exit(2);
}

await sweep();
const run = makeRunFolder();
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]] as const) process.on(signal, () => { stop(run, 128 + number); });
process.on('uncaughtException', (error) => { fail(error); });

try {
  const progress = printedProgress(process.stdout);
  const checking = process.argv.includes('--check');
  const demo = await startDemo(run, progress, checking);
  for (const line of demo.missing) progress.say(`  ! ${line}`);
  console.log(explanation(demo));
  if (checking) {
    const browser = requireBrowser();
    if ('missing' in browser) throw new Error(browser.missing);
    await progress.step('Connecting in a browser as a person would', (far) => check(demo, browser.path, far));
    stop(run, process.env.REQUIRE === 'full' && demo.missing.length > 0 ? 1 : 0);
  }
} catch (error) {
  fail(error);
}

function explanation({ url, coolify, token, server }: Demo): string {
  return `
Ready. Open VS Code in a browser:
    ${url}

1. Press F1, choose "Coolify: Connect to Instance…" and type
       address  ${coolify.url}
       token    ${token}
2. In the Coolify view open Projects, Shop, production; on image-basic choose "Preview Manifests".
${server === undefined ? '' : `3. On the row of the server choose "Add Kubernetes Destination…".
       prod-1     nothing has to be typed: Coolify's own key signs in
       localhost  address  root@127.0.0.1:${server.sshPort}
                  key file ${server.privateKeyPath}
       host key   ${server.hostKeyFingerprint}
4. Choose "Deploy to Kubernetes…" on image-basic, rabbitmq-…, postgresql-database-… or redis-database-…: their images are in the server's registry.
5. Look from the other side:
       ssh -i ${server.privateKeyPath} -p ${server.sshPort} root@127.0.0.1 kubectl get pods -A
`}
Ctrl-C stops everything and removes it.
`;
}

function fail(error: unknown): never {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  const logs = path.join(run.server, 'log');
  if (existsSync(logs)) {
    const kept = path.join(artefacts, 'demo-logs');
    cpSync(logs, kept, { recursive: true });
    console.error(`The server's logs are in ${kept}`);
  }
  stop(run, 1);
}

/** Blocks until nothing is left, so that no step goes on meanwhile. */
function stop(folder: RunFolder, status: number): never {
  console.log('Stopping…');
  try {
    folder.clean();
    console.log('Stopped; nothing is left running.');
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
  process.exit(status);
}
