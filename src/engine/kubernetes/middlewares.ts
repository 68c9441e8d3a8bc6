import type { Json, JsonObject } from '../../text/json';
import { isObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container, Route } from '../../model/stack';
import type { RenderContext } from './context';
import { passwordLine } from './htpasswd';
import { objectName, shortHash } from './naming';
import { secretManifest } from './secrets';

/** The redirect that a domain needs between `www.` and none: nothing when its host has the wanted form already. */
export function wwwRedirect(route: Route): { host: string; kind: 'www' | 'non-www' } | undefined {
  const isWww = route.host.startsWith('www.');
  if (route.redirect === 'www' && !isWww) return { host: `www.${route.host}`, kind: 'www' };
  return route.redirect === 'non-www' && isWww ? { host: route.host.slice('www.'.length), kind: 'non-www' } : undefined;
}

/** True when a prefix has to be taken off before the request reaches the container. */
export function stripsPrefix(route: Route): boolean {
  return route.stripPrefix && route.path !== '/' && route.path !== '';
}

/** Traefik's Middleware objects (traefik.io/v1alpha1) for what Coolify's proxy labels do to one route, in Coolify's order, the user's own last. */
export function middlewaresOf(context: RenderContext, container: Container, route: Route): Manifest[] {
  const name = context.nameOf(container.name);
  const make = (kind: string, spec: JsonObject): Manifest => context.object('traefik.io/v1alpha1', 'Middleware', objectName(`${name}-${kind}`, 63), { spec }, container);
  const objects: Manifest[] = [];
  // An Ingress answers both ways; a rule has a route of its own for http.
  if (route.forceHttps && (route.scheme === 'https' || route.rule !== undefined)) objects.push(make('https', { redirectScheme: { scheme: 'https' } }));
  if (stripsPrefix(route)) objects.push(make(`strip-${shortHash(route.path, 6)}`, { stripPrefix: { prefixes: [route.path] } }));
  if (route.gzip) objects.push(make('gzip', { compress: {} }));
  const www = wwwRedirect(route);
  if (www !== undefined) objects.push(make(www.kind, { redirectRegex: redirectRegex(www.kind) }));
  if (route.basicAuth !== undefined) {
    const secret = basicAuthSecret(context, container, route.basicAuth, 'users');
    objects.push(secret, make(`auth-${shortHash(route.basicAuth.username, 6)}`, { basicAuth: { secret: secret.metadata.name } }));
  }
  if (route.noindex) objects.push(make('noindex', { headers: { customResponseHeaders: { 'X-Robots-Tag': 'noindex, nofollow' } } }));
  for (const own of route.middlewares ?? []) objects.push(...ownMiddleware(context, container, route, own, make));
  return objects;
}

/** A password file in a Secret; Traefik reads the key `users`, ingress-nginx `auth`. */
export function basicAuthSecret(context: RenderContext, container: Container, auth: NonNullable<Route['basicAuth']>, key: 'users' | 'auth'): Manifest {
  return secretManifest(context, objectName(`${context.nameOf(container.name)}-auth-${shortHash(auth.username, 6)}`, 63), new Map([[key, passwordLine(auth, context.stack.uuid)]]), container);
}

function redirectRegex(redirect: 'www' | 'non-www'): JsonObject {
  return redirect === 'www'
    ? { regex: '^(http|https)://(?:www\\.)?(.+)', replacement: '${1}://www.${2}', permanent: false }
    : { regex: '^(http|https)://www\\.(.+)', replacement: '${1}://${2}', permanent: false };
}

/** A middleware of the user's labels. Names inside it are those of labels, and become those of objects. */
function ownMiddleware(context: RenderContext, container: Container, route: Route, name: string, make: (kind: string, spec: JsonObject) => Manifest): Manifest[] {
  const spec = container.middlewares?.[name];
  if (spec === undefined) return [];
  const objects: Manifest[] = [];
  const adapted: JsonObject = {};
  for (const [type, options] of Object.entries(spec)) {
    adapted[type] = options;
    if (!isObject(options)) continue;
    const { users, middlewares, service, ...rest } = options;
    if ((type === 'basicAuth' || type === 'digestAuth') && Array.isArray(users)) {
      const secret = secretManifest(context, objectName(`${context.nameOf(container.name)}-${name}`, 63), new Map([['users', users.map(String).join('\n')]]), container);
      objects.push(secret);
      adapted[type] = { ...rest, secret: secret.metadata.name };
    } else if (type === 'chain' && Array.isArray(middlewares)) {
      const inner = middlewares.map((other) => String(other).replace(/@docker$/, ''));
      for (const other of inner) objects.push(...ownMiddleware(context, container, route, other, make));
      adapted[type] = { middlewares: inner.map((other): Json => ({ name: objectName(`${context.nameOf(container.name)}-own-${other}`, 63) })) };
    } else if (type === 'errors' && service !== undefined) {
      adapted[type] = { ...rest, service: { name: context.serviceName(container.hostNames[0] ?? container.name), port: route.port ?? 80 } };
      context.find('routing', 'approximated', route.origin, `Error pages of the middleware "${name}" come from ${container.name} itself.`);
    }
  }
  return [...objects, make(`own-${name}`, adapted)];
}
