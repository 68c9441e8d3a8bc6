import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { requireBrowser } from '../harness/browser';
import { podNamespaces, processesOf } from '../harness/server-stop';
import { missingForServer } from '../harness/server';
import { installVsCode } from '../harness/vscode';
import { remains, serverFolder } from './runFolder';

const root = path.resolve(import.meta.dirname, '../..');
let missing: string | undefined;
let child: ChildProcess | undefined;

interface Started { output: () => string; exit: Promise<number | NodeJS.Signals> }

/** In a process group of its own, as a shell does it. */
function start(command: string, ...args: string[]): Started {
  const started = spawn(command, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  let said = '';
  for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  return { output: () => said, exit: new Promise((resolve) => { started.once('close', (code, signal) => { resolve(code ?? signal ?? 255); }); }) };
}

/** The folder of the demo that a process, or a child of it, has started. */
async function folderOf(pid: number): Promise<string> {
  const find = (): string | undefined => readdirSync(tmpdir()).filter((name) => name.startsWith('coolify-demo-')).map((name) => path.join(tmpdir(), name))
    .find((folder) => existsSync(path.join(folder, 'owner')) && groupOf(Number(readFileSync(path.join(folder, 'owner'), 'utf8'))) === pid);
  await expect.poll(find, { timeout: 60_000 }).toBeDefined();
  return find() ?? '';
}

const groupOf = (pid: number): number => Number(spawnSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim());

async function isReady(demo: Started): Promise<void> {
  await expect.poll(() => demo.output(), { timeout: 240_000, interval: 200 }).toContain('Ctrl-C stops everything');
}

const needsAll = (context: TestContext): void => {
  if (missing !== undefined && process.env.REQUIRE !== 'full') context.skip(`skipped, because ${missing}`);
  expect(missing).toBeUndefined();
};

describe('the demo', { timeout: 400_000 }, () => {
  beforeAll(async () => {
    const browser = requireBrowser();
    missing = missingForServer() ?? ('missing' in browser ? browser.missing : undefined);
    if (missing === undefined) await installVsCode().catch((error: unknown) => { missing = String(error); });
  });
  afterEach(() => {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGTERM');
    child = undefined;
  });

  it('connects in a browser, sees the recorded resources, stops and exits 0', async (context) => {
    needsAll(context);
    const demo = start('npm', 'start', '--', '--yes', '--check');
    const folder = await folderOf(child?.pid ?? 0);
    expect(await demo.exit, demo.output()).toBe(0);
    expect(demo.output()).toContain('✓ Connecting in a browser');
    expect(remains(folder)).toEqual([]);
  });

  it('leaves nothing behind after Ctrl-C, with a pod and a container running', async (context) => {
    needsAll(context);
    const demo = start('npm', 'start', '--', '--yes');
    const folder = await folderOf(child?.pid ?? 0);
    await isReady(demo);
    const ssh = (script: string): string => {
      const [, key = '', port = ''] = /ssh -i (\S+) -p (\d+)/.exec(demo.output()) ?? [];
      const { stdout, stderr, status } = spawnSync('ssh', ['-i', key, '-p', port, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', 'root@127.0.0.1', script], { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      return stdout;
    };
    ssh('docker run -d busybox:1.35 sleep 1000 && kubectl create deployment left --image=busybox:1.35 -- sleep 1000 && kubectl wait deployment/left --for=condition=Available --timeout=90s');
    const namespaces = podNamespaces(processesOf(serverFolder(folder)));
    expect(namespaces).toHaveLength(1);
    process.kill(-(child?.pid ?? 0), 'SIGINT');
    await demo.exit;
    expect(remains(folder)).toEqual([]);
    expect(readdirSync('/run/netns').filter((name) => namespaces.includes(name))).toEqual([]);
  });

  it('leaves nothing behind when it is asked to end in the middle of its start', async (context) => {
    needsAll(context);
    const demo = start(process.execPath, 'test/harness/start.ts', '--yes');
    const folder = await folderOf(child?.pid ?? 0);
    await expect.poll(() => processesOf(serverFolder(folder)).length, { timeout: 120_000, interval: 100 }).toBeGreaterThan(3);
    child?.kill('SIGTERM');
    expect(await demo.exit, demo.output()).toBe(143);
    expect(remains(folder)).toEqual([]);
  });

  it('leaves nothing behind when its process is killed', async (context) => {
    needsAll(context);
    const demo = start(process.execPath, 'test/harness/start.ts', '--yes');
    const folder = await folderOf(child?.pid ?? 0);
    await isReady(demo);
    expect(remains(folder).length).toBeGreaterThan(10);
    child?.kill('SIGKILL');
    expect(await demo.exit).toBe('SIGKILL');
    await expect.poll(() => remains(folder), { timeout: 60_000, interval: 500 }).toEqual([]);
  });
});
