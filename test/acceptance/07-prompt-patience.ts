// The user takes longer than the server's grace time at the question about the host key and at the passphrase: the login succeeds, with each asked once and no failure on the server.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectHost, memoryHostKeys, readScript } from '../../src/ssh';
import { full, pause, verdict, withSshd } from './check.ts';

const seconds = full ? 60 : 4;
const grace = full ? 30 : 2;

await withSshd('07', async ({ sshd }) => {
  const home = mkdtempSync(join(tmpdir(), 'patience-'));
  const failures: unknown[] = [];
  const note = (error: unknown): void => { failures.push(error); };
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  try {
    const identityFile = join(home, 'locked');
    writeFileSync(identityFile, sshd.privateKey, { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', identityFile]);
    let asked = '';
    const slowly = async <T>(word: string, answer: T): Promise<T> => { asked += `${word} `; await pause(seconds * 1000); return answer; };
    const connection = await connectHost({ host: sshd.host, port: sshd.port, user: sshd.user, identityFile }, {
      config: [], local: { home, localUser: 'nobody', environment: {} }, hostKeys: memoryHostKeys(),
      confirmHostKey: () => slowly('key', true), passphrase: () => slowly('passphrase', 'secret'),
    });
    const { stdout } = await readScript(connection, 'echo in', []);
    connection.close();
    await connection.closed;
    // What the server counts against an address: logins that time out or fail.
    const held = sshd.log().match(/Timeout before authentication|Failed |Invalid user|maximum authentication/g) ?? [];
    const connections = sshd.log().match(/Connection from/g)?.length ?? 0;
    verdict('07', stdout === 'in\n' && asked === 'key passphrase ' && held.length === 0 && failures.length === 0, `${seconds} s at each of two prompts with a grace time of ${grace} s: asked ${asked}, ${held.length} failures and ${connections} connections in the server's log, ${failures.length} stray errors${full ? '' : ' (60 s with --full)'}`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}, () => [`LoginGraceTime ${grace}`]);
