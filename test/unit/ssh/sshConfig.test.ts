import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/ssh/configSyntax';
import { readSshConfig } from '../../../src/ssh/readSshConfig';
import { resolveHost, type LocalFacts } from '../../../src/ssh/sshConfig';

const local: LocalFacts = { home: '/home/ann', localUser: 'ann', environment: { KEYS: '/keys', AGENT: '/run/agent' } };
const resolve = (text: string, alias = 'web', given = {}) => resolveHost(alias, [parseConfig(text, 'config', () => [])], local, given);

describe('ssh_config', () => {
  it('takes the first value of a setting, and what the user chose before any', () => {
    const text = 'Host web\n  HostName 10.0.0.1\n  User deploy\n  Port 2222\nHost *\n  User other\n  Port 1\n  IdentitiesOnly yes\n';
    expect(resolve(text)).toMatchObject({ alias: 'web', host: '10.0.0.1', user: 'deploy', port: 2222, identitiesOnly: true, warnings: [] });
    expect(resolve(text, 'web', { user: 'root', port: 22 })).toMatchObject({ host: '10.0.0.1', user: 'root', port: 22 });
    expect(resolve(text, 'elsewhere')).toMatchObject({ host: 'elsewhere', user: 'other', port: 1 });
    expect(resolve('')).toEqual({ alias: 'web', host: 'web', port: 22, identityFiles: [], identitiesOnly: false, proxyJump: [], warnings: [] });
  });

  it('collects identity files and fills in their tokens', () => {
    const text = 'User deploy\nHostName %h.example.org\nIdentityFile ~/.ssh/id_%h\nIdentityFile "%d/with space_%r"\nIdentityFile=${KEYS}/%n-%p\nIdentityFile ~other/x\nIdentityFile %C/x\nIdentityFile ${NONE}/x\n';
    const found = resolve(text);
    expect(found.identityFiles).toEqual(['/home/ann/.ssh/id_web.example.org', '/home/ann/with space_deploy', '/keys/web-22']);
    expect(found.warnings).toHaveLength(3);
  });

  it('knows the ways to name an agent', () => {
    expect(resolve('IdentityAgent none').identityAgent).toBe('none');
    expect(resolve('IdentityAgent SSH_AUTH_SOCK').identityAgent).toBeUndefined();
    expect(resolve('IdentityAgent $AGENT').identityAgent).toBe('/run/agent');
    expect(resolve('IdentityAgent "~/Library/Group Containers/agent.sock"').identityAgent).toBe('/home/ann/Library/Group Containers/agent.sock');
  });

  it('applies Match only for what can be known, and never runs anything', () => {
    expect(resolve('Match exec "touch /tmp/ran"\n  User x\nMatch all\n  User y')).toMatchObject({ user: 'y', warnings: ['config:1: Match exec is never run, and its block is not applied.'] });
    expect(resolve('HostName 10.1.1.1\nMatch host 10.1.*\n  User x')).toMatchObject({ user: 'x' });
    expect(resolve('HostName 10.1.1.1\nMatch originalhost 10.1.*,!web\n  User x\nMatch !host 10.2.*\n  User z')).toMatchObject({ user: 'z' });
    expect(resolve('Match final host web\n  User x').user).toBeUndefined();
    expect(resolve('Match host web exec "id"\n  User x').user).toBeUndefined();
  });

  it('says what it does not do', () => {
    expect(resolve('ProxyCommand cloudflared access ssh --hostname %h\nProxyJump bastion')).toMatchObject({ proxyJump: [], warnings: ['config:1: ProxyCommand is never run; use ProxyJump.'] });
    expect(resolve('ProxyCommand none').warnings).toEqual([]);
    expect(resolve('ProxyJump a@b:2, c\nProxyCommand x')).toMatchObject({ proxyJump: ['a@b:2', 'c'], warnings: [] });
    expect(resolve('StrictHostKeyChecking no\nCertificateFile x').warnings).toEqual(['config:1: host keys are verified all the same.', 'config:2: certificates are not supported.']);
    expect(resolve('Port abc')).toMatchObject({ port: 22, warnings: ['"abc" is no port; 22 is used.'] });
    expect(resolve('User "open\n???\nUser').warnings).toEqual(['config:1: has a quotation mark without its pair.', 'config:2: is no setting.', 'config:3: names no value for User.']);
    expect(resolve('Host other\n  ProxyCommand x').warnings).toEqual([]);
  });

  it('takes any text without failing', () => {
    const words = fc.constantFrom('Host', 'Match', 'User', 'Port', '*', '!', 'exec', 'host', 'all', '"', "'", '\\', '\n', ' ', '=', '#', ',', '%', '${', '}', '[', '(', '?', '𝄞');
    fc.assert(fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 4 }))), (parts) => { resolve(parts.join(' ')); }));
  });
});

