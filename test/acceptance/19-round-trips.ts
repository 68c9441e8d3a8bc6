// A deployment that changes nothing, through a proxy with 100 ms of round trip: the time it takes and the channels it opens, beside Coolify's way of sending commands.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as dial, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plan as dockerPlan } from '../../src/engine/docker/plan';
import { plan } from '../../src/engine/kubernetes/plan';
import { defaultDestination } from '../../src/model/destination';
import { followRun, startRun } from '../../src/run';
import { connect, memoryHostKeys } from '../../src/ssh';
import { translateCompose } from '../../src/translate';
import { missingForServer, startServer } from '../harness/server.ts';
import { full, verdict } from './check.ts';

const half = 50;

/**
 * Delivers every byte 50 ms later, in order. `turns` counts how often this side spoke after it had heard from the other: no more round trips than that
 * can have depended on each other. What it says at the end of a channel, which nobody waits for, is among them.
 */
function delayingProxy(port: number): Promise<{ port: number; turns: () => number; close: () => void }> {
  let [turns, heard] = [0, true];
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => {
        if (from === near && heard) { turns += 1; heard = false; }
        setTimeout(() => { if (to === near) heard = true; if (!to.destroyed) to.write(chunk); }, half);
      });
      from.on('close', () => { setTimeout(() => { to.destroy(); }, half); });
      from.on('error', () => undefined);
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address !== null ? address.port : 0, turns: () => turns, close: () => { server.close(); } });
    });
  });
}

/**
 * Coolify runs every command of a deployment as an `ssh` of its own over one multiplexed connection, after asking whether that lives (`ssh -O check`)
 * and with a command that proves it (`echo health_check_ok`); app/Helpers/SshMultiplexingHelper.php. Milliseconds for so many commands.
 */
async function coolifyPattern(port: number, key: string, folder: string, commands: number): Promise<number> {
  const options = ['-p', String(port), '-i', key, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-o', 'BatchMode=yes', '-o', `ControlPath=${join(folder, 'mux')}`];
  // Never spawnSync: the delaying proxy is in this process, and would stand still.
  const ssh = (...args: string[]): Promise<void> => new Promise((resolve, reject) => {
    const child = spawn('ssh', [...options, ...args], { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
    child.once('error', reject);
    child.once('exit', (status) => { if (status === 0) resolve(); else reject(new Error(`ssh ${args.join(' ')} ended with ${String(status)}`)); });
  });
  await ssh('-o', 'ControlMaster=yes', '-o', 'ControlPersist=60', '-N', '-f', 'root@127.0.0.1');
  const start = Date.now();
  for (let i = 0; i < commands; i++) { await ssh('-O', 'check', 'root@127.0.0.1'); await ssh('root@127.0.0.1', 'echo health_check_ok'); await ssh('root@127.0.0.1', 'true'); }
  const took = Date.now() - start;
  await ssh('-O', 'exit', 'root@127.0.0.1');
  return took;
}

const missing = missingForServer();
if (missing !== undefined) console.log(`SKIP 19 because ${missing}`);
else {
  const dir = mkdtempSync(join(tmpdir(), 'trips-'));
  const name = dir.split('/').at(-1)?.toLowerCase() ?? '';
  const server = await startServer({ dir });
  const proxy = await delayingProxy(server.sshPort);
  try {
    const translation = translateCompose('services:\n  web: {image: "busybox:1.35", command: ["sleep", "100000"]}\n  db: {image: "busybox:1.35", command: ["sleep", "100000"], environment: {A: b}}\n', { name, source: 'x.yaml', seed: '1', destination: defaultDestination });
    if (!('rendering' in translation)) throw new Error(translation.message);
    const { rendering } = translation;
    const hostKeys = memoryHostKeys();
    const open = (port: number) => connect({ host: '127.0.0.1', port, user: 'root', hostKeys, confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'key', text: readFileSync(server.privateKeyPath, 'utf8') }] } });
    let count = 0;
    const deploy = async (connection: Awaited<ReturnType<typeof open>>) => {
      let channels = 0;
      const exec = connection.client.exec.bind(connection.client);
      connection.client.exec = ((...args: Parameters<typeof exec>) => { channels += 1; return exec(...args); }) as typeof exec;
      const [start, before] = [Date.now(), proxy.turns()];
      const { plan: steps, files } = plan(rendering, { uuid: name, name }, { id: `${name}-${++count}`, kubectl: ['kubectl'] });
      await startRun(connection, steps, files);
      let first = 0;
      const state = await followRun(connection, `${name}-${count}`, 0, () => { first ||= Date.now() - start; });
      return { ms: Date.now() - start, turns: proxy.turns() - before, channels, first, state };
    };
    const direct = await open(server.sshPort);
    const initial = await deploy(direct);
    if (initial.state.kind !== 'done' || initial.state.exit !== 0) throw new Error(`the first deployment ended with ${JSON.stringify(initial.state)}`);
    // The best of five, since the machine may have other work; what differs between near and far is the way.
    const best = async (connection: typeof direct) => {
      let least = await deploy(connection);
      for (let i = 1; i < 5; i++) {
        // The run before gives its Lease back in the background; nobody deploys in the same moment again.
        await new Promise((resolve) => { setTimeout(resolve, 1000); });
        const next = await deploy(connection);
        if (next.ms < least.ms) least = next;
      }
      return least;
    };
    const near = await best(direct);
    direct.close();
    await (await open(proxy.port)).close();
    const start = Date.now();
    const far = await open(proxy.port);
    const connecting = Date.now() - start;
    const warm = await best(far);
    far.close();
    const commands = dockerPlan(translation.stack).steps.length;
    const sample = full ? commands : Math.min(commands, 5);
    const coolify = (await coolifyPattern(proxy.port, server.privateKeyPath, dir, sample)) / sample * commands;
    const passed = warm.ms <= 1500 && connecting + warm.ms <= 2500 && warm.turns <= 5 && warm.channels <= 3;
    verdict('19', passed, `warm ${warm.ms} ms (without the delay ${near.ms} ms), cold ${connecting + warm.ms} ms, at most ${warm.turns} dependent round trips, ${warm.channels} channels, first line after ${warm.first} ms, no TLS from here, the best of five each; Coolify's ${commands} commands its way: ${coolify.toFixed(0)} ms of round trips alone${sample < commands ? ` (from ${sample})` : ''}`);
  } catch (error) {
    verdict('19', false, String(error));
  } finally {
    proxy.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
