import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan';
import { followRun, listRuns, probeServer, readFiles, runState, startRun } from '../../src/run';
import { connect, type Connection, memoryHostKeys, readScript } from '../../src/ssh';
import { quote } from '../../src/text/shellQuoting';
import { type AccountServer, missingForAccounts, startAccounts } from '../harness/accounts.ts';
import { hostilePayloads, randomWords } from './payloads.ts';

const noise = 'echo NOISE; echo MORE NOISE >&2\n';
/** Each login shell with start-up files that print, and a PATH in which there is nothing. */
const accounts = [
  { name: 'ck-bash', shell: '/bin/bash', files: { '.bashrc': `${noise}PATH=/nowhere; export PATH; set -x\n`, '.profile': noise } },
  { name: 'ck-dash', shell: '/bin/dash', files: { '.profile': noise } },
  { name: 'ck-zsh', shell: '/usr/bin/zsh', files: { '.zshenv': `${noise}PATH=/nowhere; export PATH\n` } },
  { name: 'ck-fish', shell: '/usr/bin/fish', files: { '.config/fish/config.fish': `${noise}set -x PATH /nowhere\n` } },
  { name: 'ck-tcsh', shell: '/usr/bin/tcsh', files: { '.tcshrc': 'echo NOISE\nsetenv PATH /nowhere\n' } },
  { name: 'ck-lost', shell: '/bin/bash', homeless: true },
];
const reason = missingForAccounts(['zsh', 'fish', 'tcsh', 'dash']);
if (reason !== undefined && process.env['REQUIRE'] !== 'full') console.warn(`skipped, because ${reason}`);

describe.skipIf(reason !== undefined && process.env['REQUIRE'] !== 'full')('hostile words under every login shell', () => {
  const folder = mkdtempSync(join(tmpdir(), 'canary-'));
  const canary = join(folder, 'ran');
  const payloads = hostilePayloads(canary);
  let server: AccountServer;
  const dial = (user: string): Promise<Connection> => connect({
    host: server.sshd.host, port: server.sshd.port, user, hostKeys: memoryHostKeys(), confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'key', text: server.sshd.privateKey }] },
  });
  const using = async <T>(user: string, work: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await dial(user);
    try { return await work(connection); } finally { connection.close(); }
  };
  beforeAll(async () => {
    if (reason !== undefined) throw new Error(reason);
    chmodSync(folder, 0o777);
    server = await startAccounts(accounts);
  });
  afterAll(async () => { await server.stop(); rmSync(folder, { recursive: true, force: true }); });

  const names = accounts.map(({ name }) => name);
  const noTrace = (user: string): void => {
    expect(existsSync(canary)).toBe(false);
    expect(existsSync(join(server.home(user), 'ran'))).toBe(false);
  };

  it.each(names)('arrive unchanged as values of a script: %s', { timeout: 120_000 }, async (user) => {
    await using(user, async (connection) => {
      for (const words of [payloads, randomWords(2_000)]) {
        const { exit, stdout } = await readScript(connection, 'printf \'%s\\0\' "$@"', words);
        expect(exit).toEqual({ kind: 'exit', code: 0 });
        expect(stdout.split('\0').slice(0, -1)).toEqual(words);
      }
      await expect(readScript(connection, ':', ['a\0b'])).rejects.toThrow(/NUL/);
    });
    noTrace(user);
  });

  it.each(names)('are paths and nothing else for the probe and for files: %s', { timeout: 120_000 }, async (user) => {
    // File names hold no slash, so what they would leave is in the home folder.
    const legal = hostilePayloads('ran', 'touch ran').filter((name) => name !== '' && name !== '~' && !name.includes('/') && Buffer.byteLength(name) < 255);
    await using(user, async (connection) => {
      const all = payloads.filter((text) => text !== '').slice(0, -1).join('/');
      const probe = await probeServer(connection, { kubeconfigPath: all });
      expect(probe.kubeconfigs[0]).toMatchObject({ source: 'setting', path: all, state: 'missing' });
      expect(probe.system).toMatchObject({ user, root: false });
      expect(probe.tools.setsid?.path).toBe('/usr/bin/setsid');
      if (user === 'ck-lost') return;
      for (const name of legal) writeFileSync(join(server.home(user), name), name);
      const paths = legal.map((name) => join(server.home(user), name));
      expect([...(await readFiles(connection, paths)).values()]).toEqual(legal);
    });
    noTrace(user);
  });

  it.each(names.filter((name) => name !== 'ck-lost'))('are words of a step and nothing else for a run: %s', { timeout: 120_000 }, async (user) => {
    await using(user, async (connection) => {
      const out = join(server.home(user), 'words');
      const plan: Plan = {
        id: 'words', namespace: "n'; touch ran", resource: { uuid: `$(touch ${canary})`, name: `\`touch ${canary}\`` },
        steps: [
          { id: 'words', stage: 'apply', title: `$(touch ${canary})\n'; touch ${canary}`, argv: ['sh', '-c', 'printf \'%s\\0\' "$@" >"$0"', out, ...payloads], stdin: 'secret.json' },
          { id: 'file', stage: 'apply', title: 'x', argv: ['cat'], stdin: 'secret.json' },
        ],
      };
      await startRun(connection, plan, { 'secret.json': payloads.join('\n') });
      expect(await followRun(connection, 'words', 0, () => undefined)).toEqual({ kind: 'done', exit: 0 });
      expect(readFileSync(out, 'utf8').split('\0').slice(0, -1)).toEqual(payloads);
      expect((await listRuns(connection)).map((run) => run.id)).toEqual(['words']);
      for (const word of payloads.filter((one) => !/^[a-z0-9][a-z0-9._-]*$/.test(one))) {
        await expect(runState(connection, word)).rejects.toThrow();
        await expect(startRun(connection, { ...plan, id: word }, {})).rejects.toThrow();
        await expect(startRun(connection, plan, { [word]: '' })).rejects.toThrow();
      }
    });
    noTrace(user);
  });

  it('would run where a command is built of quoted words, so these tests can fail', { timeout: 120_000 }, async () => {
    await using('ck-fish', async (connection) => {
      for (const word of payloads) await new Promise<void>((resolve, reject) => {
        connection.client.exec(`printf %s ${quote(word)}`, (error, channel) => {
          if (error) { reject(error); return; }
          channel.on('close', () => { resolve(); }).resume();
          channel.stderr.resume();
        });
      });
    });
    expect(existsSync(canary)).toBe(true);
    rmSync(canary);
  });

  it('says what is wrong with an account that forbids commands', { timeout: 60_000 }, async () => {
    const strict = await startAccounts([{ name: 'ck-none', shell: '/usr/sbin/nologin' }, { name: 'ck-false', shell: '/bin/false' }]);
    try {
      for (const user of ['ck-none', 'ck-false']) {
        const connection = await connect({ host: strict.sshd.host, port: strict.sshd.port, user, hostKeys: memoryHostKeys(), confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'key', text: strict.sshd.privateKey }] } });
        await expect(readScript(connection, 'echo in', [])).rejects.toMatchObject({ kind: 'no-shell' });
        connection.close();
      }
    } finally { await strict.stop(); }
  });
});

