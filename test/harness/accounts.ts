import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensurePackages } from './packages.ts';
import { missingSshd, type Sshd, startSshd } from './sshd.ts';

export interface Account {
  name: string;
  /** Path of the login shell. */
  shell: string;
  /** Texts of files in the home folder. */
  files?: Record<string, string>;
  /** The home folder does not exist. */
  homeless?: boolean;
  /** May use sudo: without a password, with its own, or only from a terminal. */
  sudo?: boolean | 'password' | 'terminal';
  /** What it signs in with to sudo. */
  password?: string;
}

export interface AccountServer { sshd: Sshd; home: (name: string) => string; stop: () => Promise<void> }

/** Why no server with accounts of its own can run here; undefined when one can. */
export function missingForAccounts(packages: readonly string[]): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'accounts of its own need Linux and root';
  const reason = missingSshd() ?? ensurePackages(packages);
  if (reason !== undefined) return reason;
  return spawnSync('unshare', ['--mount', '--propagation', 'private', 'true']).status === 0 ? undefined : 'a mount namespace cannot be made here';
}

// Only the server and what it starts see these files; the machine's own accounts stay as they are.
const mounts = 'for name in passwd shadow group sudoers; do [ ! -e "$1/$name" ] || mount --bind "$1/$name" "/etc/$name" || exit 1; done; shift; exec "$@"';
const firstId = 64_001;

/** A real OpenSSH server that knows these accounts. */
export async function startAccounts(accounts: readonly Account[], extraConfig: readonly string[] = []): Promise<AccountServer> {
  const folder = mkdtempSync(join(tmpdir(), 'accounts-'));
  chmodSync(folder, 0o755);
  const home = (name: string): string => join(folder, 'home', name);
  for (const name of ['passwd', 'shadow', 'group']) copyFileSync(join('/etc', name), join(folder, name));
  chmodSync(join(folder, 'shadow'), 0o600);
  accounts.forEach((account, index) => {
    const id = firstId + index;
    appendFileSync(join(folder, 'passwd'), `${account.name}:x:${id}:${id}::${home(account.name)}:${account.shell}\n`);
    // An asterisk: no password fits, and the account is not locked.
    const hash = account.password === undefined ? '*' : execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: account.password, encoding: 'utf8' }).trim();
    appendFileSync(join(folder, 'shadow'), `${account.name}:${hash}:19000:0:99999:7:::\n`);
    appendFileSync(join(folder, 'group'), `${account.name}:x:${id}:\n`);
    if (account.homeless !== true) makeHome(home(account.name), id, account.files ?? {});
  });
  if (accounts.some((account) => account.sudo !== undefined)) {
    const rules = accounts.flatMap(({ name, sudo }) => (sudo === true ? [`${name} ALL=(ALL:ALL) NOPASSWD: ALL`] : sudo === 'password' ? [`${name} ALL=(ALL:ALL) ALL`] : sudo === 'terminal' ? [`Defaults:${name} requiretty`, `${name} ALL=(ALL:ALL) NOPASSWD: ALL`] : []));
    writeFileSync(join(folder, 'sudoers'), ['Defaults env_reset', 'root ALL=(ALL:ALL) ALL', ...rules, ''].join('\n'), { mode: 0o440 });
  }
  const sshd = await startSshd(extraConfig, { users: accounts.map(({ name }) => name), launcher: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mounts, 'accounts', folder] });
  return { sshd, home, stop: async () => { await sshd.stop(); rmSync(folder, { recursive: true, force: true }); } };
}

function makeHome(folder: string, id: number, files: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  execFileSync('chown', ['-R', `${id}:${id}`, folder]);
}
