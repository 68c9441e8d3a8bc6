import { describe, expect, it } from 'vitest';
import { defaultDestination } from '../../../src/model/destination';
import { mergeDestinations, parseAddress, parseDestinations, parseInstances } from '../../../src/ui/host/parseSettings';

describe('an address', () => {
  it.each([
    ['coolify.example.com', 'https://coolify.example.com'],
    [' https://Coolify.Example.com/project/abc ', 'https://coolify.example.com'],
    ['http://10.0.0.5:8000/api/v1', 'http://10.0.0.5:8000'],
    ['https://coolify.example.com:443', 'https://coolify.example.com'],
    ['localhost:8000', 'https://localhost:8000'],
  ])('%s', (typed, origin) => { expect(parseAddress(typed)).toMatchObject({ kind: 'ok', origin }); });
  it.each([['', 'empty'], ['https://', 'notUrl'], ['ftp://x', 'notHttp'], ['https://me:secret@x', 'credentials'], ['two words', 'notUrl'], ['htp:/coolify', 'notUrl'], ['https:coolify', 'notUrl']])('refuses %j', (typed, reason) => {
    expect(parseAddress(typed)).toEqual({ kind: 'bad', reason });
  });
  it('warns of plain http except at home', () => {
    expect(parseAddress('http://coolify.lan')).toMatchObject({ plain: true });
    expect(parseAddress('http://127.0.0.1:8000')).toMatchObject({ plain: false });
  });
});

describe('settings of any shape', () => {
  it.each([undefined, null, []])('%j is nothing, and nothing wrong', (value) => {
    expect(parseInstances(value)).toEqual({ entries: [], faults: [] });
    expect(parseDestinations(value)).toEqual({ entries: [], faults: [] });
  });
  it.each([7, 'x', {}, [null], [1], ['x'], [{}], [{ url: 5, id: 5 }], [{ url: 'ftp://x', id: 'no spaces' }]])('%j gives no entry and says why', (value) => {
    for (const { entries, faults } of [parseInstances(value), parseDestinations(value)]) {
      expect(entries).toEqual([]);
      expect(faults).toMatchObject([{ leftOut: true }]);
    }
  });
  it('keeps the first of two entries with one origin, and says so', () => {
    const { entries, faults } = parseInstances([{ name: 'A', url: 'https://a.example' }, { name: 'B', url: 'https://a.example/' }, { url: 'https://b.example', token: 'x' }]);
    expect(entries).toMatchObject([{ id: 'https://a.example', name: 'A', url: 'https://a.example', origin: 'https://a.example' }, { name: 'b.example' }]);
    expect(faults).toEqual([{ entry: 'instances[1] "B"', message: 'https://a.example is there twice', leftOut: true }, { entry: 'instances[2]', message: 'there is no key "token"', leftOut: false }]);
  });
  it('fills a bare destination with the defaults', () => {
    expect(parseDestinations([{ id: 'preview', name: 'Preview' }])).toEqual({ entries: [defaultDestination], faults: [] });
    expect(parseDestinations([{ id: 'k', ssh: { host: 'h' }, tls: { kind: 'cert-manager', issuer: 'le' } }]).entries).toMatchObject([{ name: 'k', applyWith: 'preview', ssh: { host: 'h', port: 22, user: 'root' }, tls: { kind: 'cert-manager', issuer: 'le' } }]);
  });
  it('takes every part of a destination', () => {
    const all = {
      id: 'k', name: 'K', applyWith: 'server', instance: 'https://coolify.example.com', server: 'u', kubeconfigPath: '/etc/k', sudo: true, namespace: 'team', onFailure: 'goBack', ssh: { host: 'h', port: 2222, user: 'me', identityFile: '~/.ssh/k', coolifyKey: true },
      ingress: { kind: 'gateway', className: 'cilium', gateway: { name: 'edge', namespace: 'infra' } }, tls: { kind: 'secret', secretName: 'tls' }, storage: { sizeGi: 3, className: 'fast', sharedClassName: 'nfs' },
      registry: { host: 'registry.example.com:5000/team', pullSecret: 'pull' }, scale: { autoscale: { minimum: 2, maximum: 4, cpuPercent: 70, memoryPercent: 80 }, disruptionBudget: true, nodeSelector: { zone: 'eu' } },
    };
    expect(parseDestinations([all])).toEqual({ entries: [{ kind: 'kubernetes', ...all }], faults: [] });
  });
  it.each([
    [{ applyWith: 'nonsense' }, 'applyWith must be one of server, kubeconfig, preview'],
    [{ ssh: { host: 'root@h' } }, 'ssh.host is "root@h": a host alone, without user, port or path'],
    [{ ssh: { port: 22 } }, 'ssh.host is missing'],
    [{ ssh: { host: 'h', port: 70000 } }, 'ssh.port must be at most 65535'],
    [{ ssh: { host: 'h', port: '22' } }, 'ssh.port must be a whole number'],
    [{ ssh: 'root@h' }, 'ssh must be a mapping'],
    [{ sudo: 'yes' }, 'sudo must be true or false'],
    [{ namespace: 'Team' }, 'namespace is "Team": lower-case letters'],
    [{ ingress: { kind: 'haproxy' } }, 'ingress.kind must be one of'],
    [{ ingress: { kind: 'gateway', gateway: {} } }, 'ingress.gateway.name is missing'],
    [{ tls: { kind: 'cert-manager' } }, 'tls.issuer is missing'],
    [{ tls: { kind: 'secret' } }, 'tls.secretName is missing'],
    [{ storage: { sizeGi: 0 } }, 'storage.sizeGi must be at least 1'],
    [{ storage: { sizeGi: 1.5 } }, 'storage.sizeGi must be a whole number'],
    [{ registry: { host: 'https://r.example.com' } }, 'registry.host is "https://r.example.com": host, port and path only'],
    [{ registry: {} }, 'registry.host is missing'],
    [{ scale: { autoscale: { minimum: 3, maximum: 2 } } }, 'scale.autoscale.maximum must be at least its minimum'],
    [{ scale: { nodeSelector: { zone: 1 } } }, 'scale.nodeSelector.zone must be text'],
  ])('a destination with %j is left out, and the fault is named', (part, message) => {
    const { entries, faults } = parseDestinations([{ id: 'good' }, { id: 'k', name: 'K', ...part }]);
    expect(entries.map(({ id }) => id)).toEqual(['good']);
    expect(faults).toMatchObject([{ entry: 'destinations[1] "K"', message: expect.stringContaining(message), leftOut: true }]);
  });
  it('uses a destination with a key that nobody reads, and says so', () => {
    const { entries, faults } = parseDestinations([{ id: 'k', tls: { kind: 'none', isuer: 'le' } }, { id: 'k' }]);
    expect(entries).toHaveLength(1);
    expect(faults).toEqual([{ entry: 'destinations[0] "k"', message: 'there is no key "tls.isuer"', leftOut: false }, { entry: 'destinations[1] "k"', message: 'the id "k" is there twice', leftOut: true }]);
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
