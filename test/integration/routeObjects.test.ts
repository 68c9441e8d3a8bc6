import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesDestination } from '../../src/model/destination';
import { goModule } from '../harness/kube.ts';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { traefikDefinitions } from '../harness/traefik.ts';
import { runOf } from './deployer';
import { recordedApplications, recordedServices, traefikDestination, variedApplications, writtenLabels } from './routing-cases';

const reason = missingForServer();
const dir = mkdtempSync(join(tmpdir(), 'routes-'));
let server: TestServer | undefined;

beforeAll(async () => {
  if (reason !== undefined) return;
  const gateway = join(await goModule('sigs.k8s.io/gateway-api@v1.4.0'), 'config/crd/standard');
  const traefik = await traefikDefinitions();
  server = await startServer({ dir });
  const run = runOf(server);
  for (const file of [traefik, ...readdirSync(gateway).map((name) => join(gateway, name))]) run(['kubectl', 'apply', '--server-side', '-f', file]);
  run(['kubectl', 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
});
afterAll(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('objects of routes on a server with their definitions', () => {
  it.for<[string, KubernetesDestination['ingress'], string[]]>([
    ['Traefik', { kind: 'traefik' }, ['Ingress', 'Middleware', 'IngressRoute']],
    ['Gateway API', { kind: 'gateway', className: 'edge' }, ['Gateway', 'HTTPRoute']],
    ['Gateway API with a Gateway that is there', { kind: 'gateway', gateway: { name: 'edge', namespace: 'infra' } }, ['HTTPRoute']],
    ['ingress-nginx', { kind: 'ingress', className: 'nginx' }, ['Ingress']],
  ])('are accepted strictly: %s', { timeout: 240_000 }, ([, ingress, kinds], context) => {
    if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`);
    if (server === undefined) throw new Error(reason);
    const destination: KubernetesDestination = { ...traefikDestination, ingress, namespace: 'default' };
    const stacks = [recordedApplications, recordedServices, variedApplications, writtenLabels].flatMap((cases) => cases(destination));
    const items = stacks.flatMap(({ manifests }) => manifests).filter(({ kind }) => kinds.includes(kind));
    for (const kind of kinds) expect(items.map((item) => item.kind)).toContain(kind);
    const { code, stdout, stderr } = server.kubectl(['apply', '--server-side', '--dry-run=server', '--validate=strict', '-o', 'name', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    expect(code, stderr).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(items.length);
  });
});
