import { createHash } from 'node:crypto';
import type { JsonObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container, Route } from '../../model/stack';
import type { RenderContext } from './context';
import { shortHash } from './naming';
import { secretManifest } from './secrets';

/** Traefik's Middleware objects (traefik.io/v1alpha1) for what Coolify's proxy labels do to one route, in Coolify's order. */
export function middlewaresOf(context: RenderContext, container: Container, route: Route): Manifest[] {
  const name = context.nameOf(container.name);
  const make = (kind: string, spec: JsonObject): Manifest => context.object('traefik.io/v1alpha1', 'Middleware', `${name}-${kind}`, { spec }, container);
  const objects: Manifest[] = [];
  if (route.scheme === 'https' && route.forceHttps) objects.push(make('https', { redirectScheme: { scheme: 'https', permanent: true } }));
  if (route.redirect !== 'both') objects.push(make(route.redirect, { redirectRegex: redirectRegex(route.redirect) }));
  if (route.basicAuth !== undefined) {
    const secret = `${name}-auth-${shortHash(route.basicAuth.username, 6)}`;
    objects.push(secretManifest(context, secret, new Map([['users', htpasswd(route.basicAuth)]]), container), make(`auth-${shortHash(route.basicAuth.username, 6)}`, { basicAuth: { secret } }));
  }
  if (route.stripPrefix && route.path !== '/' && route.path !== '') objects.push(make(`strip-${shortHash(route.path, 6)}`, { stripPrefix: { prefixes: [route.path] } }));
  if (route.noindex) objects.push(make('noindex', { headers: { customResponseHeaders: { 'X-Robots-Tag': 'noindex' } } }));
  if (route.gzip) objects.push(make('gzip', { compress: {} }));
  return objects;
}

function redirectRegex(redirect: 'www' | 'non-www'): JsonObject {
  return redirect === 'www'
    ? { regex: '^(https?)://(?:www\\.)?(.+)', replacement: '${1}://www.${2}', permanent: false }
    : { regex: '^(https?)://www\\.(.+)', replacement: '${1}://${2}', permanent: false };
}

/** htpasswd's `{SHA}` form: the only one that is deterministic and that Traefik reads. */
function htpasswd({ username, password }: { username: string; password: string }): string {
  return `${username}:{SHA}${createHash('sha1').update(password).digest('base64')}`;
}
