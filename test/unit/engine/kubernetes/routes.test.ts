import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { apr1 } from '../../../../src/engine/kubernetes/htpasswd';
import { render } from '../../../../src/engine/kubernetes/render';
import { defaultDestination } from '../../../../src/model/destination';
import type { KubernetesDestination } from '../../../../src/model/destination';
import type { Manifest } from '../../../../src/model/manifest';
import type { Rendering } from '../../../../src/model/rendering';
import type { Route } from '../../../../src/model/stack';
import { container, origin, stack } from './stacks';

const route = (more: Partial<Route>): Route => ({ scheme: 'https', host: 'shop.example.com', path: '/', port: 3000, forceHttps: true, stripPrefix: true, gzip: true, redirect: 'both', noindex: false, origin, ...more });
const routed = (routes: Route[], destination: Partial<KubernetesDestination>, more = {}): Rendering => render(stack([container('web', { routes, ...more })]), { ...defaultDestination, ...destination }, new Map());
const of = (rendering: Rendering, kind: string): Manifest[] => rendering.manifests.filter((manifest) => manifest.kind === kind);
const text = (value: unknown): string => JSON.stringify(value);
const certified: Partial<KubernetesDestination> = { tls: { kind: 'cert-manager', issuer: 'letsencrypt' } };

describe('routes for Traefik', () => {
  const traefik: Partial<KubernetesDestination> = { ingress: { kind: 'traefik' }, ...certified };
  it('has a middleware for each thing that Coolify\'s labels do, in their order', () => {
    const rendering = routed([route({ path: '/admin', noindex: true, basicAuth: { username: 'admin', password: 's3cret-password', hash: 'admin:$2y$10$abc' } })], traefik);
    expect(of(rendering, 'Middleware').map(({ metadata, spec }) => [metadata.name.replace(/-[0-9a-f]{6}$/, ''), spec])).toEqual([
      ['web-https', { redirectScheme: { scheme: 'https' } }], ['web-strip', { stripPrefix: { prefixes: ['/admin'] } }], ['web-gzip', { compress: {} }],
      ['web-auth', { basicAuth: { secret: expect.stringMatching(/^web-auth-/) as string } }], ['web-noindex', { headers: { customResponseHeaders: { 'X-Robots-Tag': 'noindex, nofollow' } } }],
    ]);
    const [ingress] = of(rendering, 'Ingress');
    expect(ingress?.metadata.annotations?.['traefik.ingress.kubernetes.io/router.middlewares']?.split(',').map((name) => /-web-([a-z]+)/.exec(name)?.[1])).toEqual(['https', 'strip', 'gzip', 'auth', 'noindex']);
    const secret = of(rendering, 'Secret').find(({ metadata }) => metadata.name.startsWith('web-auth'));
    expect(Buffer.from(String((secret?.['data'] as Record<string, string>)['users']), 'base64').toString()).toBe('admin:$2y$10$abc');
    expect(text(rendering.manifests)).not.toContain('s3cret-password');
  });
  it('redirects to www only what has none, and back', () => {
    const rendering = routed([route({ host: 'a.example.com', redirect: 'www' }), route({ host: 'www.a.example.com', redirect: 'www' })], traefik);
    expect(of(rendering, 'Middleware').filter(({ spec }) => text(spec).includes('redirectRegex'))).toHaveLength(1);
    expect(of(rendering, 'Ingress').map(({ spec }) => [text(spec).includes('"host":"a.example.com"'), text(spec).includes('"host":"www.a.example.com"')])).toEqual([[true, false], [false, true]]);
  });
  it('carries the user\'s own middlewares, chains and their passwords', () => {
    const middlewares = { limit: { rateLimit: { average: 10 } }, both: { chain: { middlewares: ['limit', 'login'] } }, login: { basicAuth: { users: ['a:$apr1$x$y'] } } };
    const rendering = routed([route({ middlewares: ['both'] })], traefik, { middlewares });
    const [ingress] = of(rendering, 'Ingress');
    expect(ingress?.metadata.annotations?.['traefik.ingress.kubernetes.io/router.middlewares']).toMatch(/-web-own-both@kubernetescrd$/);
    expect(text(of(rendering, 'Middleware'))).toContain('{"chain":{"middlewares":[{"name":"web-own-limit"},{"name":"web-own-login"}]}}');
    expect(text(of(rendering, 'Middleware'))).not.toContain('$apr1$');
  });
  it('binds what answers over one scheme alone to its entry point, and keeps paths that end there and priorities', () => {
    const prefix = 'traefik.ingress.kubernetes.io/router';
    const annotations = (more: Partial<Route>): unknown => of(routed([route({ gzip: false, forceHttps: false, ...more })], traefik), 'Ingress')[0]?.metadata.annotations;
    expect(annotations({ scheme: 'http' })).toEqual({ [`${prefix}.entrypoints`]: 'web' });
    expect(annotations({})).not.toHaveProperty([`${prefix}.entrypoints`]);
    expect(annotations({ httpsOnly: true })).toMatchObject({ [`${prefix}.entrypoints`]: 'websecure', [`${prefix}.tls`]: 'true' });
    expect(annotations({ priority: 7 })).toMatchObject({ [`${prefix}.priority`]: '7' });
    expect(text(of(routed([route({ path: '/x', exact: true })], traefik), 'Ingress'))).toContain('"path":"/x","pathType":"Exact"');
    const twins = [route({ scheme: 'http', middlewares: ['moved'] }), route({ httpsOnly: true, forceHttps: false })];
    const middlewares = { moved: { redirectScheme: { scheme: 'https', permanent: true } } };
    expect(of(routed(twins, traefik, { middlewares }), 'Ingress')).toHaveLength(2);
    expect(text(of(routed(twins, { ...certified, ingress: { kind: 'ingress', className: 'nginx' } }, { middlewares }), 'Ingress'))).toContain('"nginx.ingress.kubernetes.io/force-ssl-redirect":"true"');
  });
  it('has rules for a host name with an underscore, which no Ingress may have, one for each scheme', () => {
    const rendering = routed([route({ host: 'a_b.example.com', path: '/x' })], traefik);
    expect(of(rendering, 'Ingress')).toEqual([]);
    const rules = of(rendering, 'IngressRoute').map(({ spec }) => spec as { entryPoints: string[]; routes: { match: string; middlewares: { name: string }[] }[] });
    expect(rules.map(({ entryPoints, routes }) => [entryPoints[0], routes[0]?.match, routes[0]?.middlewares[0]?.name])).toEqual([['web', 'Host(`a_b.example.com`) && PathPrefix(`/x`)', 'web-https'], ['websecure', 'Host(`a_b.example.com`) && PathPrefix(`/x`)', 'web-https']]);
    expect(routed([route({ host: 'a_b.example.com' })], { ingress: { kind: 'ingress' } }).findings.some(({ code, decision }) => code === 'CK2004' && decision === 'refused')).toBe(true);
  });
  it('keeps a rule that is more than hosts and a path in an IngressRoute, and refuses it elsewhere', () => {
    const rule = route({ host: '', rule: 'HostRegexp(`.+`) && Headers(`X-A`, `1`)' });
    expect(of(routed([rule], traefik), 'IngressRoute')[0]?.['spec']).toMatchObject({ routes: [{ kind: 'Rule', match: rule.rule, services: [{ name: 'web', port: 3000 }] }] });
    expect(routed([rule], { ingress: { kind: 'ingress' } }).findings.some(({ code, decision }) => code === 'CK2004' && decision === 'refused')).toBe(true);
  });
});