describe.skipIf(reason !== undefined && process.env['REQUIRE'] !== 'full')('what reaches the server as a command', () => {
  it('is one constant, whatever is done', { timeout: 120_000 }, async () => {
    if (reason !== undefined) throw new Error(reason);
    const record = join(mkdtempSync(join(tmpdir(), 'record-')), 'commands');
    const spy = join(record, '..', 'spy');
    writeFileSync(spy, `#!/bin/sh\nprintf '%s\\n' "$SSH_ORIGINAL_COMMAND" >>${record}\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`, { mode: 0o755 });
    chmodSync(join(record, '..'), 0o777);
    const server = await startAccounts([{ name: 'ck-spied', shell: '/bin/bash' }], [`ForceCommand ${spy}`]);
    const connection = await connect({ host: server.sshd.host, port: server.sshd.port, user: 'ck-spied', hostKeys: memoryHostKeys(), confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'key', text: server.sshd.privateKey }] } });
    try {
      await probeServer(connection, { kubeconfigPath: "/a'b", sudo: true });
      await readFiles(connection, ['/etc/passwd']);
      await startRun(connection, { id: 'spied', namespace: 'n', resource: { uuid: 'u', name: 'n' }, steps: [{ id: 'a', stage: 'apply', title: 'a', argv: ['true'] }] }, { 'x.json': '{}' });
      expect(await followRun(connection, 'spied', 0, () => undefined)).toEqual({ kind: 'done', exit: 0 });
      await listRuns(connection);
      const commands = readFileSync(record, 'utf8').trim().split('\n');
      expect(commands.length).toBeGreaterThanOrEqual(5);
      expect([...new Set(commands)]).toEqual(['exec /bin/sh -s']);
    } finally {
      connection.close();
      await server.stop();
      rmSync(join(record, '..'), { recursive: true, force: true });
    }
  });
});
