import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterProbe, ServerProbe } from '../../../src/model/probe';
import { defaultsFrom, noClusterAdvice } from '../../../src/run/destinationDefaults';
import { parseProbe } from '../../../src/run/probeParse';
import { sections } from '../../../src/run/probeSections';

const asked = { before: 1_700_000_000_000, after: 1_700_000_002_500 };
const framed = (parts: Record<string, string>, nonce = 'n0nce') => `noise of a profile${Object.entries(parts).map(([name, text]) => `\n${nonce} ${name}\n${text}`).join('')}\n${nonce} end\n`;
const probeOf = (parts: Record<string, string>): ServerProbe => parseProbe(sections(framed(parts), 'n0nce'), asked);

describe('the framing of answers', () => {
  it('returns every text as it was sent, whatever it holds', () => {
    const name = fc.stringMatching(/^[a-z][a-z.0-9]{0,12}$/).filter((text) => text !== 'end');
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', '\n\n', '', 'n0nce', '\nother end\n', 'a\n'));
    fc.assert(fc.property(fc.dictionary(name, text, { noNullPrototype: true }), (parts) => {
      fc.pre(Object.values(parts).every((one) => !one.includes('\nn0nce ')));
      const found = sections(framed(parts), 'n0nce');
      expect(found.has('end')).toBe(true);
      for (const [key, value] of Object.entries(parts)) expect(found.get(key)).toBe(value);
    }));
  });

  it('shows a cut answer by its missing end', () => {
    const whole = framed({ a: 'b' });
    for (let length = 0; length < whole.length; length++) expect(sections(whole.slice(0, length), 'n0nce').has('end')).toBe(false);
  });
});

describe('the parser of probes', () => {
  it('takes any garbage for any section without failing', () => {
    const names = ['system', 'clock', 'docker', 'docker.code', 'containers', 'kubectl', 'config.1.path', 'config.1.state', 'config.1.apis', 'config.1.apis.code', 'chosen', 'sockets', 'proc', 'disk.home',
      'release', 'memory', 'cluster.ingressclasses', 'cluster.ingressclasses.code', 'cluster.gateways', 'cluster.gateways.code', 'tool.git', 'version.git', 'version.git.code'];
    const json = fc.json().map((text) => `{"items":[${text}],"groups":[${text}]}`);
    const text = fc.oneof(fc.string(), fc.json(), json, fc.constantFrom('0', '0\n', 'readable', '{"items":[{"metadata":null,"spec":[]}]}'));
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...names), text), (parts) => {
      const probe = parseProbe(new Map(Object.entries(parts)), asked);
      expect(JSON.parse(JSON.stringify(probe))).toEqual(probe);
      noClusterAdvice(probe);
      defaultsFrom(probe);
    }), { numRuns: 500 });
  });

  it('counts as skew only what the time of the answer does not explain', () => {
    const skew = (clock: number) => probeOf({ clock: `${clock}\n` }).clockSkewSeconds;
    expect([1_699_999_999, 1_700_000_000, 1_700_000_002, 1_700_000_003, 1_700_000_062].map(skew)).toEqual([-1, 0, 0, 1, 60]);
  });

  it('reads who holds the ports from ss, from /proc and from Docker', () => {
    const ss = ['State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process', 'LISTEN 0      4096         0.0.0.0:80        0.0.0.0:*    users:(("docker-proxy",pid=9,fd=4))',
      'LISTEN 0      4096            [::]:443          [::]:*', 'LISTEN 0 128 127.0.0.1:8080 0.0.0.0:* users:(("x",pid=1,fd=1))'].join('\n');
    const containers = '["coolify-proxy","0.0.0.0:80->80/tcp, :::80->80/tcp, 0.0.0.0:440-445->440-445/tcp"]\n["app","3000/tcp"]\n';
    expect(probeOf({ sockets: ss, containers }).ports).toEqual([{ port: 80, process: 'docker-proxy', container: 'coolify-proxy' }, { port: 443, container: 'coolify-proxy' }]);
    expect(probeOf({ sockets: ss }).ports).toEqual([{ port: 80, process: 'docker-proxy' }, { port: 443 }]);
    const proc = '   0: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n   1: 0100007F:1F90 00000000:0000 0A 0\n';
    expect(probeOf({ proc }).ports).toEqual([{ port: 443 }]);
  });

  it('reads disks whose names hold spaces, and the system', () => {
    const probe = probeOf({
      'disk.docker': '/var/lib/docker\n//nas/my share 2000 500 1500 25% /mnt/my disk\n', system: 'deploy\n1000\n6.1.0\naarch64\n',
      release: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', memory: 'MemTotal:        2048 kB\n', 'tool.sudo': '/usr/bin/sudo', 'tool.git': 'alias git=x',
    });
    expect(probe.disks).toEqual([{ purpose: 'docker', path: '/var/lib/docker', mountPoint: '/mnt/my disk', sizeBytes: 2_048_000, freeBytes: 1_536_000 }]);
    expect(probe.system).toEqual({ os: 'Debian GNU/Linux 12 (bookworm)', osId: 'debian', kernel: '6.1.0', architecture: 'arm64', user: 'deploy', root: false, memoryBytes: 2_097_152 });
    expect(probe).toMatchObject({ sudo: 'untried', tools: { sudo: { path: '/usr/bin/sudo' } } });
    expect(probe.tools.git).toBeUndefined();
  });
});

