import { describe, expect, it } from 'vitest';
import { parseHop } from '../../../src/ssh/connectHost';

describe('a hop of ProxyJump', () => {
  it.each([
    ['bastion', { host: 'bastion' }], ['ann@bastion:2222', { host: 'bastion', user: 'ann', port: 2222 }], ['ssh://ann@bastion:22/', { host: 'bastion', user: 'ann', port: 22 }],
    ['[2001:db8::1]:22', { host: '2001:db8::1', port: 22 }], ['ann@[::1]', { host: '::1', user: 'ann' }],
  ])('%s is understood', (text, expected) => { expect(parseHop(text)).toEqual(expected); });

  it.each(['', '@host', 'host:0', 'host:99999', 'host:x', 'a b', '2001:db8::1', 'host:22:33', '-oProxyCommand=id x'])('"%s" is refused', (text) => {
    expect(() => parseHop(text)).toThrow(/no host/);
  });
});
