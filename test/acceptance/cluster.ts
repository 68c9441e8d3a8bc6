import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { plan, type PlanOptions } from '../../src/engine/kubernetes/plan';
import { defaultDestination } from '../../src/model/destination';
import type { Plan, RunState } from '../../src/model/plan';
import type { Rendering } from '../../src/model/rendering';
import { followRun, type Reconnect, startRun } from '../../src/run';
import { connect, type Connection, memoryHostKeys } from '../../src/ssh';
import { translateCompose } from '../../src/translate';
import { missingForServer, startServer, type TestServer } from '../harness/server.ts';
import { configureSshd } from '../harness/server-parts.ts';
import { silent } from '../harness/progress.ts';
import { verdict } from './check.ts';

export interface Planned { plan: Plan; files: Record<string, string> }
export interface Deployed { id: string; state: RunState; lines: string[] }

export interface ClusterBench {
  server: TestServer;
  /** Of the test, different in each run; fit for a namespace. */
  name: string;
  /** The folder in which the server keeps its runs. */
  runs: string;
  dial: (port?: number) => Promise<Connection>;
  rendering: (compose: string, name: string) => Rendering;
  /** The deployment of a compose file, as the extension plans it. */
  planned: (compose: string, name: string, more?: Partial<PlanOptions>) => Planned;
  /** Starts and follows a plan to its end. */
  run: (connection: Connection, planned: Planned, reconnect?: Reconnect) => Promise<Deployed>;
}

/** A real server with Docker and Kubernetes; its runs are kept in a folder of their own. `sshd` changes the server's configuration. */
export async function withServer(number: string, body: (bench: ClusterBench) => Promise<void>, { sshd = [], prepare }: { sshd?: readonly string[]; prepare?: (dir: string) => void } = {}): Promise<void> {
  const missing = missingForServer();
  if (missing !== undefined) { console.log(`SKIP ${number} because ${missing}`); return; }
  const dir = mkdtempSync(join(tmpdir(), `check${number}-`));
  const name = basename(dir).toLowerCase();
  const open = new Set<Connection>();
  let server: TestServer | undefined;
  try {
    prepare?.(dir);
    const started = server = await startServer({ dir, progress: silent });
    await configureSshd(started, (text) => `${sshd.join('\n')}\n${text}`);
    const hostKeys = memoryHostKeys();
    const dial = async (port = started.sshPort): Promise<Connection> => {
      const connection = await connect({ host: '127.0.0.1', port, user: 'root', hostKeys, confirmHostKey: (fingerprint) => Promise.resolve(fingerprint === started.hostKeyFingerprint), auth: { keys: [{ name: 'key', text: readFileSync(started.privateKeyPath, 'utf8') }] } });
      open.add(connection);
      return connection;
    };
    let count = 0;
    const rendering = (compose: string, resource: string): Rendering => {
      const translation = translateCompose(compose, { name: resource, source: 'x.yaml', seed: '1', destination: defaultDestination });
      if (!('rendering' in translation)) throw new Error(translation.message);
      return translation.rendering;
    };
    await body({
      server: started, name, runs: join(dir, 'state/coolify-kubernetes/runs'), dial, rendering,
      planned: (compose, resource, more = {}) => plan(rendering(compose, resource), { uuid: resource, name: resource }, { id: `${name}-${++count}`, kubectl: ['kubectl'], rolloutSeconds: 120, ...more }),
      run: async (connection, { plan: steps, files }, reconnect) => {
        await startRun(connection, steps, files);
        const lines: string[] = [];
        const state = await followRun(connection, steps.id, 0, (event) => { if (event.type === 'output') lines.push(event.text); }, undefined, reconnect);
        return { id: steps.id, state, lines };
      },
    });
  } catch (error) {
    verdict(number, false, `${error instanceof Error ? error.stack ?? error.message : String(error)}`.replaceAll('\n', ' | '));
  } finally {
    for (const connection of open) connection.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Ended well. */
export const isGood = (state: RunState): boolean => state.kind === 'done' && state.exit === 0;
