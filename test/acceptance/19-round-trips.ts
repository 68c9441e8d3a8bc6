// A deployment that changes nothing, through a proxy with 100 ms of round trip: the time it takes and the channels it opens.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as dial, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plan } from '../../src/engine/kubernetes/plan';
import { defaultDestination } from '../../src/model/destination';
import { followRun, startRun } from '../../src/run';
import { connect, memoryHostKeys } from '../../src/ssh';
import { translateCompose } from '../../src/translate';
import { missingForServer, startServer } from '../harness/server.ts';
import { verdict } from './check.ts';

const half = 50;

/** Delivers every byte 50 ms later, in order. */
function delayingProxy(port: number): Promise<{ port: number; close: () => void }> {
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => { setTimeout(() => { if (!to.destroyed) to.write(chunk); }, half); });
      from.on('close', () => { setTimeout(() => { to.destroy(); }, half); });
      from.on('error', () => undefined);
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address !== null ? address.port : 0, close: () => { server.close(); } });
    });
  });
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
      const start = Date.now();
      const { plan: steps, files } = plan(rendering, { uuid: name, name }, { id: `${name}-${++count}`, kubectl: ['kubectl'] });
      await startRun(connection, steps, files);
      let first = 0;
      const state = await followRun(connection, `${name}-${count}`, 0, () => { first ||= Date.now() - start; });
      return { ms: Date.now() - start, channels, first, state };
    };
    const direct = await open(server.sshPort);
    const initial = await deploy(direct);
    if (initial.state.kind !== 'done' || initial.state.exit !== 0) throw new Error(`the first deployment ended with ${JSON.stringify(initial.state)}`);
    const near = await deploy(direct);
    direct.close();
    await (await open(proxy.port)).close();
    const start = Date.now();
    const far = await open(proxy.port);
    const connecting = Date.now() - start;
    const warm = await deploy(far);
    far.close();
    const trips = (warm.ms - near.ms) / (2 * half);
    const passed = warm.ms <= 1500 && connecting + warm.ms <= 2500;
    verdict('19', passed, `warm ${warm.ms} ms (without the delay ${near.ms} ms), cold ${connecting + warm.ms} ms, about ${trips.toFixed(1)} dependent round trips, ${warm.channels} channels, first line after ${warm.first} ms, no TLS from here`);
  } catch (error) {
    verdict('19', false, String(error));
  } finally {
    proxy.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
