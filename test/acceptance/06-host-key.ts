// Host keys: an unknown one is asked about, a changed one refused, another type of a known server raises no alarm, each hop is judged under its own name, and a server in between learns no key of the user.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectHost, isSshError, memoryHostKeys, readSshConfig } from '../../src/ssh';
import { startSshd } from '../harness/sshd.ts';
import { verdict, withSshd } from './check.ts';

await withSshd('06', async ({ sshd: front }) => {
  const home = mkdtempSync(join(tmpdir(), 'host-key-'));
  const rsa = join(home, 'rsa');
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', rsa]);
  const [back, between, several] = await Promise.all([startSshd(), startSshd(), startSshd([`HostKey ${rsa}`])]);
  const wrong: string[] = [];
  const expect = (what: string, held: boolean): void => { if (!held) wrong.push(what); };
  try {
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    for (const [name, sshd] of Object.entries({ front, back, several })) writeFileSync(join(home, '.ssh', name), sshd.privateKey, { mode: 0o600 });
    writeFileSync(join(home, '.ssh/config'), `Host back
  HostName ${back.host}
  Port ${back.port}
  IdentityFile ~/.ssh/back
  ProxyJump front
Host front
  HostName ${front.host}
  Port ${front.port}
  IdentityFile ~/.ssh/front
Host several
  HostName ${several.host}
  Port ${several.port}
  IdentityFile ~/.ssh/several
Host *
  User ${front.user}
`);
    const config = await readSshConfig(home, '/nowhere');
    const attempt = async (host: string, hostKeys = memoryHostKeys(), answer = true): Promise<{ asked: string[]; outcome: string; message: string }> => {
      const asked: string[] = [];
      try {
        const connection = await connectHost({ host }, { config, local: { home, localUser: 'nobody', environment: {} }, hostKeys, confirmHostKey: (at, fingerprint) => { asked.push(`${at} ${fingerprint}`); return Promise.resolve(answer); } });
        connection.close();
        await connection.closed;
        return { asked, outcome: 'in', message: '' };
      } catch (error) {
        return { asked, outcome: isSshError(error) ? error.kind : String(error), message: error instanceof Error ? error.message : '' };
      }
    };
    const at = (sshd: typeof front): string => `${sshd.host}:${sshd.port}`;
    const tried = (sshd: typeof front, from: number): boolean => /publickey|Accepted|Failed|userauth/i.test(sshd.log().slice(from));

    const refused = await attempt('front', memoryHostKeys(), false);
    expect(`unknown and declined: ${refused.outcome}`, refused.outcome === 'host-key-unknown' && refused.asked.join() === `${at(front)} ${front.fingerprint()}` && !tried(front, 0));
    const store = memoryHostKeys();
    const accepted = await attempt('front', store);
    const again = await attempt('front', store);
    expect(`unknown and accepted: ${accepted.outcome}, then ${again.outcome}`, accepted.outcome === 'in' && accepted.asked.length === 1 && again.outcome === 'in' && again.asked.length === 0);

    const hops = await attempt('back');
    expect(`hops: ${hops.outcome} ${hops.asked.join()}`, hops.outcome === 'in' && hops.asked.join() === `${at(front)} ${front.fingerprint()},${at(back)} ${back.fingerprint()}`);

    // The key behind the known type is another than the one a server with several would show by itself.
    const known = memoryHostKeys();
    await known.add(several.host, several.port, { type: 'ssh-rsa', fingerprint: execFileSync('ssh-keygen', ['-lf', `${rsa}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '' });
    const typed = await attempt('several', known);
    expect(`another type: ${typed.outcome}, asked ${typed.asked.length} times`, typed.outcome === 'in' && typed.asked.length === 0);

    // Somebody in between answers for a known server: directly, and behind a hop.
    const before = front.fingerprint();
    await front.changeHostKey();
    const log = front.log().length;
    const changed = await attempt('front', store);
    expect(`changed: ${changed.outcome} ${changed.message}`, changed.outcome === 'host-key-changed' && changed.asked.length === 0 && changed.message.includes(before) && changed.message.includes(front.fingerprint()));
    expect('a key was offered to a server whose key had changed', !tried(front, log));
    const behind = await attempt('back', store);
    expect(`a changed hop: ${behind.outcome}`, behind.outcome === 'host-key-changed' && behind.message.includes(at(front)));
    const impostor = memoryHostKeys();
    await impostor.add(between.host, between.port, { type: 'ssh-ed25519', fingerprint: back.fingerprint() });
    writeFileSync(join(home, '.ssh/between'), between.privateKey, { mode: 0o600 });
    const target = { host: between.host, port: between.port, user: between.user, identityFile: join(home, '.ssh/between') };
    const met = await connectHost(target, { config: [], local: { home, localUser: 'nobody', environment: {} }, hostKeys: impostor, confirmHostKey: () => Promise.resolve(true) }).then(() => 'in', (error: unknown) => (isSshError(error) ? error.kind : String(error)));
    expect(`in between: ${met}`, met === 'host-key-changed' && !tried(between, 0) && /Connection from/.test(between.log()));
    expect('known_hosts was written', !/\S/.test(readIfThere(join(home, '.ssh/known_hosts'))));
    verdict('06', wrong.length === 0, `unknown declined and accepted, two hops, another type, a changed server and hop, one in between: ${wrong.length} wrong ${wrong.join('; ')}`);
  } finally {
    await Promise.all([back.stop(), between.stop(), several.stop()]);
    rmSync(home, { recursive: true, force: true });
  }
});

function readIfThere(path: string): string {
  try { return readFileSync(path, 'utf8'); } catch { return ''; }
}
