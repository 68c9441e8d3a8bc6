import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../harness/images.ts';
import { missingForPrograms, pushProgramImages } from '../harness/images-programs.ts';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { proxyAddresses, startProxies, traefikBinary } from '../harness/traefik.ts';
import { runOf } from '../integration/deployer';
import { recordedApplications, recordedServices, variedApplications, writtenLabels } from '../integration/routing-cases';
import { pushEcho, startInCluster, startInDocker } from '../integration/routing-sides';
import { requestsFor, seen } from './routing-requests';
import type { Answer, Request } from './routing-requests';

describe('one Traefik reads Coolify\'s labels in Docker, another what was made of them in the cluster', () => {
  let reason = missingForServer() ?? missingForPrograms(['nginx:1.27-alpine']);
  const dir = mkdtempSync(join(tmpdir(), 'routing-'));
  const groups = { 'recorded applications': recordedApplications(), 'recorded services': recordedServices(), 'applications of other settings': variedApplications(), 'labels that users write': writtenLabels() };
  let server: TestServer | undefined;

  beforeAll(async () => {
    if (reason !== undefined) return;
    const traefik = await traefikBinary().catch((error: unknown) => { reason = error instanceof Error ? error.message : String(error); });
    if (traefik === undefined) return;
    server = await startServer({ dir });
    const run: Run = runOf(server);
    pushProgramImages(run, ['nginx:1.27-alpine']);
    pushEcho(run);
    startProxies(server, traefik);
    const stacks = Object.values(groups).flat();
    const ready = startInCluster(server, run, stacks);
    startInDocker(run, stacks);
    ready();
  }, 3_600_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  function ask(requests: readonly Request[], address: string): Answer[] {
    if (server === undefined) throw new Error(reason);
    const { code, stdout, stderr } = server.exec([process.execPath, join(import.meta.dirname, '../harness/ask.mjs')], JSON.stringify(requests.map((request) => ({ ...request, address }))));
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Answer[];
  }

  it.for(Object.entries(groups).filter(([, stacks]) => stacks.length > 0).flatMap(([group, stacks]) => stacks.map((stack) => ({ group, stack, name: stack.name }))))('$group: $name', { timeout: 120_000 }, async ({ stack }, context) => {
    if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`);
    const requests = requestsFor(stack);
    // A proxy reads what is new after a while; a difference that stays is one.
    for (const end = Date.now() + 15_000; ; await sleep(1000)) {
      const docker = ask(requests, proxyAddresses.docker);
      const kubernetes = ask(requests, proxyAddresses.kubernetes);
      const [left, right] = [docker, kubernetes].map((answers) => requests.map((request, at) => ({ request, answer: seen(answers[at] as Answer) })));
      try {
        expect(docker.some(({ status }) => status > 0 && status !== 404), 'Docker answers').toBe(true);
        expect(right).toEqual(left);
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  });
});
