import { describe, expect, it } from 'vitest';
import { defaultDestination } from '../../../src/model/destination';
import { mergeDestinations, parseAddress, parseDestinations, parseInstances } from '../../../src/ui/host/parseSettings';

describe('an address', () => {
  it.each([
    ['coolify.example.com', 'https://coolify.example.com'],
    [' https://Coolify.Example.com/project/abc ', 'https://coolify.example.com'],
    ['http://10.0.0.5:8000/api/v1', 'http://10.0.0.5:8000'],
    ['https://coolify.example.com:443', 'https://coolify.example.com'],
  ])('%s', (typed, origin) => { expect(parseAddress(typed)).toMatchObject({ kind: 'ok', origin }); });
  it.each([['', 'empty'], ['https://', 'notUrl'], ['ftp://x', 'notHttp'], ['https://me:secret@x', 'credentials'], ['two words', 'notUrl']])('refuses %j', (typed, reason) => {
    expect(parseAddress(typed)).toEqual({ kind: 'bad', reason });
  });
  it('warns of plain http except at home', () => {
    expect(parseAddress('http://coolify.lan')).toMatchObject({ plain: true });
    expect(parseAddress('http://127.0.0.1:8000')).toMatchObject({ plain: false });
  });
});

describe('settings of any shape', () => {
  it.each([undefined, null, 7, 'x', {}, [null, 1, 'x', {}, { url: 5 }, { url: 'ftp://x' }]])('%j', (value) => {
    expect(parseInstances(value)).toEqual([]);
    expect(parseDestinations(value)).toEqual([]);
  });
  it('keeps the first of two entries with one origin', () => {
    expect(parseInstances([{ name: 'A', url: 'https://a.example' }, { name: 'B', url: 'https://a.example/' }])).toEqual([{ id: 'https://a.example', name: 'A', url: 'https://a.example', origin: 'https://a.example' }]);
  });
  it('fills a bare destination with the defaults', () => {
    expect(parseDestinations([{ id: 'preview', name: 'Preview' }])).toEqual([defaultDestination]);
    expect(parseDestinations([{ id: 'k', applyWith: 'nonsense', ssh: { host: 'h' }, tls: { kind: 'cert-manager', issuer: 'le' } }])).toMatchObject([{ name: 'k', applyWith: 'preview', ssh: { host: 'h', port: 22, user: 'root' }, tls: { kind: 'cert-manager', issuer: 'le' } }]);
  });
});

describe('destinations of a workspace', () => {
  const own = { ...defaultDestination, id: 'prod', applyWith: 'server' as const, ssh: { host: 'mine.example.com', port: 22, user: 'root' }, instance: 'https://coolify.example.com', server: 'uuid' };
  const hostile = { ...own, name: 'prod', ssh: { host: 'evil.example.net', port: 22, user: 'root', coolifyKey: true }, kubeconfigPath: '/tmp/evil', sudo: true, instance: 'https://evil.example.net', namespace: 'team' };
  it('set a policy, and never whom to connect to', () => {
    expect(mergeDestinations([own], [hostile])).toEqual([{ ...own, name: 'prod', namespace: 'team' }]);
  });
  it('are for previews when the user does not have them', () => {
    const [merged] = mergeDestinations([], [hostile]);
    expect(merged).toMatchObject({ applyWith: 'preview', namespace: 'team' });
    expect(merged).not.toHaveProperty('ssh');
    expect(merged).not.toHaveProperty('kubeconfigPath');
  });
});
