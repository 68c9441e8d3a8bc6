import type { Json, JsonObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container, ContainerPort, Route } from '../../model/stack';
import type { RenderContext } from './context';
import { backendPort, backendService, issuerAnnotation, pathOf, secureHosts, tlsSecretName } from './ingress';
import { stripsPrefix, wwwRedirect } from './middlewares';
import { annotated, shortHash } from './naming';

/** The Gateway of a resource, unless the destination names one: a listener for each host, with a certificate where there is one (Gateway API v1). */
export function gatewayObject(context: RenderContext, routes: readonly Route[]): Manifest[] {
  const { ingress } = context.destination;
  if (ingress.gateway !== undefined || routes.length === 0) return [];
  const hosts = [...new Set(routes.map((route) => route.host))];
  const secure = secureHosts(context, routes);
  const allowedRoutes = { namespaces: { from: 'Same' } };
  const listeners: Json[] = [
    ...hosts.map((host): Json => ({ name: listener(context, 'http', host), port: 80, protocol: 'HTTP', hostname: host, allowedRoutes })),
    ...secure.map((host): Json => ({ name: listener(context, 'https', host), port: 443, protocol: 'HTTPS', hostname: host, tls: { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: tlsSecretName(context, host) }] }, allowedRoutes })),
  ];
  if (ingress.className === undefined) context.find('routing', 'refused', routes[0]?.origin ?? { source: 'application', path: 'fqdn' }, 'A Gateway needs a class, and the destination names none.', { fix: 'Set the destination\'s ingress.className to a GatewayClass, or ingress.gateway to a Gateway that is there.' });
  const annotations = secure.length > 0 ? issuerAnnotation(context) : {};
  return [annotated(context.object('gateway.networking.k8s.io/v1', 'Gateway', gatewayName(context), { spec: { gatewayClassName: ingress.className ?? 'gateway', listeners } }), annotations)];
}

function gatewayName(context: RenderContext): string {
  return context.sharedEnvName.replace('shared-env', 'gateway');
}

/** Listeners of our own Gateway are named by their host; of one that is there they are taken to be called `http` and `https`. */
function listener(context: RenderContext, scheme: 'http' | 'https', host: string): string {
  return context.destination.ingress.gateway === undefined ? `${scheme}-${shortHash(host, 8)}` : scheme;
}

/** HTTPRoutes of a container: one for each domain and scheme, since a redirect to https belongs to the http listener alone. */
export function httpRoutes(context: RenderContext, container: Container, ports: readonly ContainerPort[]): Manifest[] {
  const secure = new Set(secureHosts(context, container.routes));
  return container.routes.flatMap((route) => {
    tellWhatIsMissing(context, container, route);
    const served = rule(context, container, route, ports);
    if (!secure.has(route.host) || route.scheme === 'http') return [httpRoute(context, container, route, ['http'], served)];
    const toHttps: JsonObject = { matches: served['matches'] ?? [], filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 302 } }] };
    return route.forceHttps ? [httpRoute(context, container, route, ['https'], served), httpRoute(context, container, route, ['http'], toHttps)] : [httpRoute(context, container, route, ['http', 'https'], served)];
  });
}

function httpRoute(context: RenderContext, container: Container, route: Route, schemes: ('http' | 'https')[], only: JsonObject): Manifest {
  const { gateway } = context.destination.ingress;
  const parentRefs = schemes.map((scheme): Json => ({ name: gateway?.name ?? gatewayName(context), ...(gateway?.namespace === undefined ? {} : { namespace: gateway.namespace }), sectionName: listener(context, scheme, route.host) }));
  const name = `${context.nameOf(container.name).slice(0, 45)}-${schemes.join('-') === 'http-https' ? 'both' : schemes.join('-')}-${shortHash(`${route.host}${route.path}`, 6)}`;
  return context.object('gateway.networking.k8s.io/v1', 'HTTPRoute', name, { spec: { parentRefs, hostnames: [route.host], rules: [only] } }, container);
}

function rule(context: RenderContext, container: Container, route: Route, ports: readonly ContainerPort[]): JsonObject {
  const matches: Json = [{ path: { type: route.exact === true ? 'Exact' : 'PathPrefix', value: pathOf(route) } }];
  const www = wwwRedirect(route);
  if (www !== undefined) return { matches, filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: www.host, statusCode: 302 } }] };
  const filters: Json[] = [
    ...(stripsPrefix(route) ? [{ type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } }] : []),
    ...(route.noindex ? [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'X-Robots-Tag', value: 'noindex, nofollow' }] } }] : []),
  ];
  return { matches, ...(filters.length === 0 ? {} : { filters }), backendRefs: [{ name: backendService(context, container), port: backendPort(context, container, route, ports) }] };
}

function tellWhatIsMissing(context: RenderContext, container: Container, route: Route): void {
  const fix = 'Use the ingress kind "traefik", or a policy of your gateway.';
  if (route.basicAuth !== undefined) context.find('routing', 'refused', route.origin, `${route.host}: basic authentication is not part of the Gateway API.`, { fix });
  if (route.gzip) context.find('routing', 'approximated', route.origin, `${route.host}: compression is not part of the Gateway API.`, { fix });
  for (const name of route.middlewares ?? []) context.find('routing', 'refused', route.origin, `${route.host}: the middleware "${name}" of ${container.name} is not part of the Gateway API.`, { fix });
}
