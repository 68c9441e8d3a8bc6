import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrap } from '../../../src/ssh/exec';
import { describeFailure } from '../../../src/ssh/errors';
import { judge, preferredAlgorithms } from '../../../src/ssh/hostKeys';

const shells = ['/bin/sh', '/bin/bash', '/usr/bin/dash'].filter(existsSync);
const script = 'printf \'%s\\0\' "$@"';
const echoed = (shell: string, args: string[]) => spawnSync(shell, ['-s'], { input: wrap(script, args, 'marker') }).stdout.toString('utf8');
const expected = (args: string[]) => `marker\n${args.map((a) => `${a}\0`).join('')}`;

/** The payloads of Coolify's injection advisories (git, compose, storage, database, environment, health check, build options). */
const payloads = [
  'main;id', '$(id)', '`id`', "a'b", '--upload-pack=touch /tmp/p', 'ext::sh -c id', 'ssh://-oProxyCommand=id/x', '-b', 'a\nb', 'a$(id)', './x;id:/y', '${IFS}',
  '../../etc/x', 'a;id', '-rf', '~root', 'db"$(id)', "db'--", 'A=B', "'", "''", 'localhost;id', '/x\nid', '80;id', '--build-arg A=$(id)', 'text\nEOF\nid', "'; id; '",
  "a\\'; id #", '-oProxyCommand=id', 'img:tag@sha256:', 'name\n', 'name\r', 'name\u2028', '&', '|', '> /tmp/x', '}', '} </dev/null', '\\', '“quotes”', '',
];

describe.skipIf(shells.length === 0)('arguments of a script', () => {
  it.each(shells)('arrive unchanged in %s', (shell) => {
    expect(echoed(shell, payloads)).toBe(expected(payloads));
  });

  it('arrive unchanged whatever they are', () => {
    const word = fc.string({ unit: 'binary', maxLength: 60 }).filter((s) => !s.includes('\0') && Buffer.from(s).toString() === s);
    fc.assert(fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), fc.constantFrom(...shells), (args, shell) => {
      expect(echoed(shell, args)).toBe(expected(args));
    }), { numRuns: 150 });
  });

  it('run nothing when the script is cut short', () => {
    const text = wrap('echo ran', ['x'], 'marker');
    for (let length = 0; length < text.lastIndexOf('}'); length++) {
      expect(spawnSync('/bin/sh', ['-s'], { input: text.slice(0, length) }).stdout.toString()).toBe('');
    }
  });

  it('are refused when they hold a NUL byte', () => {
    expect(() => wrap(script, ['a\0b'], 'marker')).toThrow(/NUL/);
  });
});

describe('host keys', () => {
  const key = { type: 'ssh-ed25519', fingerprint: 'SHA256:a' };
  it('are judged against all known keys of the host', () => {
    expect(judge(key, [])).toBe('unknown');
    expect(judge(key, [{ type: 'ssh-rsa', fingerprint: 'SHA256:b' }, key])).toBe('trusted');
    expect(judge(key, [{ ...key, fingerprint: 'SHA256:b' }])).toBe('changed');
    expect(judge(key, [{ type: 'ssh-rsa', fingerprint: 'SHA256:b' }])).toBe('changed');
  });
  it('of a known type are asked for first, and never with SHA-1', () => {
    expect(preferredAlgorithms([{ type: 'ssh-rsa', fingerprint: 'x' }]).slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
    expect(preferredAlgorithms([])).not.toContain('ssh-rsa');
  });
});

describe('failures of SSH', () => {
  it.each([
    [{ code: 'ENOTFOUND' }, 'unresolved'], [{ code: 'ECONNREFUSED' }, 'refused'], [{ code: 'ETIMEDOUT' }, 'unreachable'],
    [{ level: 'client-timeout' }, 'unreachable'], [{ level: 'client-authentication' }, 'authentication'], [{ code: 'ECONNRESET' }, 'lost'],
  ])('%o becomes %s', (fields, kind) => {
    expect(describeFailure(Object.assign(new Error('raw'), fields), 'h', 22)).toMatchObject({ kind });
  });
});
