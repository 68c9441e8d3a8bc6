import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectHost, type Connection, ConnectionPool, type HostContext, memoryHostKeys, readScript, readSshConfig, runScript } from '../../src/ssh';
import { missingSshd, startSshd, type Sshd } from '../harness/sshd.ts';

const missing = missingSshd();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
const portOf = (server: Server): number => { const at = server.address(); return typeof at === 'object' && at !== null ? at.port : 0; };

describe.skipIf(missing !== undefined)('hosts by ssh_config, agent and known_hosts', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'ssh-home-'));
  const ssh = path.join(home, '.ssh');
  const knownHosts = path.join(ssh, 'known_hosts');
  let front: Sshd;
  let back: Sshd;
  beforeAll(async () => {
    mkdirSync(ssh, { mode: 0o700 });
    [front, back] = await Promise.all([startSshd(['MaxSessions 2', 'MaxAuthTries 3']), startSshd(['LoginGraceTime 4'])]);
    writeFileSync(path.join(ssh, 'front_key'), front.privateKey, { mode: 0o600 });
    writeFileSync(path.join(ssh, 'back_key'), back.privateKey, { mode: 0o600 });
    writeFileSync(path.join(ssh, 'stranger'), front.strangerKey, { mode: 0o600 });
    writeFileSync(path.join(ssh, 'config'), `Host front
  HostName ${front.host}
  Port ${front.port}
  IdentityFile ~/.ssh/front_key
Host back
  HostName ${back.host}
  Port ${back.port}
  IdentityFile ~/.ssh/back_key
  ProxyJump front
Host loop
  ProxyJump loop
Host *
  User ${userInfo().username}
`);
  });
  afterAll(async () => { await Promise.all([front.stop(), back.stop()]); rmSync(home, { recursive: true, force: true }); });

  const context = async (more: Partial<HostContext> = {}): Promise<HostContext> => ({
    config: await readSshConfig(home, '/nowhere'), local: { home, localUser: 'nobody', environment: {} }, hostKeys: memoryHostKeys(), confirmHostKey: () => Promise.resolve(true), ...more,
  });
  const hostKeyLine = (sshd: Sshd, name: string): string => execFileSync('ssh-keyscan', ['-t', 'ed25519', '-p', String(sshd.port), sshd.host], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).replace(/^\S+/, name);
  /** The first server without the help of ssh_config. */
  const bare = () => ({ host: front.host, port: front.port, user: userInfo().username });
  const at = (sshd: Sshd): string => `${sshd.host}:${sshd.port}`;

  it('goes through a jump host and asks about the key of each hop under its own name', async () => {
    const asked: string[] = [];
    const connection = await connectHost({ host: 'back' }, await context({ confirmHostKey: (where, fingerprint) => { asked.push(`${where} ${fingerprint}`); return Promise.resolve(true); } }));
    const { stdout } = await readScript(connection, 'echo "$SSH_CONNECTION" | cut -d " " -f 4', []);
    connection.close();
    await connection.closed;
    expect(stdout.trim()).toBe(String(back.port));
    expect(asked).toEqual([`${at(front)} ${front.fingerprint()}`, `${at(back)} ${back.fingerprint()}`]);
    // The hop is closed with it.
    await expect.poll(() => front.log().match(/Disconnected from user/g)?.length ?? 0).toBeGreaterThan(0);
  });

  it('ends with the hop, and refuses a loop and a host that is none', async () => {
    const connection = await connectHost({ host: 'back' }, await context());
    const running = runScript(connection, 'sleep 20', []);
    await readScript(connection, ':', []);
    front.dropConnections();
    expect(await running).toEqual({ kind: 'lost' });
    await connection.closed;
    await expect(connectHost({ host: 'loop' }, await context())).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(connectHost({ host: '-oProxyCommand=id' }, await context())).rejects.toMatchObject({ kind: 'unresolved' });
  });

  it('trusts known_hosts, and refuses what it revokes or what has changed', async () => {
    const never = (): Promise<boolean> => { throw new Error('asked'); };
    writeFileSync(knownHosts, hostKeyLine(front, `[${front.host}]:${front.port}`));
    (await connectHost({ host: 'front' }, await context({ confirmHostKey: never }))).close();
    const log = front.log().length;
    writeFileSync(knownHosts, `@revoked ${hostKeyLine(front, '*')}`);
    await expect(connectHost({ host: 'front' }, await context({ confirmHostKey: never }))).rejects.toMatchObject({ kind: 'host-key-revoked' });
    writeFileSync(knownHosts, hostKeyLine(back, `[${front.host}]:${front.port}`));
    const changed = connectHost({ host: 'front' }, await context({ confirmHostKey: never }));
    await expect(changed).rejects.toMatchObject({ kind: 'host-key-changed', message: expect.stringContaining(back.fingerprint()) });
    await expect(changed).rejects.toThrow(front.fingerprint());
    expect(front.log().slice(log)).not.toMatch(/Accepted|Failed|publickey/);
    rmSync(knownHosts);
  });

  it('never shows a hop\'s key to the one behind it', async () => {
    writeFileSync(knownHosts, hostKeyLine(back, `[${front.host}]:${front.port}`));
    await expect(connectHost({ host: 'back' }, await context())).rejects.toMatchObject({ kind: 'host-key-changed', message: expect.stringContaining(at(front)) });
    rmSync(knownHosts);
  });

  describe('with an agent', () => {
    const socket = path.join(home, 'agent');
    let agent: ReturnType<typeof spawn>;
    const add = (...files: string[]): void => { execFileSync('ssh-add', ['-q', ...files.map((file) => path.join(ssh, file))], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' }); };
    const empty = (): void => { execFileSync('ssh-add', ['-q', '-D'], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' }); };
    const withAgent = (more: Partial<HostContext> = {}) => context({ local: { home, localUser: 'nobody', environment: { SSH_AUTH_SOCK: socket } }, ...more });
    beforeAll(async () => {
      agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      while (!existsSync(socket)) await wait(20);
      for (const name of ['other1', 'other2', 'other3', 'other4']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(ssh, name)]);
    });
    afterAll(() => { agent.kill(); });

    it('signs in with a key that only the agent holds', async () => {
      empty();
      add('front_key');
      (await connectHost(bare(), await withAgent())).close();
    });

    it('offers the configured key first, so that a server that allows few tries is passed', async () => {
      empty();
      add('other1', 'other2', 'other3', 'other4', 'front_key');
      await expect(connectHost(bare(), await withAgent())).rejects.toMatchObject({ kind: 'authentication', message: expect.stringContaining('too many keys') });
      (await connectHost({ host: 'front' }, await withAgent())).close();
    });

    it('takes no passphrase for a key that the agent holds', async () => {
      empty();
      add('front_key');
      const locked = path.join(ssh, 'locked');
      writeFileSync(locked, front.privateKey, { mode: 0o600 });
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', locked]);
      const passphrase = (): Promise<string> => { throw new Error('asked'); };
      const config = [[{ keyword: 'identityfile', args: [locked], at: '' }, { keyword: 'identitiesonly', args: ['yes'], at: '' }, { keyword: 'user', args: [userInfo().username], at: '' }]];
      (await connectHost({ host: front.host, port: front.port }, await withAgent({ config, passphrase }))).close();
    });

    it('goes on with key files when the agent is gone', async () => {
      (await connectHost({ host: 'front' }, await context({ local: { home, localUser: 'nobody', environment: { SSH_AUTH_SOCK: path.join(home, 'no-agent') } } }))).close();
      const alone = context({ local: { home, localUser: 'nobody', environment: { SSH_AUTH_SOCK: path.join(home, 'no-agent') } } });
      await expect(connectHost(bare(), await alone)).rejects.toMatchObject({ kind: 'authentication', message: expect.stringContaining('agent did not answer') });
    });
  });

  it('uses the usual key files when nothing is configured', async () => {
    await expect(connectHost(bare(), await context())).rejects.toMatchObject({ kind: 'authentication' });
    writeFileSync(path.join(ssh, 'id_ed25519'), front.privateKey, { mode: 0o600 });
    (await connectHost(bare(), await context())).close();
    rmSync(path.join(ssh, 'id_ed25519'));
  });

  it('lets the user take longer than the server\'s grace time at both prompts', { timeout: 60_000 }, async () => {
    const locked = path.join(ssh, 'slow');
    writeFileSync(locked, back.privateKey, { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', locked]);
    const slowly = async <T>(answer: T): Promise<T> => { await wait(6_000); return answer; };
    const connection = await connectHost({ host: back.host, port: back.port, user: userInfo().username, identityFile: locked },
      await context({ confirmHostKey: () => slowly(true), passphrase: () => slowly('secret') }));
    expect((await readScript(connection, 'echo in', [])).stdout).toBe('in\n');
    connection.close();
  });

  it('runs any number of commands where a connection may have two sessions', async () => {
    const connection = await connectHost({ host: 'front' }, await context());
    const results = await Promise.all(Array.from({ length: 12 }, (_, index) => readScript(connection, 'sleep 0.1; echo "$1"', [String(index)])));
    expect(results.map((one) => one.stdout.trim())).toEqual(results.map((_, index) => String(index)));
    const abort = new AbortController();
    const held = [runScript(connection, 'sleep 1', []), runScript(connection, 'sleep 1', [])];
    await wait(100);
    const waiting = runScript(connection, 'echo never', [], { signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'aborted' });
    expect(await Promise.all(held)).toEqual([{ kind: 'exit', code: 0 }, { kind: 'exit', code: 0 }]);
    connection.close();
  });

  it('says lost to those who wait when the connection goes', async () => {
    const connection = await connectHost({ host: 'front' }, await context());
    const all = Array.from({ length: 5 }, () => runScript(connection, 'sleep 30', []));
    await wait(300);
    connection.client.destroy();
    expect(await Promise.all(all)).toEqual(all.map(() => ({ kind: 'lost' })));
  });

  it('notices within 15 seconds that the other end is gone without a word', { timeout: 40_000 }, async () => {
    let dropping = false;
    const sockets: Socket[] = [];
    const proxy = createServer((client) => {
      const server = dial(front.port, front.host);
      sockets.push(client, server);
      for (const [from, to] of [[client, server], [server, client]] as const) {
        from.on('error', () => undefined);
        from.on('data', (chunk) => { if (!dropping) to.write(chunk); });
      }
    });
    await new Promise<void>((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
    const connection = await connectHost({ host: '127.0.0.1', port: portOf(proxy), user: userInfo().username, identityFile: path.join(ssh, 'front_key') }, await context());
    const running = runScript(connection, 'sleep 60', []);
    await wait(200);
    dropping = true;
    const start = Date.now();
    await connection.closed;
    const took = Date.now() - start;
    console.info(`dead link noticed after ${took} ms`);
    expect(took).toBeLessThan(15_000);
    expect(await running).toEqual({ kind: 'lost' });
    expect(connection.isOpen()).toBe(false);
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });

  describe('the pool', () => {
    const open = (opened: Connection[]) => async (): Promise<Connection> => {
      const connection = await connectHost({ host: 'front' }, await context());
      opened.push(connection);
      return connection;
    };

    it('shares one connection and closes it when nobody uses it any more', async () => {
      const pool = new ConnectionPool(200);
      const opened: Connection[] = [];
      const [a, b] = await Promise.all([pool.acquire('front', open(opened)), pool.acquire('front', open(opened))]);
      expect(opened).toHaveLength(1);
      a.close();
      a.close();
      await wait(400);
      expect([a.isOpen(), b.isOpen()]).toEqual([false, true]);
      b.close();
      (await pool.acquire('front', open(opened))).close();
      expect(opened).toHaveLength(1);
      await opened[0]?.closed;
      (await pool.acquire('front', open(opened))).close();
      expect(opened).toHaveLength(2);
      pool.closeAll();
      await opened[1]?.closed;
    });

    it('opens a new one after a loss, keeps no failure, and lets nobody pay for another\'s cancelling', async () => {
      const pool = new ConnectionPool();
      const opened: Connection[] = [];
      const first = await pool.acquire('front', open(opened));
      opened[0]?.client.destroy();
      await first.closed;
      const second = await pool.acquire('front', open(opened));
      expect([opened.length, second.isOpen()]).toEqual([2, true]);
      pool.closeAll();
      await expect(pool.acquire('other', () => Promise.reject(new Error('once')))).rejects.toThrow('once');
      const abort = new AbortController();
      const cancelled = pool.acquire('third', async () => connectHost({ host: 'front' }, await context({ signal: abort.signal })));
      const patient = pool.acquire('third', open(opened));
      abort.abort();
      await expect(cancelled).rejects.toMatchObject({ kind: 'aborted' });
      expect((await patient).isOpen()).toBe(true);
      pool.closeAll();
    });
  });

  it('reads a locked key as a stranger would: named, and asked for three times', async () => {
    const locked = path.join(ssh, 'asked');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'right', '-f', locked]);
    const asked: string[] = [];
    const target = { host: front.host, port: front.port, user: userInfo().username, identityFile: locked };
    await expect(connectHost(target, await context({ passphrase: (name) => { asked.push(name); return Promise.resolve('wrong'); } }))).rejects.toMatchObject({ kind: 'key-format' });
    expect(asked).toEqual([locked, locked, locked]);
    await expect(connectHost(target, await context({ passphrase: () => Promise.resolve(undefined) }))).rejects.toMatchObject({ kind: 'authentication' });
    expect(readFileSync(locked, 'utf8')).toContain('OPENSSH');
  });
});
