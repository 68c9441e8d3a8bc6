import { isObject } from '../text/json';
import type { JsonObject } from '../text/json';
import type { Container, Route } from '../model/stack';
import { readCaddyLabels } from './caddyLabels';
import type { FindingList } from './findings';
import { hostsAndPath, readTraefikLabels } from './traefikLabels';
import type { Router, TraefikLabels } from './traefikLabels';

/** `custom_labels`: base64 or plain text, lines or (older rows) a comma list. `coolify.*` is Coolify's own. */
export function decodeLabels(text: string | undefined): string[] {
  if (text === undefined) return [];
  const plain = /^[A-Za-z0-9+/\s]+={0,2}$/.test(text) && !/^(traefik|caddy)/.test(text) ? Buffer.from(text, 'base64').toString('utf8') : text;
  const lines = plain.includes('\n') ? plain.split(/\r?\n/) : plain.split(/,(?=(?:traefik|caddy|coolify)[._])/);
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('coolify.'));
}

export interface CustomRouting { routes: Route[]; middlewares: Record<string, JsonObject>; labels: Record<string, string> }

/**
 * What a container's own labels say about routing. Coolify writes them from the domains, and users edit them: where they differ, the
 * labels are what the proxy heeds. Labels that are no proxy's remain labels.
 */
export function customRouting(labels: readonly string[], routes: Route[], findings: FindingList, field: string, proxy: 'TRAEFIK' | 'CADDY' = 'TRAEFIK'): CustomRouting {
  const own = labels.filter((label) => !/^(traefik[._]|caddy|coolify)/i.test(label));
  const result: CustomRouting = { routes, middlewares: {}, labels: Object.fromEntries(own.map((label): [string, string] => [label.split('=')[0] ?? label, label.slice(label.indexOf('=') + 1)])) };
  const traefik = readTraefikLabels(labels.filter((label) => /^traefik[._]/i.test(label)));
  if (proxy === 'TRAEFIK' && traefik.routers.length > 0) return fromTraefik(traefik, result, findings, field);
  const caddy = readCaddyLabels(labels.filter((label) => label.startsWith('caddy')));
  const found = caddy.sites.flatMap((site) => site.urls.map((url): Route | undefined => {
    const match = /^(?:(https?):\/\/)?([^/:]+)/.exec(url);
    if (match?.[2] === undefined) return undefined;
    const same = routes.find((route) => route.host === match[2] && route.path === site.path);
    return {
      scheme: match[1] === 'http' ? 'http' : 'https', host: match[2], path: site.path, ...(site.port === undefined ? {} : { port: site.port }), forceHttps: site.urls.length === 1, stripPrefix: site.strip, gzip: site.gzip,
      redirect: same?.redirect ?? site.redirect, noindex: site.noindex, ...(site.basicAuth === undefined ? {} : { basicAuth: { username: site.basicAuth.username, password: same?.basicAuth?.password ?? '', hash: site.basicAuth.hash } }), origin: findings.origin([field, 'routes']),
    };
  })).filter((route) => route !== undefined);
  const distinct = found.filter((route) => route.scheme === 'https' || !found.some((other) => other.scheme === 'https' && other.host === route.host && other.path === route.path));
  if (distinct.length > 0 && !sameRoutes(distinct, routes)) { result.routes = distinct; told(findings, field); }
  for (const key of caddy.unknown) findings.add('domain', 'approximated', [field, key], `The label "${key}" is not carried over.`, { fix: 'Say the same with your ingress controller.' });
  return result;
}

