import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { missingForServer, startServer, type TestServer } from '../harness/server.ts';
import { hasNamespace, mountsOf, processesOf } from '../harness/server-stop.ts';

const workload = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: busybox:1.35
          command: [sh, -c, 'echo kept > /data/index.html && exec httpd -f -p 8080 -h /data']
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
          volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`;

function ssh(server: TestServer, command: string): string {
  return execFileSync('ssh', ['-i', server.privateKeyPath, '-p', String(server.sshPort), '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null',
    '-o', 'LogLevel=ERROR', '-F', 'none', 'root@127.0.0.1', command], { encoding: 'utf8' });
}

it('a server runs a pod with a claim, answers over SSH, and leaves nothing behind', { timeout: 900_000 }, async (context) => {
  const reason = missingForServer();
  if (reason !== undefined && process.env['REQUIRE'] !== 'full') {
    console.warn(`skipped: ${reason}`);
    context.skip(reason);
  }
  expect(reason).toBeUndefined();
  const dir = mkdtempSync(join(tmpdir(), 'server-'));
  const server = await startServer({ dir });
  try {
    expect(server.kubectl(['get', 'node', 'node1', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']).stdout).toBe('True');

    expect(server.kubectl(['apply', '-f', '-'], workload)).toMatchObject({ code: 0 });
    const rollout = server.kubectl(['rollout', 'status', 'deployment/web', '--timeout=120s']);
    expect(rollout.code, rollout.stderr + server.kubectl(['describe', 'pods']).stdout).toBe(0);
    expect(server.kubectl(['exec', 'deployment/web', '--', 'cat', '/data/index.html']).stdout).toBe('kept\n');

    expect(ssh(server, 'kubectl get nodes -o name; docker version -f ok')).toBe('node/node1\nok\n');
    const scan = spawnSync('ssh-keyscan', ['-t', 'ed25519', '-p', String(server.sshPort), '127.0.0.1'], { encoding: 'utf8' }).stdout;
    const found = execFileSync('ssh-keygen', ['-lf', '-'], { input: scan, encoding: 'utf8' });
    expect(found.split(' ')[1]).toBe(server.hostKeyFingerprint);
  } finally {
    await server.stop();
  }
  expect({ processes: processesOf(dir), mounts: mountsOf(dir), namespace: hasNamespace(dir) }).toEqual({ processes: [], mounts: [], namespace: false });
  rmSync(dir, { recursive: true, force: true });
});
