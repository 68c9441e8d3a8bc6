// `npm run bench`: how fast the translator is beside the peers that can be had, and the way of a log, all in one run on one machine. Prints ratios and
// fails on none of them: times are the machine's, ratios are for people to judge.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const cli = path.join(root, 'dist/cli.js');
const scratch = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-bench-'));
const corpus = path.resolve(root, '../shared/corpus/coolify-templates');
const fixtures = path.join(root, 'test/fixtures/compose');
const folder = existsSync(corpus) ? corpus : fixtures;

function run(command, args, options = {}) {
  const start = process.hrtime.bigint();
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 29, ...options });
  return { ...result, ms: Number(process.hrtime.bigint() - start) / 1e6 };
}

/** The best of several: what the machine does when nothing else disturbs it. */
function best(times, work) {
  return Math.min(...Array.from({ length: times }, work));
}

const line = (what, value, beside = '') => { console.log(`${what.padEnd(58)} ${value.padStart(14)}  ${beside}`); };
const ms = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
const times = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ×`;

/** Milliseconds of the processor for one call, of several: what other programs do at the same time does not count. */
function processor(args, repeat = 9) {
  const { stdout } = run('/bin/sh', ['-c', 'n=$1; shift; while [ "$n" -gt 0 ]; do "$@" >/dev/null; n=$((n - 1)); done; times', 'sh', String(repeat), process.execPath, ...args]);
  const spent = [...(stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
  return spent * 1000 / repeat;
}

/** Takes turns, so that a busy moment of the machine meets both. */
function coldStart() {
  const file = path.join(fixtures, readdirSync(fixtures).find((name) => name.endsWith('.yaml')) ?? '');
  let [node, one] = [Infinity, Infinity];
  for (let i = 0; i < 7; i++) {
    node = Math.min(node, run(process.execPath, ['-e', '0']).ms);
    one = Math.min(one, run(process.execPath, [cli, 'translate', file, '--seed', '1']).ms);
  }
  const [nodeTime, oneTime] = [processor(['-e', '0']), processor([cli, 'translate', file, '--seed', '1'])];
  console.log('\nA process for one file (goal: at most twice `node -e 0`)');
  line('node -e 0', ms(node), `${ms(nodeTime)} of the processor`);
  line('cli.js translate FILE', ms(one), `${ms(oneTime)} of the processor`);
  line('ratio', times(one / node), `${times(oneTime / nodeTime)} by the processor's time`);
  return one;
}

function batch() {
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  const all = best(3, () => run(process.execPath, [cli, 'translate', folder, '--seed', '1', '--out', path.join(scratch, 'out')]).ms);
  const memory = run('/usr/bin/env', ['time', '-f', '%M', process.execPath, cli, 'translate', folder, '--seed', '1', '--out', path.join(scratch, 'out')]);
  const kilobytes = Number(/(\d+)\s*$/.exec(memory.stderr ?? '')?.[1]);
  console.log(`\nA batch of ${String(files.length)} files (${path.basename(folder)}), start and writing included`);
  line('cli.js translate FOLDER', `${ms(all / files.length)}/file`, `${ms(all)} in all`);
  if (kilobytes > 0) line('most memory held', `${(kilobytes / 1024).toFixed(0)} MiB`);
  return { files, perFile: all / files.length };
}

/** Peers only read the file, they make no manifests; a Go program needs a process for each. */
async function peers(one, { files, perFile }) {
  console.log('\nPeers, reading the same files');
  const { composeModelProgram, composeModels } = await import('../harness/composeModel.ts');
  const program = composeModelProgram();
  if (program === undefined) console.log('compose-go: skipped, because there is no Go to build it with');
  else {
    const requests = files.map((name) => ({ name: 'bench', folder: scratch, environment: {}, lenient: true, text: readFileSync(path.join(folder, name), 'utf8') }));
    const process1 = best(5, () => run(program, [], { input: `${JSON.stringify(requests[0])}\n` }).ms);
    const whole = best(3, () => { const start = performance.now(); composeModels(program, requests); return performance.now() - start; });
    line('compose-go, a process for one file', ms(process1), `cli.js: ${times(one / process1)}`);
    line('compose-go, one process for all', `${ms(whole / files.length)}/file`, `cli.js: ${times(perFile / (whole / files.length))}, with manifests written`);
  }
  const docker = run('docker', ['compose', 'version']);
  if (docker.status !== 0) console.log('docker compose config: skipped, because there is no docker compose here');
  else {
    const sample = files.slice(0, 5).map((name) => path.join(folder, name));
    const each = best(2, () => sample.reduce((sum, file) => sum + run('docker', ['compose', '-f', file, 'config', '-q'], { env: { ...process.env, COMPOSE_PROJECT_NAME: 'bench' } }).ms, 0) / sample.length);
    line('docker compose config, a process for each file', `${ms(each)}/file`, `cli.js in a batch: ${times(perFile / each)}`);
  }
  for (const name of ['kompose']) if (run(name, ['version']).status !== 0) console.log(`${name}: skipped, because it is not installed`);
}

/** In a process of its own, since memory is measured, and the sources are TypeScript. */
function runner() {
  const { stdout, stderr, status } = run(process.execPath, ['--experimental-transform-types', '--no-warnings', '--expose-gc', '--import', path.join(root, 'test/acceptance/resolve.mjs'), path.join(import.meta.dirname, 'runner.ts')]);
  process.stdout.write(stdout);
  if (status !== 0) console.log(`the runner: ended with ${String(status)}: ${stderr.trim().split('\n').at(-1)}`);
}

/** Milliseconds that the processor needs to load a bundle in a fresh Node, with a stand-in for `vscode`; loading, not activating, is measured. */
function loadTime(file) {
  const { stdout, stderr, status } = run(process.execPath, [path.join(root, 'test/vscode/load-entry.mjs'), file]);
  if (status !== 0) throw new Error(`${file} cannot be loaded: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout).ms;
}

function loading() {
  console.log('\nLoading a bundle in a fresh Node');
  for (const name of ['extension', 'core', 'ssh', 'cluster']) {
    const file = path.join(root, 'dist', `${name}.js`);
    const size = statSync(file).size;
    line(`${name}.js`, ms(best(5, () => loadTime(file))), `${(size / 1024).toFixed(0)} KiB${name === 'extension' ? ` of at most 150 KiB; activation needs this one only` : ', at first use'}`);
  }
}

if (run(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);
try {
  console.log(`Node ${process.version}, the best of several runs; the machine's load changes times, much less the ratios.`);
  const one = coldStart();
  await peers(one, batch());
  runner();
  loading();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
