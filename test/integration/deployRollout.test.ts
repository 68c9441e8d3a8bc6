import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plan } from '../../src/engine/kubernetes/plan';
import type { Json } from '../../src/text/json';
import type { Manifest } from '../../src/model/manifest';
import { explainRun, followRun, startRun } from '../../src/run';
import type { Connection } from '../../src/ssh';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { connectAsRoot } from './connectAsRoot';

const reason = missingForServer();
const unable = reason !== undefined && process.env['REQUIRE'] !== 'full';
const base = '127.0.0.1:5000/test/base:1';
/** Seconds that everything may take, and by when a failure must be told, on a machine that has other work too. */
const [deadline, early] = [300, 200];

describe.concurrent('a roll-out that cannot succeed', { timeout: 900_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'rollout-'));
  let server: TestServer | undefined;
  let connection: Connection;

  beforeAll(async () => {
    if (unable) return;
    server = await startServer({ dir });
    connection = await connectAsRoot(server);
  });
  afterAll(async () => {
    connection?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const labels = (uuid: string, name: string) => ({ 'app.kubernetes.io/managed-by': 'coolify-kubernetes', 'coolify-kubernetes/resource': uuid, 'coolify-kubernetes/container': name });
  const workload = (uuid: string, name: string, container: { [key: string]: Json }, more: { [key: string]: Json } = {}, kind = 'Deployment'): Manifest => {
    const template = { metadata: { labels: labels(uuid, name) }, spec: { terminationGracePeriodSeconds: 0, ...more, containers: [{ name: 'main', image: base, ...container }] } };
    const spec = kind === 'Job' ? { backoffLimit: 0, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } }
      : { replicas: 1, selector: { matchLabels: { 'coolify-kubernetes/container': name } }, template, ...(kind === 'StatefulSet' && { serviceName: name, podManagementPolicy: 'Parallel' }) };
    return { apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1', kind, metadata: { name, namespace: uuid, labels: labels(uuid, name) }, spec };
  };
  const deploy = async (uuid: string, ...manifests: Manifest[]) => {
    const id = `rollout-test-${randomUUID()}`;
    const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: uuid, labels: labels(uuid, '') } };
    const { plan: steps, files } = plan({ namespace: uuid, manifests: [namespace, ...manifests], findings: [], hostReferences: [] }, { uuid, name: uuid }, { id, kubectl: ['kubectl'], rolloutSeconds: deadline });
    const start = Date.now();
    await startRun(connection, steps, files);
    const lines: string[] = [];
    const state = await followRun(connection, id, 0, (event) => { if (event.type === 'output') lines.push(event.text); });
    return { state, seconds: (Date.now() - start) / 1000, log: lines.join('\n'), reasons: JSON.stringify(await explainRun(connection, id)) };
  };
  const skipIfUnable = (context: { skip: (note: string) => void }) => { if (unable) context.skip(`skipped, because ${reason}`); };

  it.for([
    { name: 'image', about: 'an image that is not there', container: { image: 'nowhere/nothing:9' }, says: /ErrImagePull|ImagePullBackOff/, explains: /nowhere\/nothing:9 of main does not exist/ },
    { name: 'config', about: 'a Secret that is not there', container: { command: ['sleep', '1000'], envFrom: [{ secretRef: { name: 'missing' } }] }, says: /CreateContainerConfigError/, explains: /secret \\"missing\\" not found/ },
    { name: 'badname', about: 'an image name that is none', container: { image: 'Not/A/Name' }, says: /InvalidImageName/, explains: /no valid image name/ },
    { name: 'command', about: 'a command that is not in the image', container: { command: ['/no/such/command'] }, says: /StartError|RunContainerError/, explains: /no\/such\/command|cannot be started|not found in the image|exit code 12[78]/ },
    { name: 'crash', about: 'a program that ends', container: { command: ['sh', '-c', 'echo last words; exit 3'] }, says: /restarted 3 times, last exit code 3/, explains: /exit code 3/ },
    { name: 'setcrash', about: 'an image of a StatefulSet', kind: 'StatefulSet', container: { image: 'nowhere/nothing:8' }, says: /statefulset\/setcrash cannot become ready/, explains: /nowhere\/nothing:8/ },
    { name: 'jobfail', about: 'a job that fails', kind: 'Job', container: { command: ['sh', '-c', 'echo job words; exit 4'] }, says: /job\/jobfail cannot become ready: failed/, explains: /failed as often|exit code 4/ },
  ])('ends long before its deadline: $about', async ({ name, kind, container, says, explains }, context) => {
    skipIfUnable(context);
    const { state, seconds, log, reasons } = await deploy(name, workload(name, name, container, {}, kind));
    expect(log).toMatch(says);
    expect(reasons).toMatch(explains);
    expect(state).toEqual({ kind: 'done', exit: 1 });
    expect(seconds).toBeLessThan(early);
    if (name === 'crash') expect(log).toMatch(/before its last restart:\n.*last words|last words/);
  });

  it('does not restart what is unhealthy, and ends when it stays so', async (context) => {
    skipIfUnable(context);
    const check = { exec: { command: ['sh', '-c', 'echo not yet; exit 1'] }, periodSeconds: 1, timeoutSeconds: 5 };
    const sick = workload('sick', 'sick', { command: ['sleep', '1000'], startupProbe: { ...check, failureThreshold: 2_147_483_647 }, readinessProbe: check });
    sick.metadata.annotations = { 'coolify-kubernetes/unhealthy-after': '5' };
    const result = await deploy('sick', sick);
    expect(result.log).toMatch(/deployment\/sick cannot become ready: runs, but its health check has not passed for \d+ seconds/);
    expect(result.log).not.toMatch(/restarted/);
    expect(result.reasons).toMatch(/not ready: .*probe failed/);
    expect(result.state).toEqual({ kind: 'done', exit: 1 });
    expect(result.seconds).toBeLessThan(early);
  });

  it('ends when a quota forbids the pods, of a Deployment and of a StatefulSet', async (context) => {
    skipIfUnable(context);
    const quota: Manifest = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'quota', labels: labels('quota', '') }, spec: { hard: { pods: '0' } } };
    const result = await deploy('quota', quota, workload('quota', 'one', { command: ['sleep', '1000'] }), workload('quota', 'two', { command: ['sleep', '1000'] }, {}, 'StatefulSet'));
    expect(result.log).toMatch(/cannot create pods: .*exceeded quota/);
    expect(result.reasons).toMatch(/exceeded quota/);
    expect(result.state).toEqual({ kind: 'done', exit: 1 });
    expect(result.seconds).toBeLessThan(early);
  });

  it('names the doomed workload at once, though another still waits', async (context) => {
    skipIfUnable(context);
    const slow = workload('pair', 'slow', { command: ['sleep', '1000'], readinessProbe: { exec: { command: ['false'] } } });
    const result = await deploy('pair', slow, workload('pair', 'broken', { image: 'nowhere/nothing:7' }));
    expect(result.log).toMatch(/deployment\/broken cannot become ready/);
    expect(result.state).toEqual({ kind: 'done', exit: 1 });
    expect(result.seconds).toBeLessThan(early);
  });

  it('goes on while what a restarting program waits for is on its way', async (context) => {
    skipIfUnable(context);
    const ready = (seconds: number) => ({ command: ['sh', '-c', `sleep ${seconds}; touch /tmp/up; exec sleep 1000`], readinessProbe: { exec: { command: ['test', '-e', '/tmp/up'] }, periodSeconds: 1 } });
    // Ends at once for 35 s, so it is restarted as often as would doom it, while the database comes up.
    const web = workload('patient', 'web', { command: ['sh', '-c', 'test "$(($(date +%s) - $(stat -c %Y /seed/at 2>/dev/null || (touch /seed/at; date +%s))))" -ge 35 || exit 1; exec sleep 1000'], volumeMounts: [{ name: 'seed', mountPath: '/seed' }] }, { volumes: [{ name: 'seed', emptyDir: {} }] });
    const result = await deploy('patient', workload('patient', 'db', ready(50)), web);
    expect(result.log).toMatch(/deployment\/web waits: main ended with exit code 1/);
    expect(result.state).toEqual({ kind: 'done', exit: 0 });
    const again = await deploy('patient', workload('patient', 'db', ready(50)), web);
    expect(again.state).toEqual({ kind: 'done', exit: 0 });
    expect(again.seconds).toBeLessThan(30);
  });
});
