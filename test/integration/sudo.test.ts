import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan';
import { followRun, probeServer, readKubeconfig, runWords, startRun } from '../../src/run';
import { connect, type Connection, memoryHostKeys } from '../../src/ssh';
import { type AccountServer, missingForAccounts, startAccounts } from '../harness/accounts.ts';

const reason = missingForAccounts(['sudo', 'openssl']);
const unable = reason !== undefined && process.env['REQUIRE'] !== 'full';
const password = `it's "$(id)" \\ %s ü`;

describe('sudo on a real server', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sudo-'));
  const secretFile = join(folder, 'root-only');
  let server: AccountServer;
  beforeAll(async () => {
    if (unable) return;
    chmodSync(folder, 0o755);
    writeFileSync(secretFile, 'kind: Config\n', { mode: 0o600 });
    server = await startAccounts([
      { name: 'asks', shell: '/bin/sh', sudo: 'password', password }, { name: 'free', shell: '/bin/sh', sudo: true },
      { name: 'terminal', shell: '/bin/sh', sudo: 'terminal' }, { name: 'none', shell: '/bin/sh', sudo: false, password },
    ]);
  });
  afterAll(async () => { await server?.stop(); rmSync(folder, { recursive: true, force: true }); });
  const skipIfUnable = (context: { skip: (note: string) => void }) => { if (unable) context.skip(`skipped, because ${reason}`); };

  /** A connection whose questions get these answers, one after the other; what was asked is kept. */
  const dial = async (user: string, answers: string[]): Promise<{ connection: Connection; asked: boolean[] }> => {
    const asked: boolean[] = [];
    const connection = await connect({ host: '127.0.0.1', port: server.sshd.port, user, hostKeys: memoryHostKeys(), confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'key', text: server.sshd.privateKey }] } });
    return { asked, connection: { ...connection, sudo: { ask: (wrong) => { asked.push(wrong); return Promise.resolve(answers.shift()); } } } };
  };

  it('asks for the password where sudo wants one, again when it was wrong, and then no more', async (context) => {
    skipIfUnable(context);
    const { connection, asked } = await dial('asks', ['not this', password]);
    expect(await readKubeconfig(connection, secretFile, { sudo: true })).toBe('kind: Config\n');
    expect(asked).toEqual([false, true]);
    const probe = await probeServer(connection, { kubeconfigPath: secretFile, sudo: true });
    expect(probe.sudo).toBe('works');
    expect(probe.kubeconfigs[0]).toMatchObject({ state: 'readable', sudo: true });
    expect((await runWords(connection, ['sudo', '-A', 'sh', '-c', 'id -u; cat'], { stdin: 'data\n' })).stdout).toBe('0\ndata\n');
    expect(asked).toHaveLength(2);
    expect(readdirSync('/dev/shm').filter((name) => /^coolify-kubernetes-(sudo|probe)/.test(name))).toEqual([]);
    connection.close();
  });

  it('gives up after three answers, or none, and says why', async (context) => {
    skipIfUnable(context);
    const { connection, asked } = await dial('asks', ['a', 'b', 'c', 'd']);
    await expect(readKubeconfig(connection, secretFile, { sudo: true })).rejects.toMatchObject({ kind: 'unreadable', message: expect.stringContaining('the password is not the one that sudo asks for') as string });
    expect(asked).toEqual([false, true, true]);
    connection.close();
    const silent = await dial('asks', []);
    expect(await probeServer(silent.connection, { sudo: true })).toMatchObject({ sudo: 'refused', sudoRefusal: 'sudo asks for a password' });
    silent.connection.close();
  });

  it('asks nothing where sudo is free, or would not let anybody in', async (context) => {
    skipIfUnable(context);
    for (const [user, refusal] of [['free', undefined], ['terminal', /requiretty/]] as const) {
      const { connection, asked } = await dial(user, [password]);
      const probe = await probeServer(connection, { sudo: true });
      expect(probe.sudo).toBe(refusal === undefined ? 'works' : 'refused');
      if (refusal !== undefined) expect(probe.sudoRefusal).toMatch(refusal);
      expect(asked).toEqual([]);
      connection.close();
    }
    const none = await dial('none', [password]);
    expect((await probeServer(none.connection, { sudo: true })).sudoRefusal).toMatch(/may not use sudo/);
    none.connection.close();
  });

  it('gives a run the password as a file, which no command line, log or folder holds afterwards', async (context) => {
    skipIfUnable(context);
    const { connection } = await dial('asks', [password]);
    await probeServer(connection, { sudo: true });
    const id = `sudo-${process.pid}`;
    const plan: Plan = { id, namespace: 'n', resource: { uuid: id, name: id }, steps: [
      { id: 'root', stage: 'apply', title: 'root', argv: ['sudo', '-A', 'sh', '-c', 'id -u; cat; cat /proc/[0-9]*/cmdline | tr "\\0" " "; cat /proc/[0-9]*/environ | tr "\\0" " "; true'], stdin: 'data' },
      { id: 'echo', stage: 'apply', title: 'echo', argv: ['sh', '-c', 'cat "$(cat private)/sudo-password"'] },
    ] };
    await startRun(connection, plan, { data: 'data\n', 'sudo-password': `${password}\n` });
    const lines: string[] = [];
    const state = await followRun(connection, id, 0, (event) => { if (event.type === 'output') lines.push(event.text); });
    expect(state).toEqual({ kind: 'done', exit: 0 });
    expect(lines.slice(0, 2)).toEqual(['0', 'data']);
    // What a step prints of it is hidden; nothing else knows it.
    expect(lines.join('\n')).not.toContain(password);
    const runFolder = join(server.home('asks'), '.local/state/coolify-kubernetes/runs', id);
    const log = readFileSync(join(runFolder, 'log'), 'utf8').split('\n').filter((line) => !line.includes('\techo\t')).join('\n');
    expect(log).not.toContain(password);
    const folderOfSecrets = readFileSync(join(runFolder, 'private'), 'utf8').trim();
    await expect.poll(() => readdirSync('/dev/shm').includes(folderOfSecrets.split('/').at(-1) ?? ''), { timeout: 5000 }).toBe(false);
    connection.close();
  });
});
