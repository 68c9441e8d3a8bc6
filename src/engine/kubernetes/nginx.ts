import type { JsonObject } from '../../text/json';
import { isObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container, Route } from '../../model/stack';
import type { RenderContext } from './context';
import { pathOf, pathTypeOf } from './ingress';
import { basicAuthSecret, stripsPrefix, wwwRedirect } from './middlewares';

const prefix = 'nginx.ingress.kubernetes.io';

/** ingress-nginx's annotations for one route (its documentation, "Annotations"), and the objects they name. What it cannot say becomes a finding. */
export function nginxAnnotations(context: RenderContext, container: Container, route: Route): { annotations: Record<string, string>; objects: Manifest[] } {
  const annotations: Record<string, string> = {};
  const objects: Manifest[] = [];
  const set = (key: string, value: string): void => { annotations[`${prefix}/${key}`] = value; };
  const secured = route.scheme === 'https' && context.destination.tls.kind !== 'none';
  // With a certificate it would redirect of its own accord.
  if (secured) set(route.forceHttps ? 'force-ssl-redirect' : 'ssl-redirect', route.forceHttps ? 'true' : 'false');
  if (stripsPrefix(route)) { set('use-regex', 'true'); set('rewrite-target', '/$2'); }
  const www = wwwRedirect(route);
  if (www !== undefined) set('temporal-redirect', `${route.scheme}://${www.host}$request_uri`);
  if (route.basicAuth !== undefined) {
    const secret = basicAuthSecret(context, container, route.basicAuth, 'auth');
    objects.push(secret);
    set('auth-type', 'basic');
    set('auth-secret', secret.metadata.name);
    set('auth-realm', 'Authentication required');
  }
  const tell = (what: string, fix: string): void => { context.find('routing', 'approximated', route.origin, `${route.host}: ${what}.`, { fix }); };
  if (route.noindex) tell('the noindex header is not set by ingress-nginx', 'Let the application send X-Robots-Tag, or use the controller\'s custom-headers.');
  if (route.gzip) tell('ingress-nginx compresses for the whole controller or not at all', 'Set use-gzip in the controller\'s ConfigMap.');
  for (const name of route.middlewares ?? []) {
    if (!ownAnnotations(container.middlewares?.[name] ?? {}, set)) tell(`the middleware "${name}" has no annotation of ingress-nginx`, 'Use the ingress kind "traefik".');
  }
  return { annotations, objects };
}

/** A path that strips its prefix is a regular expression with the rest in its second group. */
export function nginxPath(route: Route): { path: string; pathType: string } {
  if (!stripsPrefix(route)) return { path: pathOf(route), pathType: pathTypeOf(route) };
  return { path: `${pathOf(route).replace(/\/+$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(/|$)(.*)`, pathType: 'ImplementationSpecific' };
}

/** Traefik's rate limit and address list, which ingress-nginx knows too. */
function ownAnnotations(spec: JsonObject, set: (key: string, value: string) => void): boolean {
  const limit = spec['rateLimit'];
  const list = spec['ipAllowList'];
  if (isObject(limit) && typeof limit['average'] === 'number') set('limit-rps', String(limit['average']));
  if (isObject(list) && Array.isArray(list['sourceRange'])) set('whitelist-source-range', list['sourceRange'].map(String).join(','));
  return Object.keys(spec).length > 0 && Object.keys(spec).every((type) => type === 'rateLimit' || type === 'ipAllowList');
}