function fromTraefik(traefik: TraefikLabels, result: CustomRouting, findings: FindingList, field: string): CustomRouting {
  const readings = traefik.routers.map((router) => ({ router, places: hostsAndPath(router.rule) }));
  for (const key of traefik.unknown) findings.add('domain', /^traefik\.(tcp|udp)\./i.test(key) ? 'refused' : 'approximated', [field, key], `The label "${key}" is not carried over.`, { fix: /^traefik\.(tcp|udp)\./i.test(key) ? 'Publish the port instead.' : 'Say the same with your ingress controller.' });
  const found = new Map<string, { http?: Route; https?: Route }>();
  for (const { router, places } of readings) {
    const scheme = isSecure(router) ? 'https' : 'http';
    const put = (key: string, route: Partial<Route>, known: readonly Route[]): void => {
      found.set(key, { ...found.get(key), [scheme]: { ...emptyRoute(findings, field), ...routerPart(router, traefik, known), ...route, scheme } });
    };
    if (places === undefined) put(router.rule, { rule: router.rule }, result.routes);
    for (const { hosts, ...place } of places ?? []) for (const host of hosts) put(`${host} ${place.path} ${String(place.exact)}`, { host, ...place }, result.routes.filter((route) => route.host === host));
  }
  const routes = [...found.values()].flatMap(joined);
  const extras = new Set(routes.flatMap((route) => route.middlewares ?? []));
  // What a chain holds is added while the set is walked.
  for (const name of extras) {
    for (const inner of chained(traefik.middlewares.get(name))) extras.add(inner);
    const spec = traefik.middlewares.get(name);
    if (spec !== undefined) result.middlewares[name] = spec;
    else findings.add('domain', 'refused', [field, name], `The middleware "${name}" is defined outside of these labels, where it cannot be read.`, { fix: 'Define it in the labels of this resource, or in the cluster.' });
  }
  if (extras.size === 0 && sameRoutes(routes, result.routes)) return { ...result, routes: result.routes.map((route) => withHash(route, routes)) };
  told(findings, field);
  return { ...result, routes };
}

function told(findings: FindingList, field: string): void {
  findings.add('domain', 'inferred', [field], 'The labels differ from the domains, and the proxy heeds the labels; so the routes are made from them.', { evidence: 'the container\'s own proxy labels' });
}

function emptyRoute(findings: FindingList, field: string): Route {
  return { scheme: 'http', host: '', path: '/', forceHttps: false, stripPrefix: false, gzip: false, redirect: 'both', noindex: false, origin: findings.origin([field, 'routes']) };
}

/** The names in a middleware that is a chain of others. */
function chained(spec: JsonObject | undefined): string[] {
  const chain = spec?.['chain'];
  return isObject(chain) && Array.isArray(chain['middlewares']) ? chain['middlewares'].map((name) => String(name).replace(/@docker$/, '')) : [];
}

function isSecure(router: Router): boolean {
  return router.tls || router.entryPoints.some((entry) => /^(https|websecure)$/.test(entry));
}

/** The routers of one place as a route that answers both ways, where they do the same or the one for http leads to the other; else as they are. */
function joined({ http, https }: { http?: Route; https?: Route }): Route[] {
  if (https === undefined) return http === undefined ? [] : [{ ...http, forceHttps: false }];
  if (http?.forceHttps === true) return [{ ...https, forceHttps: true }];
  const does = (route: Route): string => JSON.stringify({ ...route, scheme: '', forceHttps: false });
  if (http !== undefined && does(http) === does(https)) return [{ ...https, forceHttps: false }];
  return [...(http === undefined ? [] : [http]), { ...https, forceHttps: false, httpsOnly: true }];
}