describe('routes for ingress-nginx', () => {
  const nginx: Partial<KubernetesDestination> = { ingress: { kind: 'ingress', className: 'nginx' }, ...certified };
  it('says with annotations what it can, and finds the rest', () => {
    const rendering = routed([route({ path: '/v1.0', noindex: true, basicAuth: { username: 'admin', password: 'pw' } })], nginx);
    const [ingress] = of(rendering, 'Ingress');
    expect(ingress?.metadata.annotations).toMatchObject({
      'cert-manager.io/cluster-issuer': 'letsencrypt', 'nginx.ingress.kubernetes.io/force-ssl-redirect': 'true', 'nginx.ingress.kubernetes.io/use-regex': 'true', 'nginx.ingress.kubernetes.io/rewrite-target': '/$2', 'nginx.ingress.kubernetes.io/auth-type': 'basic',
    });
    expect(text(ingress?.['spec'])).toContain('"path":"/v1\\\\.0(/|$)(.*)","pathType":"ImplementationSpecific"');
    expect(rendering.findings.filter(({ code }) => code === 'CK2004').map(({ message }) => message)).toEqual([expect.stringContaining('without a slash'), expect.stringContaining('noindex'), expect.stringContaining('compresses')]);
  });
  it('redirects between hosts, and does not force what Coolify does not', () => {
    const rendering = routed([route({ host: 'a.example.com', redirect: 'www', forceHttps: false }), route({ host: 'plain.example.com', scheme: 'http' })], nginx);
    expect(of(rendering, 'Ingress').map(({ metadata }) => metadata.annotations ?? {})).toEqual([
      { 'cert-manager.io/cluster-issuer': 'letsencrypt', 'nginx.ingress.kubernetes.io/ssl-redirect': 'false', 'nginx.ingress.kubernetes.io/temporal-redirect': 'https://www.a.example.com$request_uri' }, {},
    ]);
  });
});

