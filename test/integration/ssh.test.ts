import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Connection, type ConnectOptions, forward, memoryHostKeys, readScript, runScript } from '../../src/ssh';
import { missingSshd, startSshd, type Sshd } from '../harness/sshd';

const missing = missingSshd();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

describe.skipIf(missing !== undefined)('SSH against a real OpenSSH server', () => {
  let sshd: Sshd;
  beforeAll(async () => { sshd = await startSshd(); });
  afterAll(() => sshd.stop());

  const options = (): ConnectOptions => ({
    host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: memoryHostKeys(), confirmHostKey: () => Promise.resolve(true),
    auth: { keys: [{ name: 'test key', text: sshd.privateKey }] },
  });
  const using = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await connect(options());
    try { return await work(connection); } finally { connection.close(); }
  };

  it('asks about an unknown host key before any authentication', async () => {
    const before = sshd.log().length;
    const asked: string[] = [];
    const refusing = { ...options(), confirmHostKey: (fingerprint: string, type: string) => { asked.push(type, fingerprint); return Promise.resolve(false); } };
    await expect(connect(refusing)).rejects.toMatchObject({ kind: 'host-key-unknown' });
    expect(asked).toEqual(['ssh-ed25519', sshd.fingerprint()]);
    expect(sshd.log().slice(before)).not.toMatch(/Accepted|Failed|publickey|authenticating/);
  });

  it('stores a confirmed key and does not ask again', async () => {
    let asked = 0;
    const same = { ...options(), confirmHostKey: () => { asked++; return Promise.resolve(true); } };
    (await connect(same)).close();
    (await connect(same)).close();
    expect(asked).toBe(1);
  });

  it('delivers arguments byte for byte and tells stdout, stderr and the exit apart', async () => {
    const args = ["a'b", '$(id)', '`id`', "a\\'; id #", 'a\nid\n', '', '-rf', '${IFS}', 'ü“𝄞', 'a\tb\\n', '!!', '*'];
    const result = await using((c) => readScript(c, 'printf \'%s\\0\' "$@"; echo problem >&2; exit 7', args));
    expect(result).toEqual({ exit: { kind: 'exit', code: 7 }, stdout: args.map((a) => `${a}\0`).join(''), stderr: 'problem\n' });
  });

  it('delivers a large payload on descriptor 3 and never runs it', async () => {
    const payload = 'echo RAN; exit 3\n'.repeat(60_000);
    const sum = await using((c) => readScript(c, 'wc -c <&3', [], { stdin: payload }));
    expect(sum.stdout.trim()).toBe(String(payload.length));
    const unread = await using((c) => readScript(c, 'echo ignored', [], { stdin: payload }));
    expect(unread).toMatchObject({ exit: { kind: 'exit', code: 0 }, stdout: 'ignored\n' });
  });

  it('tells a signal and a lost connection from an exit code', async () => {
    await expect(using((c) => runScript(c, 'kill -9 $$', []))).resolves.toEqual({ kind: 'signal', signal: 'SIGKILL' });
    await expect(using((c) => runScript(c, 'kill -9 "$PPID"; sleep 1', []))).resolves.toEqual({ kind: 'lost' });
    await expect(using((c) => runScript(c, 'exit 255', []))).resolves.toEqual({ kind: 'exit', code: 255 });
  });

  it('reaches a server behind the connection', async () => {
    const web = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => web.once('listening', resolve));
    const address = web.address();
    await using(async (connection) => {
      const stream = await forward(connection, '127.0.0.1', typeof address === 'object' && address !== null ? address.port : 0);
      stream.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      expect(await text(stream)).toMatch(/^HTTP\/1.1 200[^]*hello$/);
    });
    web.close();
  });

  it('names what is wrong in typed errors', async () => {
    await expect(connect({ ...options(), port: 1 })).rejects.toMatchObject({ kind: 'refused' });
    await expect(connect({ ...options(), host: 'no-such-host.invalid' })).rejects.toMatchObject({ kind: 'unresolved' });
    await expect(connect({ ...options(), auth: { keys: [{ name: 'stranger', text: sshd.strangerKey }] } })).rejects.toMatchObject({ kind: 'authentication' });
    await expect(connect({ ...options(), auth: {} })).rejects.toMatchObject({ kind: 'authentication' });
    await expect(connect({ ...options(), signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'aborted' });
    const web = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => web.once('listening', resolve));
    const address = web.address();
    await expect(connect({ ...options(), port: typeof address === 'object' && address !== null ? address.port : 0 })).rejects.toMatchObject({ kind: 'not-ssh' });
    web.close();
  });

  it('stops hard at a changed host key, before any authentication', async () => {
    const same = options();
    (await connect(same)).close();
    const old = sshd.fingerprint();
    await sshd.changeHostKey();
    const before = sshd.log().length;
    const failure = connect(same);
    await expect(failure).rejects.toMatchObject({ kind: 'host-key-changed' });
    await expect(failure).rejects.toThrow(old);
    await expect(failure).rejects.toThrow(sshd.fingerprint());
    expect(sshd.log().slice(before)).not.toMatch(/Accepted|Failed|publickey|authenticating/);
  });
});