/** What a router's middlewares do, in the words of a route; those that Coolify would not write are left as they are. */
function routerPart(router: Router, traefik: TraefikLabels, known: readonly Route[]): Pick<Route, 'forceHttps' | 'stripPrefix' | 'gzip' | 'redirect' | 'noindex'> & Partial<Pick<Route, 'basicAuth' | 'middlewares' | 'port' | 'priority'>> {
  const part: ReturnType<typeof routerPart> = { forceHttps: false, stripPrefix: false, gzip: false, redirect: 'both', noindex: false };
  const rest: string[] = [];
  for (const name of router.middlewares) {
    const spec = traefik.middlewares.get(name) ?? {};
    const users = JSON.stringify(spec['basicAuth'] ?? null);
    if (/^redirect-to-https$/.test(name)) part.forceHttps = true;
    else if (name.endsWith('-stripprefix')) part.stripPrefix = true;
    else if (name === 'gzip') part.gzip = true;
    else if (name.endsWith('-to-www')) part.redirect = 'www';
    else if (name.endsWith('-to-non-www')) part.redirect = 'non-www';
    else if (name.endsWith('-noindex')) part.noindex = true;
    else if (users !== 'null') {
      const list: unknown = JSON.parse(users);
      const hash = typeof list === 'object' && list !== null && 'users' in list && Array.isArray(list.users) ? list.users.map(String).join('\n') : '';
      const username = hash.split(':')[0] ?? '';
      part.basicAuth = { username, password: known.find((route) => route.basicAuth?.username === username)?.basicAuth?.password ?? '', hash };
    } else rest.push(name);
  }
  const port = traefik.ports.get(router.service ?? router.name) ?? (traefik.ports.size === 1 ? [...traefik.ports.values()][0] : undefined);
  return { ...part, ...(rest.length === 0 ? {} : { middlewares: rest }), ...(port === undefined ? {} : { port }), ...(router.priority === undefined ? {} : { priority: router.priority }) };
}

/** True when the labels say what the domains say. The www redirect is a middleware only where a host needs it. */
function sameRoutes(a: readonly Route[], b: readonly Route[]): boolean {
  const key = (route: Route): string => [route.scheme, route.host, route.path, route.port, route.scheme === 'https' && route.forceHttps, route.path !== '/' && route.stripPrefix, route.gzip, route.noindex, route.basicAuth?.username, route.httpsOnly, route.exact, route.priority].join(' ');
  const [left, right] = [a, b].map((routes) => [...new Set(routes.map(key))].sort().join('\n'));
  return left === right;
}

function withHash(route: Route, fromLabels: readonly Route[]): Route {
  const hash = fromLabels.find((other) => other.host === route.host && other.basicAuth !== undefined)?.basicAuth?.hash;
  return route.basicAuth === undefined || hash === undefined || hash === '' ? route : { ...route, basicAuth: { ...route.basicAuth, hash } };
}

/**
 * Proxy labels that a compose file itself holds: routes where nothing else names a domain, and middlewares that Coolify puts on every
 * router of the service (`coolify.traefik.middlewares`, or any middleware that is defined there).
 */
export function applyProxyLabels(container: Container, labels: readonly string[], findings: FindingList, field: string): void {
  if (!labels.some((label) => /^(traefik[._]|caddy|coolify\.traefik)/i.test(label))) return;
  container.proxyLabels = [...labels];
  if (container.routes.length === 0) {
    const custom = customRouting(labels, [], findings, field);
    container.routes = custom.routes;
    if (Object.keys(custom.middlewares).length > 0) container.middlewares = custom.middlewares;
    return;
  }
  const { middlewares } = readTraefikLabels(labels.filter((label) => /^traefik[._]/i.test(label)));
  const listed = labels.find((label) => label.startsWith('coolify.traefik.middlewares='))?.slice('coolify.traefik.middlewares='.length).split(',').map((name) => name.trim()) ?? [];
  const names = [...new Set([...middlewares.keys(), ...listed])].filter((name) => name !== '');
  for (const name of names.filter((item) => !middlewares.has(item))) findings.add('domain', 'refused', [field, name], `The middleware "${name}" is defined outside of these labels, where it cannot be read.`, { fix: 'Define it in the labels of this service, or in the cluster.' });
  const known = names.filter((name) => middlewares.has(name));
  container.routes = container.routes.map((route) => ({ ...route, ...(known.length === 0 ? {} : { middlewares: known }) }));
  container.middlewares = Object.fromEntries(known.map((name) => [name, middlewares.get(name) ?? {}]));
}
