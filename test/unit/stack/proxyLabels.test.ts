import { describe, expect, it } from 'vitest';
import { defaultDestination } from '../../../src/model/destination';
import type { Route } from '../../../src/model/stack';
import { FindingList } from '../../../src/stack/findings';
import { customRouting, decodeLabels } from '../../../src/stack/proxyLabels';
import { hostsAndPath } from '../../../src/stack/traefikLabels';
import { translateCompose } from '../../../src/translate';

const domain: Route = { scheme: 'https', host: 'shop.example.com', path: '/', port: 80, forceHttps: true, stripPrefix: true, gzip: true, redirect: 'both', noindex: false, origin: { source: 'application', path: 'fqdn.0' } };
/** What Coolify generates for the domain above. */
const generated = [
  'traefik.enable=true', 'traefik.http.middlewares.gzip.compress=true', 'traefik.http.middlewares.redirect-to-https.redirectscheme.scheme=https',
  'traefik.http.routers.http-0-u.entryPoints=http', 'traefik.http.routers.http-0-u.middlewares=redirect-to-https', 'traefik.http.routers.http-0-u.rule=Host(`shop.example.com`) && PathPrefix(`/`)', 'traefik.http.routers.http-0-u.service=http-0-u',
  'traefik.http.routers.https-0-u.entryPoints=https', 'traefik.http.routers.https-0-u.middlewares=gzip', 'traefik.http.routers.https-0-u.rule=Host(`shop.example.com`) && PathPrefix(`/`)', 'traefik.http.routers.https-0-u.service=https-0-u', 'traefik.http.routers.https-0-u.tls=true',
  'traefik.http.services.http-0-u.loadbalancer.server.port=80', 'traefik.http.services.https-0-u.loadbalancer.server.port=80', 'caddy_0=https://shop.example.com',
];
const routing = (labels: string[], routes = [domain], proxy: 'TRAEFIK' | 'CADDY' = 'TRAEFIK') => { const findings = new FindingList('application'); return { ...customRouting(labels, routes, findings, 'custom_labels', proxy), findings: findings.all }; };

