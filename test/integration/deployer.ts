import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { plan } from '../../src/engine/kubernetes/plan';
import type { RunEvent, RunState } from '../../src/model/plan';
import type { Rendering } from '../../src/model/rendering';
import { followRun, startRun } from '../../src/run';
import type { Run } from '../harness/images.ts';
import type { TestServer } from '../harness/server.ts';
import { connectAsRoot } from './connectAsRoot';

export interface Deployed { state: RunState; events: RunEvent[]; seconds: number }

export interface Deployer {
  /** Deploys as the extension does: a plan, run on the server over SSH. */
  deploy(rendering: Rendering, resource: { uuid: string; name: string }, rolloutSeconds?: number): Promise<Deployed>;
  close(): void;
}

export async function deployerOf(server: TestServer): Promise<Deployer> {
  const connection = await connectAsRoot(server);
  return {
    deploy: async (rendering, resource, rolloutSeconds = 240) => {
      // Runs are kept on the server; another test run's must not be taken for this one's.
      const id = `test-${randomUUID()}`;
      const start = Date.now();
      const { plan: steps, files } = plan(rendering, resource, { id, kubectl: ['kubectl'], rolloutSeconds });
      await startRun(connection, steps, files);
      const events: RunEvent[] = [];
      const state = await followRun(connection, id, 0, (event) => events.push(event));
      return { state, events, seconds: Math.round((Date.now() - start) / 1000) };
    },
    close: () => { connection.close(); },
  };
}

/** A program of the server whose failure is an error. */
export function runOf(server: TestServer): Run {
  return (argv) => {
    const { code, stdout, stderr } = server.exec(argv);
    if (code !== 0) throw new Error(`${argv.join(' ')}: exit code ${code}: ${(stderr || stdout).trim()}`);
    return stdout;
  };
}

/** Asks again until an answer comes, for at most `seconds`; the last error is thrown. */
export async function eventually<T>(ask: () => T, seconds = 60): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(500)) {
    try {
      return ask();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
