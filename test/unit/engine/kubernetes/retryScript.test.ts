import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { retryScripts } from '../../../../src/engine/kubernetes/planRetry';

const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-retry-'));
afterAll(() => { rmSync(folder, { recursive: true }); });
for (const [name, text] of Object.entries(retryScripts)) writeFileSync(path.join(folder, name), text);
// A stand-in for kubectl: fails as often as there are lines in `failures`, each with the line as its message, then prints what it read.
writeFileSync(path.join(folder, 'kubectl'), `#!/bin/sh
echo try >>tries; read -r message <failures || { cat; exit 0; }
sed -i 1d failures; cat >/dev/null; echo partly; echo "$message" >&2; exit 1\n`);
chmodSync(path.join(folder, 'kubectl'), 0o700);
writeFileSync(path.join(folder, 'input'), 'the objects\n');

function run(patience: number, ...failures: string[]): { status: number | null; out: string; err: string; tries: number } {
  writeFileSync(path.join(folder, 'failures'), failures.map((line) => `${line}\n`).join(''));
  writeFileSync(path.join(folder, 'tries'), '');
  const { status, stdout, stderr } = spawnSync('sh', ['retry.sh', String(patience), './kubectl'], { cwd: folder, encoding: 'utf8', stdio: [openSync(path.join(folder, 'input'), 'r'), 'pipe', 'pipe'] });
  return { status, out: stdout, err: stderr, tries: readFileSync(path.join(folder, 'tries'), 'utf8').split('\n').length - 1 };
}
const refused = 'The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?';

describe.skipIf(process.platform !== 'linux')('a request to an API server that goes away', () => {
  it('is sent again, whole, until it is answered', () => {
    const { status, out, err, tries } = run(30, refused, 'Unable to connect to the server: EOF', 'Error from server (Forbidden): RBAC: clusterrole not found');
    expect([status, tries]).toEqual([0, 4]);
    expect(out).toBe('partly\npartly\npartly\nthe objects\n');
    expect(err).toBe(`The API server does not answer: ${refused}\nThe API server answers again.\n`);
  });
  it('is given up after its time, with the reason', () => {
    const { status, err, tries } = run(1, ...Array.from({ length: 9 }, () => refused));
    expect(status).toBe(1);
    expect(tries).toBeLessThan(5);
    expect(err.split('\n').slice(-2)).toEqual([refused, '']);
  });
  it.each([
    'Error from server (Forbidden): secrets is forbidden', 'Error from server (Conflict): Apply failed with 1 conflict', 'The Deployment "x" is invalid: spec.replicas',
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'Error from server (InternalError): failed calling webhook "a.b": dial tcp 10.0.0.1:443: connect: connection refused',
  ])('is not sent again after an answer: %s', (message) => {
    expect(run(30, message)).toMatchObject({ status: 1, tries: 1, err: `${message}\n` });
  });
});
