import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge, memoryHostKeys } from '../../../src/ssh/hostKeys';
import { hasCertificateAuthority, knownHostKeys, withKnownHosts } from '../../../src/ssh/knownHosts';

const hasKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;

describe.skipIf(!hasKeygen)('known_hosts', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'known-hosts-'));
  const file = path.join(folder, 'known_hosts');
  const keys: { line: string; fingerprint: string }[] = [];
  beforeAll(() => {
    for (const type of ['ed25519', 'ecdsa', 'rsa', 'ed25519']) {
      const key = path.join(folder, `key${keys.length}`);
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', key]);
      const [kind = '', blob = ''] = readFileSync(`${key}.pub`, 'utf8').split(' ');
      keys.push({ line: `${kind} ${blob}`, fingerprint: execFileSync('ssh-keygen', ['-lf', `${key}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '' });
    }
  });
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
  const key = (index: number) => keys[index] ?? { line: '', fingerprint: '' };
  const found = (text: string, host = 'web.example.org', port = 22) => knownHostKeys(text, host, port).map((one) => one.fingerprint);

  it('reads names, lists, patterns, negation and ports', () => {
    expect(found(`web.example.org,10.0.0.1 ${key(0).line} a comment`)).toEqual([key(0).fingerprint]);
    expect(found(`web.example.org,10.0.0.1 ${key(0).line}`, '10.0.0.1')).toEqual([key(0).fingerprint]);
    expect(found(`*.example.org ${key(1).line}\n# a comment\n\nWEB.example.ORG ${key(2).line}\r\n`)).toEqual([key(1).fingerprint, key(2).fingerprint]);
    expect(found(`*.example.org,!web.* ${key(1).line}`)).toEqual([]);
    expect(found(`[web.example.org]:2222 ${key(0).line}`)).toEqual([]);
    expect(found(`[web.example.org]:2222 ${key(0).line}`, 'web.example.org', 2222)).toEqual([key(0).fingerprint]);
    expect(found(`[*]:2222 ${key(0).line}`, '::1', 2222)).toEqual([key(0).fingerprint]);
  });

  it('leaves out what says nothing: other types, damaged lines, authorities', () => {
    expect(found(`web.example.org ssh-dss AAAAB3NzaC1kc3M=\nweb.example.org ${key(0).line.slice(0, 40)}\nweb.example.org\nweb.example.org ssh-rsa ${key(0).line.split(' ')[1] ?? ''}\n@cert-authority * ${key(0).line}\n@new * ${key(0).line}`)).toEqual([]);
    expect(hasCertificateAuthority(`@cert-authority *.example.org ${key(0).line}`, 'web.example.org', 22)).toBe(true);
    expect(hasCertificateAuthority(`@cert-authority *.example.com ${key(0).line}`, 'web.example.org', 22)).toBe(false);
  });

  it('finds what ssh-keygen finds, hashed or not', { timeout: 60_000 }, () => {
    const host = fc.constantFrom('web.example.org', 'db', '10.0.0.1', '::1');
    const pattern = fc.constantFrom('*', 'web.example.org', 'db', '!db', '10.0.0.?', '*.org', '::1', '[db]:2222', '[10.0.0.1]:2222', '[*]:2222');
    const line = fc.tuple(fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.nat(2));
    fc.assert(fc.property(fc.array(line, { maxLength: 5 }), host, fc.constantFrom(22, 2222), fc.boolean(), (lines, name, port, hashed) => {
      writeFileSync(file, lines.map(([hosts, index]) => `${hosts.join(',')} ${key(index).line}\n`).join(''));
      if (hashed) spawnSync('ssh-keygen', ['-q', '-H', '-f', file]);
      const query = port === 22 ? name : `[${name}]:${port}`;
      const theirs = spawnSync('ssh-keygen', ['-F', query, '-l', '-f', file], { encoding: 'utf8' }).stdout.split('\n').flatMap((one) => /SHA256:\S+/.exec(one)?.[0] ?? []);
      expect(found(readFileSync(file, 'utf8'), name, port)).toEqual(theirs);
    }), { numRuns: 80 });
  });

  it('counts where our own store knows nothing, and its revocations always', async () => {
    const own = memoryHostKeys();
    const store = withKnownHosts(own, [file, path.join(folder, 'absent')]);
    writeFileSync(file, `web ${key(0).line}\n@revoked * ${key(3).line}\n`);
    const before = readFileSync(file, 'utf8');
    const shown = (index: number) => ({ type: key(index).line.split(' ')[0] ?? '', fingerprint: key(index).fingerprint });
    const verdict = async (index: number, host = 'web') => judge(shown(index), await store.list(host, 22));
    expect([await verdict(0), await verdict(1), await verdict(3)]).toEqual(['trusted', 'changed', 'revoked']);
    expect([await verdict(0, 'new'), await verdict(3, 'new')]).toEqual(['unknown', 'revoked']);
    await store.add('web', 22, shown(1));
    await store.add('web', 22, shown(3));
    expect([await verdict(0), await verdict(1), await verdict(3)]).toEqual(['changed', 'trusted', 'revoked']);
    expect(readFileSync(file, 'utf8')).toBe(before);
    await expect(withKnownHosts(own, [folder]).list('web', 22)).rejects.toMatchObject({ kind: 'known-hosts' });
  });
});
