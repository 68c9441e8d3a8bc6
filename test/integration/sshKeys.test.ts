import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeServer, followRun, startRun, cancelRun } from '../../src/run';
import { connect, type ConnectOptions, memoryHostKeys, readScript } from '../../src/ssh';
import { keygen, lockedFormats, type Make, openFormats, writePublic } from '../harness/keyFormats.ts';
import { missingSshd, startSshd, type Sshd } from '../harness/sshd.ts';

const missing = missingSshd();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

const wrong: Record<string, readonly [(text: string) => string, RegExp]> = {
  'a public key': [() => 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHb2kIpXAuKv+4HJ1PZXGMBXJwkjOWMHm5JSqDHQdb0k me', /public key/],
  'a key on one line': [(text) => text.replaceAll('\n', ''), /line breaks/],
  'a PuTTY key': [() => 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\n', /puttygen/],
  'half a key': [(text) => text.slice(0, 120), /ssh-keygen -p/],
  'nothing': [() => '', /ssh-keygen -p/],
};

describe.skipIf(missing !== undefined)('keys to sign in with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  let sshd: Sshd;
  let count = 0;
  beforeAll(async () => { sshd = await startSshd(); });
  afterAll(async () => { await sshd.stop(); rmSync(folder, { recursive: true, force: true }); });

  const hostKeys = memoryHostKeys();
  const options = (text: string, passphrases: (string | undefined)[] = []): ConnectOptions => ({
    host: sshd.host, port: sshd.port, user: sshd.user, hostKeys, confirmHostKey: () => Promise.resolve(true),
    auth: { keys: [{ name: 'the key', text }], passphrase: () => Promise.resolve(passphrases.shift()) },
  });
  const made = (name: string, make: Make): string => {
    const file = join(folder, `${count++}-${name.replace(/\W+/g, '-')}`);
    make(file);
    writePublic(file);
    sshd.authorise(readFileSync(`${file}.pub`, 'utf8'));
    return readFileSync(file, 'utf8');
  };

  it.each(Object.entries(openFormats))('%s opens the server', async (name, make) => {
    (await connect(options(made(name, make)))).close();
  });

  it.each(Object.entries(lockedFormats))('%s: right at once, right at the third try, wrong, given up', { timeout: 60_000 }, async (name, make) => {
    const text = made(name, make);
    (await connect(options(text, ['right']))).close();
    (await connect(options(text, ['wrong', '', 'right']))).close();
    await expect(connect(options(text, ['wrong', 'wrong', 'wrong', 'right']))).rejects.toMatchObject({ kind: 'key-format', message: expect.stringContaining('the key') });
    await expect(connect(options(text, [undefined]))).rejects.toMatchObject({ kind: 'authentication' });
  });

  it.each(Object.entries(wrong))('%s is refused with what to do', async (_name, [text, hint]) => {
    const whole = made(`whole ${String(hint)}`, keygen('-t', 'ed25519', '-N', ''));
    await expect(connect(options(text(whole)))).rejects.toMatchObject({ kind: 'key-format', hint: expect.stringMatching(hint) });
  });

  it('names a key whose cipher cannot be read', async () => {
    const text = made('chacha', keygen('-t', 'ed25519', '-Z', 'chacha20-poly1305@openssh.com', '-N', 'right'));
    await expect(connect(options(text, ['right', 'right', 'right']))).rejects.toMatchObject({ kind: 'key-format' });
  });
});

describe.skipIf(missing !== undefined)('a server with several host keys, and one that allows little', () => {
  it('shows the type that is known, so that no alarm is raised', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'host-keys-'));
    const rsa = join(folder, 'rsa');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-N', '', '-f', rsa]);
    const sshd = await startSshd([`HostKey ${rsa}`]);
    try {
      const fingerprint = execFileSync('ssh-keygen', ['-lf', `${rsa}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
      const hostKeys = memoryHostKeys();
      await hostKeys.add(sshd.host, sshd.port, { type: 'ssh-rsa', fingerprint });
      const never = (): Promise<boolean> => { throw new Error('asked'); };
      (await connect({ host: sshd.host, port: sshd.port, user: sshd.user, hostKeys, confirmHostKey: never, auth: { keys: [{ name: 'key', text: sshd.privateKey }] } })).close();
    } finally { await sshd.stop(); rmSync(folder, { recursive: true, force: true }); }
  });

  it('is looked at, runs a plan, is followed and cancelled within MaxSessions 2, MaxStartups 1, MaxAuthTries 2, LoginGraceTime 5', { timeout: 120_000 }, async () => {
    const home = mkdtempSync(join(tmpdir(), 'little-'));
    const sshd = await startSshd(['MaxSessions 2', 'MaxStartups 1', 'MaxAuthTries 2', 'LoginGraceTime 5', `SetEnv XDG_STATE_HOME=${home}`]);
    try {
      const connection = await connect({ host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: memoryHostKeys(), confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'key', text: sshd.privateKey }] } });
      const step = (id: string, script: string) => ({ id, stage: 'apply' as const, title: id, argv: ['sh', '-c', script] });
      const resource = { uuid: 'u', name: 'n' };
      await startRun(connection, { id: 'first', namespace: 'n', resource, steps: [step('a', 'sleep 2; echo done')] }, {});
      const followed = followRun(connection, 'first', 0, () => undefined);
      const [probe, ...answers] = await Promise.all([probeServer(connection), ...Array.from({ length: 6 }, (_, index) => readScript(connection, 'echo "$1"', [String(index)]))]);
      expect(probe.system.user).toBe(sshd.user);
      expect(answers.map(({ stdout }) => stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5']);
      expect(await followed).toEqual({ kind: 'done', exit: 0 });
      await startRun(connection, { id: 'second', namespace: 'n', resource: { uuid: 'v', name: 'n' }, steps: [step('a', 'sleep 60')] }, {});
      const second = followRun(connection, 'second', 0, () => undefined);
      expect(await cancelRun(connection, 'second')).toMatchObject({ kind: 'done', exit: 143 });
      expect(await second).toMatchObject({ kind: 'done', exit: 143 });
      connection.close();
    } finally { await sshd.stop(); rmSync(home, { recursive: true, force: true }); }
  });
});
