import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plan } from '../../src/engine/kubernetes/plan';
import { defaultDestination } from '../../src/model/destination';
import type { RunEvent, RunState } from '../../src/model/plan';
import { explain, followRun, startRun } from '../../src/run';
import type { Connection } from '../../src/ssh';
import { translateCompose } from '../../src/translate';
import type { Translation } from '../../src/translate';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { connectAsRoot } from './connectAsRoot';

const stack = (image: string): string => `
services:
  web:
    image: ${image}
    environment: {SECRET_WORD: $SERVICE_PASSWORD_WEB, LITERAL: "$$(date) $$HOME"}
    command: ["sh", "-c", "echo $$LITERAL > /site/literal && wget -q -O /site/peer http://my_peer:8081/name && exec httpd -f -p 8080 -h /site"]
    volumes: ["site:/site"]
    depends_on: [my_peer]
    healthcheck: {test: ["CMD", "wget", "-q", "-O-", "http://127.0.0.1:8080/peer"], interval: 1s, retries: 30}
  my_peer:
    image: busybox:1.35
    command: sh -c 'mkdir /www && echo peer > /www/name && exec httpd -f -p 8081 -h /www'
    stop_grace_period: 1s
  once:
    image: busybox:1.35
    restart: "no"
    command: ["true"]
`;

describe('a deployment over SSH', () => {
  const reason = missingForServer();
  const dir = mkdtempSync(join(tmpdir(), 'deploy-'));
  let server: TestServer | undefined;
  let connection: Connection | undefined;

  beforeAll(async () => {
    if (reason !== undefined) return;
    server = await startServer({ dir });
    connection = await connectAsRoot(server);
  });
  afterAll(async () => {
    connection?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const translate = (image: string): Translation => {
    const translation = translateCompose(stack(image), { name: 'demo', source: 'demo.yaml', seed: '1', destination: { ...defaultDestination, storage: { sizeGi: 1 } } });
    if (!('rendering' in translation)) throw new Error(translation.message);
    return translation;
  };
  const deploy = async (image: string, rolloutSeconds: number): Promise<{ state: RunState; events: RunEvent[] }> => {
    // Runs are kept on the server; another test run's must not be taken for this one's.
    const id = `deploy-test-${randomUUID()}`;
    if (connection === undefined) throw new Error('not connected');
    const { rendering } = translate(image);
    const { plan: steps, files } = plan(rendering, { uuid: 'demo', name: 'demo' }, { id, kubectl: ['kubectl'], rolloutSeconds });
    expect(await startRun(connection, steps, files)).toBe('started');
    const events: RunEvent[] = [];
    return { state: await followRun(connection, id, 0, (event) => events.push(event)), events };
  };

  it('runs a translated stack: a claim, a peer under a name no Service may have, a job, and a literal that Kubernetes would expand', { timeout: 300_000 }, async (context) => {
    if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`);
    const { state, events } = await deploy('busybox:1.35', 120);
    expect(events.filter((event) => event.type === 'output').map((event) => event.text).join('\n')).toContain('successfully rolled out');
    expect(state).toEqual({ kind: 'done', exit: 0 });
    const read = (file: string): string | undefined => server?.kubectl(['-n', 'demo', 'exec', 'web-0', '--', 'cat', `/site/${file}`]).stdout.trim();
    expect(read('peer')).toBe('peer');
    expect(read('literal')).toBe('$(date) $HOME');
    expect(server?.kubectl(['-n', 'demo', 'get', 'job', '-o', 'jsonpath={.items[0].status.succeeded}']).stdout).toBe('1');
    expect(JSON.stringify(events)).not.toMatch(/SECRET_WORD=/);
  });

  it('ends in failure with a reason when an image is not there, and succeeds again when it is mended', { timeout: 300_000 }, async (context) => {
    if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`);
    const broken = await deploy('nowhere/nothing:9', 15);
    expect(broken.state).toMatchObject({ kind: 'done' });
    expect(broken.state).not.toEqual({ kind: 'done', exit: 0 });
    const listed = server?.kubectl(['-n', 'demo', 'get', 'pods,events', '-o', 'json']).stdout ?? '{}';
    const reasons = explain(JSON.parse(listed) as Parameters<typeof explain>[0]);
    expect(JSON.stringify(reasons)).toMatch(/nowhere\/nothing:9/);
    const mended = await deploy('busybox:1.35', 120);
    expect(mended.state).toEqual({ kind: 'done', exit: 0 });
  });
});
