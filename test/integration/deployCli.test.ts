import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';

const reason = missingForServer();
const unable = reason !== undefined && process.env['REQUIRE'] !== 'full';
const stack = (image: string, secret: string): string => `
services:
  web:
    image: ${image}
    environment: {PASSWORD: "${secret}", GENERATED: $SERVICE_PASSWORD_WEB}
    command: ["sh", "-c", "echo the password is $$PASSWORD; exec sleep 100000"]
    stop_grace_period: 0s
`;

describe('the command line with a server', { timeout: 600_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'cli-'));
  // Runs are kept on the server; another test run's must not be taken for this one's.
  const name = basename(dir).toLowerCase();
  let server: TestServer;

  beforeAll(async () => {
    if (unable) return;
    await build({ entryPoints: ['src/cli.ts'], outfile: join(dir, 'cli.cjs'), bundle: true, platform: 'node', format: 'cjs', external: ['cpu-features', '*.node'], logLevel: 'error' });
    server = await startServer({ dir });
    writeFileSync(join(dir, 'known_hosts'), `[127.0.0.1]:${server.sshPort} ${readFileSync(join(dir, 'pki/host_ed25519.pub'), 'utf8')}`);
    writeFileSync(join(dir, 'seed'), 'a seed\n');
    writeFileSync(join(dir, 'destination.yaml'), `id: ci\nssh: {host: 127.0.0.1, port: ${server.sshPort}, user: root}\nkubeconfigPath: ${dir}/admin.conf\n`);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  interface Result { code: number | null; stdout: string; stderr: string }
  const cli = (args: string[], env: Record<string, string> = {}): Promise<Result> => new Promise((resolve) => {
    const child = spawn(process.execPath, [join(dir, 'cli.cjs'), ...args, '--destination', join(dir, 'destination.yaml')], {
      env: { PATH: process.env['PATH'] ?? '', HOME: dir, SSH_KEY_FILE: server.privateKeyPath, SSH_KNOWN_HOSTS_FILE: join(dir, 'known_hosts'), ...env },
    });
    const result: Result = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => { result.stdout += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { result.stderr += chunk.toString(); });
    child.once('close', (code) => resolve({ ...result, code }));
  });
  const compose = (image: string, secret: string): string => {
    const file = join(dir, `${name}.yaml`);
    writeFileSync(file, stack(image, secret));
    return file;
  };
  const skipIfUnable = (context: { skip: (note: string) => void }) => { if (unable) context.skip(`skipped, because ${reason}`); };

  it('shows a difference, deploys, shows none, fails with a reason, and goes back', async (context) => {
    skipIfUnable(context);
    const good = compose('busybox:1.35', 'first-secret-value');
    const withSeed = ['--seed-file', join(dir, 'seed')];
    expect(await cli(['diff', good, ...withSeed])).toMatchObject({ code: 6, stdout: expect.stringContaining('+ deployment/web') as string });
    const deployed = await cli(['deploy', good, ...withSeed, '--run-id', `${name}-1`]);
    expect(deployed).toMatchObject({ code: 0, stderr: '' });
    expect(deployed.stdout).toContain('The run succeeded.');
    const same = await cli(['diff', good, ...withSeed]);
    expect(same).toMatchObject({ code: 0, stdout: '' });

    const changed = await cli(['diff', compose('busybox:latest', 'second-secret-value'), ...withSeed, '--json']);
    expect(changed.code).toBe(6);
    expect(JSON.parse(changed.stdout)).toMatchObject({ differs: true, newNamespace: false });
    expect(changed.stdout).toContain('busybox:latest');
    expect(changed.stdout).not.toMatch(/second-secret|c2Vjb25kLXNlY3JldC/);

    const broken = await cli(['deploy', compose('nowhere/nothing:9', 'third-secret-value'), ...withSeed, '--run-id', `${name}-2`, '--json']);
    expect(broken.code).toBe(4);
    const lines = broken.stdout.trim().split('\n').map((line) => JSON.parse(line) as { type: string });
    expect(lines.at(-1)).toMatchObject({ type: 'end', run: `${name}-2`, exit: 4, state: { kind: 'done', exit: 1 }, reasons: [{ nextStep: expect.any(String) as string }] });
    expect(broken.stdout).toContain('nowhere/nothing:9');
    expect(broken.stdout).not.toContain('third-secret');

    const status = await cli(['status', '--resource', name, '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject([{ id: `${name}-2`, destination: 'ci' }, { id: `${name}-1`, state: { kind: 'done', exit: 0 } }]);
    const namespace = (JSON.parse(status.stdout) as { namespace: string }[])[0]?.namespace ?? '';
    // A second process reads a run from its beginning, also when it is over.
    const again = await cli(['follow', `${name}-1`]);
    expect(again).toMatchObject({ code: 0, stdout: deployed.stdout });

    const revisions = await cli(['rollback', name, '--namespace', namespace, '--json']);
    const [revision] = JSON.parse(revisions.stdout) as { id: string }[];
    expect((await cli(['rollback', name, '--namespace', namespace, '--to', revision?.id ?? '', '--run-id', `${name}-3`])).code).toBe(0);
    expect(server.kubectl(['-n', namespace, 'get', 'deployment/web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}']).stdout).toBe('busybox:1.35');
  });

  it('refuses a deployment when the cluster moved since the difference was saved, and takes over what others made only when told to', async (context) => {
    skipIfUnable(context);
    const stack = join(dir, 'saved.yaml');
    writeFileSync(stack, 'services:\n  web:\n    image: busybox:1.35\n    command: ["sleep", "100000"]\n    expose: [80]\n    stop_grace_period: 0s\n');
    const saved = join(dir, 'state.json');
    expect((await cli(['diff', stack, '--save', saved])).code).toBe(6);
    expect((await cli(['deploy', stack, '--expect', saved])).code).toBe(0);
    // What was saved was a cluster without it.
    const late = await cli(['deploy', stack, '--expect', saved]);
    expect(late).toMatchObject({ code: 76, stdout: expect.stringContaining('deployment/web was made since the preview.') as string });
    expect((await cli(['diff', stack, '--save', saved])).code).toBe(0);
    expect((await cli(['deploy', stack, '--expect', saved])).code).toBe(0);
    expect(await cli(['deploy', compose('busybox:1.35', 'x'), '--seed-file', join(dir, 'seed'), '--expect', saved])).toMatchObject({ code: 2, stderr: expect.stringContaining('this was saved for saved') as string });

    const namespace = server.kubectl(['get', 'namespaces', '-l', 'coolify-kubernetes/resource=saved', '-o', 'jsonpath={.items[0].metadata.name}']).stdout;
    server.kubectl(['-n', namespace, 'label', 'service/web', 'app.kubernetes.io/managed-by=somebody', '--overwrite']);
    expect(await cli(['deploy', stack])).toMatchObject({ code: 77, stdout: expect.stringContaining('service/web exists already') as string });
    expect((await cli(['deploy', stack, '--adopt', 'service/web'])).code).not.toBe(77);
  });

  it('cancels a run that another process follows', async (context) => {
    skipIfUnable(context);
    const file = join(dir, 'slow.yaml');
    writeFileSync(file, 'services:\n  slow:\n    image: busybox:1.35\n    command: ["sleep", "100000"]\n    healthcheck: {test: ["CMD", "false"], interval: 1s, retries: 1000}\n');
    const following = cli(['deploy', file, '--run-id', `${name}-slow`]);
    await expect.poll(async () => (await cli(['status', `${name}-slow`])).code, { timeout: 60_000, interval: 1000 }).toBe(7);
    expect((await cli(['cancel', `${name}-slow`])).code).toBe(0);
    expect(await following).toMatchObject({ code: 8 });
  });

  it('trusts no host key that is not known, and asks for passwords to be the same at every deployment', async (context) => {
    skipIfUnable(context);
    writeFileSync(join(dir, 'empty'), '');
    const stranger = await cli(['status'], { SSH_KNOWN_HOSTS_FILE: join(dir, 'empty') });
    expect(stranger.code).toBe(5);
    expect(stranger.stderr).toMatch(/host key SHA256:\S+ .* is not trusted/);
    const seedless = await cli(['deploy', compose('busybox:1.35', 'x')]);
    expect(seedless).toMatchObject({ code: 2, stderr: expect.stringContaining('--seed-file') as string });
    expect(await cli(['deploy', file('bad: [')])).toMatchObject({ code: 2 });
  });
  const file = (text: string): string => { writeFileSync(join(dir, 'bad.yaml'), text); return join(dir, 'bad.yaml'); };
});
