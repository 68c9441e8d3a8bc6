import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hookScripts } from '../../../../src/engine/kubernetes/planHooks';
import { retryScripts } from '../../../../src/engine/kubernetes/planRetry';

const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-hook-'));
afterAll(() => { rmSync(folder, { recursive: true }); });
for (const [name, text] of Object.entries({ ...hookScripts, ...retryScripts })) writeFileSync(path.join(folder, name), text);
// A stand-in for kubectl: says how many are ready, and runs what it is told to as `exec` would.
writeFileSync(path.join(folder, 'kubectl'), '#!/bin/sh\ncase $1 in get) printf %s "$READY";; exec) echo "$*" >"$SEEN"; shift 6; exec "$@";; esac\n');
chmodSync(path.join(folder, 'kubectl'), 0o700);

function run(when: 'before' | 'after', command: string, ready: string): { status: number | null; out: string; seen: string } {
  const seen = path.join(folder, 'seen');
  writeFileSync(seen, '');
  const { status, stdout } = spawnSync('sh', ['hook.sh', when, 'deployment/web', 'web', './kubectl'], { cwd: folder, input: command, encoding: 'utf8', env: { ...process.env, READY: ready, SEEN: seen } });
  return { status, out: stdout, seen: readFileSync(seen, 'utf8').trim() };
}

describe('the script of a command around a deployment', () => {
  it('runs it with a shell of the container, its text on stdin', () => {
    const { status, out, seen } = run('before', 'echo "it\'s $((1 + 1))" && printf %s done', '1');
    expect([status, out]).toEqual([0, 'it\'s 2\ndone']);
    expect(seen).toBe('exec -i deployment/web -c web -- sh -c eval "$(cat)"');
  });
  it('skips it where nothing runs', () => {
    for (const ready of ['', '0']) expect(run('before', 'exit 9', ready)).toMatchObject({ status: 0, seen: '' });
  });
  it('ends the deployment when the first fails, and only tells of the second', () => {
    expect(run('before', 'exit 9', '2').status).toBe(9);
    expect(run('after', 'exit 9', '2')).toMatchObject({ status: 0, out: 'The command after the deployment ended with 9; the deployment stays.\n' });
  });
});
