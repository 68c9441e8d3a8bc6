import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const binary = '/usr/sbin/sshd';

/** Why there is no OpenSSH server here; undefined when there is one. With REQUIRE=full it is installed, or the run fails. */
export function missingSshd(): string | undefined {
  if (existsSync(binary)) return undefined;
  const reason = `${binary} is not installed (apt-get install openssh-server)`;
  if (process.env['REQUIRE'] !== 'full') return reason;
  if (process.getuid?.() !== 0) throw new Error(reason);
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'openssh-server'], { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  return undefined;
}

export interface Sshd {
  host: string; port: number; user: string;
  /** Text of a key that may sign in, and of one that may not. */
  privateKey: string; strangerKey: string;
  /** SHA256 fingerprint of the host key in use. */
  fingerprint: () => string;
  log: () => string;
  /** Lets the owner of a public key sign in, too. */
  authorise: (publicKey: string) => void;
  /** A new host key, and a restart on the same port. */
  changeHostKey: () => Promise<void>;
  /** Kills the processes of all present connections, as a crash would. */
  dropConnections: () => void;
  stop: () => Promise<void>;
}

export interface SshdOptions {
  /** Who may sign in beside the user of this process, all with the same key. */
  users?: readonly string[];
  /** The command that starts the server's, for another view of the system. */
  launcher?: readonly string[];
}

/** A real OpenSSH server on loopback, with keys and configuration of its own in a temporary folder. */
export async function startSshd(extraConfig: readonly string[] = [], { users = [], launcher = [] }: SshdOptions = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  const port = await freePort();
  const { username } = userInfo();
  for (const name of ['host', 'user', 'stranger']) makeKey(join(folder, name));
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'user.pub')), { mode: 0o644 });
  // Other users read the authorised keys with their own rights.
  if (users.length > 0) chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'config'), configuration(folder, port, [username, ...users], extraConfig));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  let server = await launch(folder, port, launcher);
  return {
    host: '127.0.0.1', port, user: username,
    privateKey: readFileSync(join(folder, 'user'), 'utf8'),
    strangerKey: readFileSync(join(folder, 'stranger'), 'utf8'),
    fingerprint: () => execFileSync('ssh-keygen', ['-lf', join(folder, 'host.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '',
    log: () => readFileSync(join(folder, 'log'), 'utf8'),
    authorise: (publicKey) => { appendFileSync(join(folder, 'authorized_keys'), `${publicKey.trim()}\n`); },
    changeHostKey: async () => {
      await server.stop();
      makeKey(join(folder, 'host'));
      server = await launch(folder, port, launcher);
    },
    dropConnections: () => { spawnSync('pkill', ['-KILL', '-P', readFileSync(join(folder, 'pid'), 'utf8').trim()]); },
    stop: async () => { await server.stop(); rmSync(folder, { recursive: true, force: true }); },
  };
}

function makeKey(path: string): void {
  rmSync(path, { force: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
}

function configuration(folder: string, port: number, users: readonly string[], extra: readonly string[]): string {
  return [
    `Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${folder}/host`, `PidFile ${folder}/pid`,
    `AuthorizedKeysFile ${folder}/authorized_keys`, 'StrictModes no', 'UsePAM no', 'PasswordAuthentication no',
    'KbdInteractiveAuthentication no', 'PermitRootLogin prohibit-password', `AllowUsers ${users.join(' ')}`, 'LogLevel VERBOSE', ...extra, '',
  ].join('\n');
}

async function launch(folder: string, port: number, launcher: readonly string[]): Promise<{ stop: () => Promise<void> }> {
  const [command = binary, ...args] = [...launcher, binary, '-D', '-f', join(folder, 'config'), '-E', join(folder, 'log')];
  const child = spawn(command, args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt === 100 || child.exitCode !== null) throw new Error(`sshd did not start: ${existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : 'it wrote no log'}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { stop: async () => { child.kill('SIGTERM'); await ended; } };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
