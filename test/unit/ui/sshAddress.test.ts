import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSshAddress, isPlaceholderAddress, parseSshAddress } from '../../../src/ui/host/parseSshAddress';

const defaults = { port: 22, user: 'root' };

describe('an SSH address', () => {
  it.each([
    ['203.0.113.7', { host: '203.0.113.7', port: 22, user: 'root' }], [' deploy@box.example.com:2222 ', { host: 'box.example.com', port: 2222, user: 'deploy' }],
    ['[2001:db8::1]:22', { host: '2001:db8::1', port: 22, user: 'root' }], ['my-host', { host: 'my-host', port: 22, user: 'root' }],
  ])('%j', (typed, address) => { expect(parseSshAddress(typed, defaults)).toEqual(address); });
  it.each(['', 'a b', '-oProxyCommand=id', 'x;id', '$(id)', 'host:0', 'host:70000', 'root@', '@host', 'ssh://host', '2001:db8::1', 'host:22:22', 'user@-host', 'a@b@c'])('refuses %j', (typed) => {
    expect(parseSshAddress(typed, defaults)).toBeUndefined();
  });
  it('reads what it writes, and what it reads can be no option of a command', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.domain(), fc.ipV4(), fc.ipV6().map((ip) => `[${ip}]`)), (typed) => {
      const address = parseSshAddress(typed, defaults);
      if (address === undefined) return;
      expect(address.host).not.toMatch(/^-|\s/);
      expect(parseSshAddress(formatSshAddress(address), defaults)).toEqual(address);
    }));
  });
  it('knows addresses that mean nothing from here', () => {
    for (const host of ['host.docker.internal', 'localhost', '127.0.0.1', '', 'server.invalid']) expect(isPlaceholderAddress(host)).toBe(true);
    for (const host of ['203.0.113.7', 'box.dev', '10.0.0.5']) expect(isPlaceholderAddress(host)).toBe(false);
  });
});