const ssh = spawnSync('ssh', ['-V']);

describe.skipIf(ssh.error !== undefined)('ssh_config as OpenSSH itself reads it', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'ssh-config-'));
  afterAll(() => { rmSync(home, { recursive: true, force: true }); });

  /** `ssh -G` prints what it would do, without connecting. */
  const oracle = (file: string, alias: string) => {
    const { stdout, stderr, status } = spawnSync('ssh', ['-G', '-F', file, '--', alias], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const all = (keyword: string) => stdout.split('\n').filter((line) => line.startsWith(`${keyword} `)).map((line) => line.slice(keyword.length + 1));
    return { host: all('hostname')[0], port: Number(all('port')[0]), user: all('user')[0], jump: all('proxyjump')[0], only: all('identitiesonly')[0] === 'yes', files: all('identityfile') };
  };

  it('gives the same answers', { timeout: 120_000 }, () => {
    const name = fc.constantFrom('web', 'db', 'web.example.org', '10.0.0.1');
    const pattern = fc.constantFrom('*', 'web', 'db', 'w?b', 'web*', '!web', '!db', '*.org', '10.*', '"web"');
    const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 });
    const line = fc.oneof(
      patterns.map((list) => `Host ${list.join(' ')}`),
      fc.tuple(fc.constantFrom('host', 'originalhost', '!host', 'user'), patterns).map(([kind, list]) => `Match ${kind} ${list.map((one) => one.replaceAll('"', '')).join(',')}`),
      fc.constantFrom('Match all', 'User ann', 'User = bob', 'user="carl"', 'Port 22', 'Port=2222', 'HostName 10.0.0.1', 'HostName %h.example.org', 'IdentityFile /k/a', 'IdentityFile "/k/b c" # note',
        "IdentityFile '/k/d'", 'IdentityFile /k/e\\ f', 'IdentitiesOnly yes', 'ProxyJump hop', 'ProxyJump u@hop:23', 'ProxyJump none', '# comment', '', '  \tUser   deep'),
    );
    const file = path.join(home, 'generated');
    fc.assert(fc.property(fc.array(line, { maxLength: 12 }), name, (lines, alias) => {
      writeFileSync(file, `${lines.join('\n')}\n`);
      const theirs = oracle(file, alias);
      const ours = resolveHost(alias, [parseConfig(lines.join('\n'), file, () => [])], { home, localUser: userInfo().username, environment: {} });
      expect({ host: ours.host, port: ours.port, user: ours.user ?? userInfo().username, only: ours.identitiesOnly }).toEqual({ host: theirs.host, port: theirs.port, user: theirs.user, only: theirs.only });
      expect(ours.proxyJump.join(',') || undefined).toBe(theirs.jump === 'none' ? undefined : theirs.jump);
      // Without any IdentityFile OpenSSH prints its usual names.
      if (ours.identityFiles.length > 0) expect(ours.identityFiles).toEqual(theirs.files);
      else expect(theirs.files.every((one) => !one.startsWith('/k/'))).toBe(true);
    }), { numRuns: 100 });
  });

  it('follows Include, and applies it only within its block', async () => {
    mkdirSync(path.join(home, '.ssh/conf.d'), { recursive: true });
    const main = path.join(home, '.ssh/config');
    writeFileSync(main, 'Host other\n  Include conf.d/b.conf\nHost web\n  Include "conf.d/*.conf" missing.conf\nHost *\n  User late\n  Include config\n');
    writeFileSync(path.join(home, '.ssh/conf.d/a.conf'), 'Port 2222\nHost db\n  User wrong\n');
    writeFileSync(path.join(home, '.ssh/conf.d/b.conf'), 'User early\nHost web\n  HostName 10.0.0.9\n');
    writeFileSync(path.join(home, '.ssh/conf.d/.hidden.conf'), 'Port 1\n');
    const facts = { home, localUser: 'ann', environment: {} };
    const files = await readSshConfig(home, path.join(home, 'none'));
    expect(resolveHost('web', files, facts)).toMatchObject({ host: '10.0.0.9', port: 2222, user: 'early' });
    expect(resolveHost('db', files, facts)).toMatchObject({ host: 'db', port: 22, user: 'late' });
  });
});
