// Another user watches the words of all processes, /tmp and /dev/shm during a deployment with 20 secrets, a build and a login to a registry among it; afterwards no file of the run holds one.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { plan } from '../../src/engine/kubernetes/plan';
import { pause, verdict } from './check.ts';
import { isGood, withServer } from './cluster.ts';

interface Sighting { rounds: number; processes: number; seconds: number; longest: number; found: string[] }

/** The spy, with an account that owns nothing. */
function startSpy(folder: string, words: readonly string[]): Promise<{ end: () => Promise<Sighting> }> {
  copyFileSync(join(import.meta.dirname, 'spy.mjs'), join(folder, 'spy.mjs'));
  copyFileSync(process.execPath, join(folder, 'node'));
  for (const name of ['.', 'node', 'spy.mjs']) chmodSync(join(folder, name), 0o755);
  const child = spawn(join(folder, 'node'), ['spy.mjs'], { cwd: folder, uid: 65_534, gid: 65_534, env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  let last = '';
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    lines.on('line', (line) => {
      last = line;
      if (line === 'ready') resolve({ end: () => new Promise((done) => { child.once('close', () => { done(JSON.parse(last) as Sighting); }); child.stdin.end('end\n'); }) });
    });
    child.stdin.write(words.map((word) => `${word}\n`).join(''));
  });
}

await withServer('03', async ({ server, name, runs, dial, rendering, run }) => {
  const folder = mkdtempSync(join(tmpdir(), 'spy-'));
  try {
    const secrets = Array.from({ length: 20 }, () => `Sp${randomBytes(12).toString('hex')}`);
    const base64 = secrets.map((word) => Buffer.from(word).toString('base64').slice(0, 30));
    const control = `Control${randomBytes(8).toString('hex')}`;
    const spy = await startSpy(folder, [...secrets, ...base64, control]);
    // The spy can see: a word given as an argument, and one in a file of /tmp.
    const visible = join(tmpdir(), `visible-${control.slice(0, 12)}`);
    writeFileSync(visible, control, { mode: 0o644 });
    spawnSync('sh', ['-c', 'sleep 1; :', control]);
    const connection = await dial();
    const variables = secrets.slice(0, 5).map((value, index) => ({ name: `BUILD_${index}`, value, literal: true, multiline: false, secret: true }));
    const build = {
      pack: 'dockerfile' as const, source: { kind: 'inline' as const, dockerfile: `FROM 127.0.0.1:5000/test/base:1\n${variables.map((one) => `ARG ${one.name}\n`).join('')}RUN sleep 1\n` }, repository: 'built/app', named: false,
      baseDirectory: '/', variables, secrets: false, injectArguments: false, noCache: false, sourceCommit: false,
    };
    const environment = Object.fromEntries(secrets.slice(5).map((value, index) => [`SECRET_${index}`, value]));
    const stack = JSON.stringify({ services: { web: { image: 'busybox:1.35', command: ['sleep', '100000'], stop_grace_period: '0s', environment, labels: {} } } });
    const { state, id, lines } = await run(connection, plan(rendering(stack, name), { uuid: name, name }, {
      id: `${name}-1`, kubectl: ['kubectl'], rolloutSeconds: 120,
      builds: { requests: [{ build, image: '127.0.0.1:5000/built/app:1' }], push: { login: { host: '127.0.0.1:5000', username: 'user', password: secrets[0] ?? '' } } },
    }));
    await pause(500);
    rmSync(visible, { force: true });
    const { rounds, processes, seconds, longest, found } = await spy.end();
    const hits = found.filter((line) => !line.includes(control));
    const controls = new Set(found.filter((line) => line.includes(control)).map((line) => line.split(' ')[0]));
    // In Docker and in the cluster they have to be; on the way there they must not stay.
    const left = spawnSync('grep', ['-rlF', ...[...secrets, ...base64].flatMap((word) => ['-e', word]), runs, '/dev/shm', join(server.dir, 'log')], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout.trim();
    const inCluster = server.kubectl(['-n', name, 'get', 'secrets', '-o', 'json']).stdout;
    const arrived = secrets.slice(5).every((word) => inCluster.includes(Buffer.from(word).toString('base64')));
    const passed = isGood(state) && hits.length === 0 && left === '' && arrived && controls.has('cmdline') && controls.has('file') && processes > 50;
    verdict('03', passed, `${hits.length} sightings of 20 secrets and their base64 in ${rounds} looks at ${processes} new processes (${(rounds / seconds).toFixed(0)} a second, the longest gap ${longest.toFixed(0)} ms), 2 controls ${controls.size >= 2 ? 'seen' : 'NOT seen'}, ${left === '' ? 'no' : left.replaceAll('\n', ' ')} file left; run ${id} ${JSON.stringify(state)} ${isGood(state) ? '' : lines.slice(-3).join(' / ')} ${hits.slice(0, 3).join('; ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