describe('routes by the Gateway API', () => {
  const gateway: Partial<KubernetesDestination> = { ingress: { kind: 'gateway', className: 'edge' }, ...certified };
  it('has a listener for each host and scheme, and a redirect on the http one alone', () => {
    const rendering = routed([route({ path: '/app' }), route({ host: 'plain.example.com', scheme: 'http' })], gateway);
    const listeners = (of(rendering, 'Gateway')[0]?.['spec'] as { listeners: { protocol: string; hostname: string }[] }).listeners;
    expect(listeners.map(({ protocol, hostname }) => `${protocol} ${hostname}`)).toEqual(['HTTP shop.example.com', 'HTTP plain.example.com', 'HTTPS shop.example.com']);
    const rules = of(rendering, 'HTTPRoute').map(({ spec }) => text(spec));
    expect(rules[0]).toContain('"replacePrefixMatch":"/"');
    expect(rules[1]).toMatch(/"RequestRedirect","requestRedirect":\{"scheme":"https","statusCode":302\}/);
    expect(rules[1]).not.toContain('backendRefs');
    expect(rules[2]).toContain('"backendRefs":[{"name":"web","port":3000}]');
  });
  it('attaches to a Gateway that is there', () => {
    const rendering = routed([route({})], { ...gateway, ingress: { kind: 'gateway', gateway: { name: 'edge', namespace: 'infra' } } });
    expect(of(rendering, 'Gateway')).toEqual([]);
    expect(text(of(rendering, 'HTTPRoute')[0]?.['spec'])).toContain('"parentRefs":[{"name":"edge","namespace":"infra","sectionName":"https"}]');
  });
  it('refuses what it cannot say', () => {
    const findings = routed([route({ basicAuth: { username: 'a', password: 'b' }, middlewares: ['rl'] })], gateway).findings.filter(({ code, decision }) => code === 'CK2004' && decision === 'refused');
    expect(findings).toHaveLength(2);
  });
});

it('tells each thing that a plain Ingress cannot say, and nothing of it is in the object', () => {
  const rendering = routed([route({ path: '/a', redirect: 'www', noindex: true, basicAuth: { username: 'a', password: 'b' } })], { ingress: { kind: 'ingress' }, ...certified });
  expect(rendering.findings.filter(({ code }) => code === 'CK2004').map(({ decision }) => decision).sort()).toEqual([...Array<string>(6).fill('approximated'), 'refused']);
  expect(Object.keys(of(rendering, 'Ingress')[0]?.metadata.annotations ?? {})).toEqual(['cert-manager.io/cluster-issuer']);
});

it('says where a certificate that is there has to be', () => {
  const told = (namespace?: string): number => routed([route({}), route({ host: 'b.example.com' })], { ingress: { kind: 'ingress' }, tls: { kind: 'secret', secretName: 'own' }, ...(namespace === undefined ? {} : { namespace }) }).findings.filter(({ message }) => message.includes('"own"')).length;
  expect([told(), told('fixed')]).toEqual([1, 0]);
});

it('asks for a certificate of the hosts in a rule, since nobody else does', () => {
  const rule = route({ host: '', rule: 'Host(`b.example.com`) && Headers(`X-A`, `1`) || Host(`a_b.example.com`)' });
  const rendering = routed([rule], { ingress: { kind: 'traefik' }, ...certified });
  const [certificate] = of(rendering, 'Certificate');
  expect(certificate?.['spec']).toMatchObject({ dnsNames: ['b.example.com'], issuerRef: { name: 'letsencrypt' } });
  expect(text(of(rendering, 'IngressRoute')[0]?.['spec'])).toContain(text({ secretName: certificate?.metadata.name }));
  const without = routed([route({ host: '', rule: 'HostRegexp(`.+`)' })], { ingress: { kind: 'traefik' }, ...certified });
  expect(of(without, 'Certificate')).toEqual([]);
  expect(without.findings.some(({ code, message }) => code === 'CK2004' && message.startsWith('No certificate'))).toBe(true);
});

it('makes password lines that OpenSSL makes too', (context) => {
  for (const [password, salt] of [['secret', 'abcdefgh'], ['', 'x'], ['päss wörd with more than sixteen bytes', '01234567']] as const) {
    let expected: string;
    try { expected = execFileSync('openssl', ['passwd', '-apr1', '-salt', salt, '-stdin'], { input: `${password}\n`, encoding: 'utf8' }).trim(); } catch { context.skip('skipped, because openssl is not installed'); return; }
    expect(apr1(password, salt)).toBe(expected);
  }
});