describe('proxy labels', () => {
  it('are read as base64, as lines, and as the comma list of old', () => {
    expect(decodeLabels(Buffer.from(generated.join('\n')).toString('base64'))).toEqual(generated);
    expect(decodeLabels(`${generated.join('\n')}\ncoolify.managed=true\n`)).toEqual(generated);
    expect(decodeLabels('traefik.enable=true,traefik.http.routers.a.middlewares=x,y,caddy_0=https://a')).toEqual(['traefik.enable=true', 'traefik.http.routers.a.middlewares=x,y', 'caddy_0=https://a']);
    expect(decodeLabels(undefined)).toEqual([]);
  });
  it('change nothing when they say what the domains say', () => {
    expect(routing(generated)).toMatchObject({ routes: [domain], middlewares: {}, findings: [] });
  });
  it('win where they differ, with the user\'s middlewares', () => {
    const edited = [...generated.filter((label) => !label.includes('https-0-u.middlewares')), 'traefik.http.routers.https-0-u.middlewares=gzip,rl@docker,gone@file', 'traefik.http.middlewares.rl.ratelimit.average=100', 'traefik.http.middlewares.rl.ratelimit.burst=50', 'my.label=$x'];
    const { routes, middlewares, labels, findings } = routing(edited);
    expect(routes).toMatchObject([{ scheme: 'https', host: 'shop.example.com', port: 80, forceHttps: true, gzip: true, middlewares: ['rl', 'gone@file'] }]);
    expect(middlewares).toEqual({ rl: { rateLimit: { average: 100, burst: 50 } } });
    expect(labels).toEqual({ 'my.label': '$x' });
    expect(findings.map(({ decision, origin }) => `${decision} ${origin.path}`).sort()).toEqual(['inferred custom_labels', 'refused custom_labels.gone@file']);
  });
  it('that give http and https their own routers are two routes, and a place without the one answers over the other alone', () => {
    const router = (name: string, entry: 'http' | 'https', ...more: string[]): string[] => [`rule=Host(\`a.example.com\`)`, `entryPoints=${entry}`, 'service=s', ...(entry === 'https' ? ['tls=true'] : []), ...more].map((option) => `traefik.http.routers.${name}.${option}`);
    const of = (...labels: string[]) => routing([...labels, 'traefik.http.services.s.loadbalancer.server.port=80', 'traefik.http.middlewares.moved.redirectscheme.scheme=https', 'traefik.http.middlewares.moved.redirectscheme.permanent=true'], []).routes.map(({ scheme, httpsOnly, forceHttps, middlewares }) => [scheme, httpsOnly === true, forceHttps, middlewares?.join()]);
    expect(of(...router('s', 'https'))).toEqual([['https', true, false, undefined]]);
    expect(of(...router('p', 'http'))).toEqual([['http', false, false, undefined]]);
    expect(of(...router('p', 'http'), ...router('s', 'https'))).toEqual([['https', false, false, undefined]]);
    expect(of(...router('p', 'http', 'middlewares=redirect-to-https'), ...router('s', 'https'))).toEqual([['https', false, true, undefined]]);
    expect(of(...router('p', 'http', 'middlewares=moved'), ...router('s', 'https'))).toEqual([['http', false, false, 'moved'], ['https', true, false, undefined]]);
  });
  it('bring what a chain holds', () => {
    const { middlewares } = routing(['traefik.http.routers.r.rule=Host(`a.example.com`)', 'traefik.http.routers.r.middlewares=both', 'traefik.http.middlewares.both.chain.middlewares=one@docker,two', 'traefik.http.middlewares.one.compress=true', 'traefik.http.middlewares.two.addprefix.prefix=/x'], []);
    expect(Object.keys(middlewares)).toEqual(['both', 'one', 'two']);
  });
  it('of Caddy count where Caddy is the proxy', () => {
    const caddy = ['caddy_0=http://a.example.com, https://a.example.com', 'caddy_0.handle=/sub*', 'caddy_0.handle.0_reverse_proxy={{upstreams 8080}}', 'caddy_0.encode=zstd gzip', 'caddy_0.basicauth.admin="$2y$10$abc"', 'caddy_0.header=-Server', 'caddy_0.rate_limit=1'];
    const { routes, findings } = routing(caddy, [], 'CADDY');
    expect(routes).toMatchObject([{ scheme: 'https', host: 'a.example.com', path: '/sub', port: 8080, stripPrefix: false, forceHttps: false, gzip: true, basicAuth: { username: 'admin', hash: 'admin:$2y$10$abc' } }]);
    expect(findings.map(({ origin }) => origin.path)).toContain('custom_labels.caddy_0.rate_limit');
  });
  it('know rules of hosts and a path only', () => {
    expect(hostsAndPath('Host(`a`, `b`) && PathPrefix(`/x`)')).toEqual([{ hosts: ['a', 'b'], path: '/x' }]);
    expect(hostsAndPath('Host(`a`) && Path(`/x`)')).toEqual([{ hosts: ['a'], path: '/x', exact: true }]);
    expect(hostsAndPath('Host(`a`) || Host(`b`)')).toEqual([{ hosts: ['a'], path: '/' }, { hosts: ['b'], path: '/' }]);
    expect(hostsAndPath('(Host(`a`) || Host(`b`)) && PathPrefix(`/x`)')).toEqual([{ hosts: ['a'], path: '/x' }, { hosts: ['b'], path: '/x' }]);
    for (const rule of ['HostRegexp(`.*`)', 'Host(`a`) && Headers(`X`, `1`)', 'PathPrefix(`/x`)', 'Host(`a`) && !PathPrefix(`/x`)']) expect(hostsAndPath(rule)).toBeUndefined();
  });
  it('of a compose file are its routes', () => {
    const made = translateCompose('services:\n  web:\n    image: nginx\n    labels:\n      - traefik.enable=true\n      - traefik.http.routers.w.rule=Host(`w.example.com`)\n      - traefik.http.services.w.loadbalancer.server.port=8080\n', { name: 'x', source: 'x.yaml', seed: '1', destination: defaultDestination });
    if (!('rendering' in made)) throw new Error(made.message);
    expect(JSON.stringify(made.rendering.manifests.find(({ kind }) => kind === 'Ingress'))).toMatch(/"host":"w\.example\.com".*"number":8080/);
  });
});
