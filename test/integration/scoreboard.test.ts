import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtBundle } from '../harness/bundles.ts';
import { missingForServer, startServer, type Output, type TestServer } from '../harness/server.ts';

const reason = missingForServer();
const folder = mkdtempSync(join(tmpdir(), 'scoreboard-'));
let server: TestServer | undefined;
let cli = '';
beforeAll(async () => {
  if (reason !== undefined) return;
  cli = await builtBundle('cli');
  server = await startServer({ dir: mkdtempSync(join(tmpdir(), 'score-')) });
});
afterAll(async () => {
  await server?.stop();
  if (server !== undefined) rmSync(server.dir, { recursive: true, force: true });
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** Namespaces of scoreboards that are there and not on their way out. */
function left(on: TestServer): string[] {
  const { items } = JSON.parse(on.kubectl(['get', 'namespaces', '-o', 'json']).stdout) as { items: { metadata: { name: string; deletionTimestamp?: string } }[] };
  return items.filter(({ metadata }) => metadata.name.startsWith('coolify-kubernetes-scoreboard-') && metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name);
}

// The API server can only be reached from inside of the server.
const scoreboard = (on: TestServer, ...argv: string[]): Output => on.exec([process.execPath, cli, 'scoreboard', ...argv, '--kubeconfig', join(on.dir, 'admin.conf')]);

describe.skipIf(reason !== undefined && process.env['REQUIRE'] !== 'full')('scoreboard against an API server', { timeout: 600_000 }, () => {
  it('says what the server accepts, and removes its namespace', () => {
    if (server === undefined) throw new Error(reason ?? 'there is no server');
    file('some/guestbook.yaml', readFileSync(join(import.meta.dirname, '../fixtures/compose/guestbook.yaml'), 'utf8'));
    file('some/socket.yaml', 'services:\n  a: {image: "nginx:1", volumes: ["/var/run/docker.sock:/var/run/docker.sock", "d:/d"]}\n');
    file('some/broken.yaml', 'services: [\n');
    const { code, stdout, stderr } = scoreboard(server, join(folder, 'some'), '--json');
    expect(code, stderr).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ totals: { files: 3, rendered: 1, withRefusals: 1, notRendered: 1, schemaValid: 2, accepted: 2 } });
    expect(left(server)).toEqual([]);
    const text = scoreboard(server, join(folder, 'some', 'guestbook.yaml'));
    expect(text).toMatchObject({ code: 0, stdout: expect.stringMatching(/guestbook\.yaml: rendered, schema-valid, accepted, keys (\d+)\/\1, hosts (\d+)\/\2\n1 files: /) });
    expect(left(server)).toEqual([]);
  });

  it('removes its namespace also when it is interrupted', () => {
    if (server === undefined) throw new Error(reason ?? 'there is no server');
    for (let i = 0; i < 80; i++) file(`many/f${String(i)}.yaml`, 'services:\n  a: {image: "nginx:1"}\n');
    const script = '"$@" >/dev/null 2>&1 & pid=$!; while ! kubectl get namespaces -o name | grep -q scoreboard; do kill -0 $pid || exit 99; sleep 0.1; done; kill -TERM $pid; wait $pid; echo "ended with $?"';
    const { stdout } = server.exec(['sh', '-c', script, 'sh', process.execPath, cli, 'scoreboard', join(folder, 'many'), '--kubeconfig', join(server.dir, 'admin.conf')]);
    expect(stdout).toBe('ended with 143\n');
    expect(left(server)).toEqual([]);
  });

  it('tells in one sentence when the server cannot be asked', () => {
    if (server === undefined) throw new Error(reason ?? 'there is no server');
    file('some/kubeconfig', JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'x', clusters: [{ name: 'x', cluster: { server: 'https://127.0.0.1:1' } }], users: [], contexts: [{ name: 'x', context: { cluster: 'x', user: '' } }] }));
    const { code, stderr } = server.exec([process.execPath, cli, 'scoreboard', join(folder, 'some/guestbook.yaml'), '--kubeconfig', join(folder, 'some/kubeconfig')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^The scratch namespace could not be made: [^\n]+\.\n$/);
    file('some/program', JSON.stringify({ clusters: [], users: [{ name: 'x', user: { exec: { command: '/bin/false' } } }] }));
    expect(server.exec([process.execPath, cli, 'scoreboard', join(folder, 'some/guestbook.yaml'), '--kubeconfig', join(folder, 'some/program')])).toMatchObject({ code: 2, stderr: expect.stringContaining('running a program') });
  });
});