const cluster = (more: Partial<ClusterProbe> = {}): ClusterProbe => ({
  kubeconfigPath: '/etc/rancher/k3s/k3s.yaml', sudo: true, apiGroups: ['apps', 'traefik.io'], ingressClasses: [], storageClasses: [], clusterIssuers: [], gateways: [], loadBalancers: [], unread: [], ...more,
});
const withCluster = (more: Partial<ClusterProbe>) => defaultsFrom({ ...probeOf({}), kubectl: { argv: ['/usr/bin/kubectl'] }, cluster: cluster(more) });

describe('what a probe proposes', () => {
  it.each<[string, Partial<ClusterProbe>, object]>([
    ['k3s', { ingressClasses: [{ name: 'traefik', controller: 'traefik.io/ingress-controller', isDefault: true }] }, { ingress: { kind: 'traefik', className: 'traefik' }, sudo: true }],
    ['Traefik without its own resources', { apiGroups: [], ingressClasses: [{ name: 't', controller: 'traefik.io/ingress-controller', isDefault: false }] }, { ingress: { kind: 'ingress', className: 't' } }],
    ['a default beside Traefik', { ingressClasses: [{ name: 't', controller: 'traefik.io/ingress-controller', isDefault: false }, { name: 'n', controller: 'k8s.io/ingress-nginx', isDefault: true }] }, { ingress: { kind: 'ingress', className: 'n' } }],
    ['no way in', {}, { ingress: { kind: 'none' }, tls: { kind: 'none' } }],
    ['a Gateway', { gateways: [{ namespace: 'g', name: 'g', className: 'cilium', listeners: [] }] }, { ingress: { kind: 'gateway', className: 'cilium' } }],
    ['a Gateway with both listeners', { gateways: [{ namespace: 'infra', name: 'edge', className: 'cilium', listeners: ['http', 'https'].map((name) => ({ name, port: 80, protocol: 'HTTP' })) }] }, { ingress: { kind: 'gateway', className: 'cilium', gateway: { name: 'edge', namespace: 'infra' } } }],
    ['issuers', { clusterIssuers: [{ name: 'selfsigned', ready: true }, { name: 'letsencrypt-staging', ready: true }, { name: 'broken-prod', ready: false }, { name: 'letsencrypt', ready: true }] }, { tls: { kind: 'cert-manager', issuer: 'letsencrypt' } }],
    ['storage', { storageClasses: [{ name: 'a', provisioner: 'rancher.io/local-path', isDefault: false }, { name: 'b', provisioner: 'nfs.csi.k8s.io', isDefault: true }] }, { storage: { sizeGi: 10, className: 'b', sharedClassName: 'b' } }],
    ['storage without a default', { storageClasses: [{ name: 'a', provisioner: 'x', isDefault: false }, { name: 'b', provisioner: 'y', isDefault: false }] }, { storage: { sizeGi: 10 } }],
  ])('for %s', (_name, more, expected) => {
    expect(withCluster(more)).toMatchObject({ applyWith: 'server', ...expected });
  });

  it('leaves the ports of Coolify\'s proxy alone when it advises k3s', () => {
    const containers = '["coolify-proxy","0.0.0.0:80->80/tcp, 0.0.0.0:443->443/tcp"]';
    expect(noClusterAdvice(probeOf({ containers }))).toEqual([expect.objectContaining({ sentence: expect.stringContaining('coolify-proxy'), command: expect.stringContaining("--disable traefik,servicelb' sh -") })]);
    expect(noClusterAdvice(probeOf({}))[0]?.command).toBe('curl -sfL https://get.k3s.io | sh -');
  });

  it('advises about a kubeconfig that only root can read', () => {
    const parts = { 'config.1.path': "/etc/it's", 'config.1.source': 'setting', 'config.1.state': 'unreadable', system: 'deploy\n1000\n', 'tool.sudo': '/usr/bin/sudo' };
    const advice = noClusterAdvice(probeOf(parts));
    expect(advice[0]?.sentence).toContain('allow sudo');
    expect(advice[1]?.command).toContain("'/etc/it'\\''s'");
    expect(noClusterAdvice(probeOf({ ...parts, 'sudo.code': '1\n' }))[0]?.sentence).toContain('asks deploy for a password');
  });

  it('advises about a kubeconfig that does not work', () => {
    const parts = { 'config.1.path': '/k', 'config.1.source': 'k3s', 'config.1.state': 'readable', kubectl: '/usr/bin/kubectl\n', 'config.1.apis.code': '1', 'config.1.apis.err': 'W warning\nThe connection to the server was refused\n' };
    expect(noClusterAdvice(probeOf(parts))).toEqual([{ sentence: '/k is there, but does not work: The connection to the server was refused.' }]);
  });
});
