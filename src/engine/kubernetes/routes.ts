import { createHash } from 'node:crypto';
import type { JsonObject } from '../../text/json';
import type { Container, ContainerPort, Route } from '../../model/stack';
import type { Manifest } from '../../model/manifest';
import type { RenderContext } from './context';
import { objectName } from './naming';

/** An Ingress for each container with domains, and for Traefik the middlewares that a plain Ingress cannot say. */
export function routes(context: RenderContext, portsOf: ReadonlyMap<string, ContainerPort[]>): Manifest[] {
  const { kind } = context.destination.ingress;
  return context.stack.containers.flatMap((container) => {
    if (container.routes.length === 0) return [];
    if (kind === 'none' || kind === 'gateway') {
      const [first] = container.routes;
      if (first !== undefined) context.find('routing', kind === 'none' ? 'ignored' : 'approximated', first.origin, kind === 'none' ? 'The destination routes no domains.' : 'Not yet carried over: routes of the Gateway API.');
      return [];
    }
    return container.routes.flatMap((route, index) => routeObjects(context, container, route, index, portsOf.get(container.name) ?? []));
  });
}

function routeObjects(context: RenderContext, container: Container, route: Route, index: number, ports: readonly ContainerPort[]): Manifest[] {
  const port = portFor(context, container, route, ports);
  const name = objectName(`${context.nameOf(container.name)}-${String(index)}`, 52);
  const annotations: Record<string, string> = {};
  const extra = context.destination.ingress.kind === 'traefik' ? middlewares(context, container, route, name, annotations) : plainFindings(context, route);
  const { tls } = context.destination;
  const secure = route.scheme === 'https' && tls.kind !== 'none';
  if (secure && tls.kind === 'cert-manager' && tls.issuer !== undefined) annotations['cert-manager.io/cluster-issuer'] = tls.issuer;
  if (route.scheme === 'https' && tls.kind === 'none') context.find('routing', 'approximated', route.origin, `${route.host} is served with the ingress controller's own certificate, since the destination names no issuer.`, { fix: 'Choose cert-manager or a Secret in the destination.' });
  const ingress = context.object('networking.k8s.io/v1', 'Ingress', name, {
    spec: {
      ...(context.destination.ingress.className === undefined ? {} : { ingressClassName: context.destination.ingress.className }),
      rules: [{ host: route.host, http: { paths: [{ path: route.path, pathType: 'Prefix', backend: { service: { name: context.nameOf(container.name), port: { number: port } } } }] } }],
      ...(secure ? { tls: [{ hosts: [route.host], secretName: tls.kind === 'secret' && tls.secretName !== undefined ? tls.secretName : objectName(`tls-${route.host}`, 63) }] } : {}),
    },
  }, container);
  if (Object.keys(annotations).length > 0) ingress.metadata.annotations = annotations;
  return [...extra, ingress];
}

function portFor(context: RenderContext, container: Container, route: Route, ports: readonly ContainerPort[]): number {
  if (route.port !== undefined) return route.port;
  const tcp = ports.find((port) => port.protocol === 'TCP');
  context.find('routing', 'inferred', route.origin, `${route.host} goes to port ${String(tcp?.port ?? 80)} of ${container.name}.`, { evidence: tcp === undefined ? 'no port is known, and 80 is what a web server uses' : tcp.evidence });
  return tcp?.port ?? 80;
}

/** What a plain Ingress cannot say, told instead of passed over. */
function plainFindings(context: RenderContext, route: Route): Manifest[] {
  const say = (decision: 'approximated' | 'refused' | 'ignored', message: string): void => { context.find('routing', decision, route.origin, message, { fix: 'Choose Traefik in the destination.' }); };
  if (route.basicAuth !== undefined) say('refused', `${route.host} asks for a password in Coolify; a plain Ingress cannot, so it would be open to everyone.`);
  if (route.path !== '/' && route.stripPrefix) say('approximated', `The path ${route.path} is not cut off before the request is passed on.`);
  if (route.redirect !== 'both') say('approximated', `The redirect to ${route.redirect} is left to the application.`);
  if (route.noindex) say('approximated', 'The header that keeps search engines away is not set.');
  if (route.scheme === 'https' && route.forceHttps) say('ignored', 'Whether http is redirected to https is the ingress controller\'s own setting.');
  return [];
}

function middlewares(context: RenderContext, container: Container, route: Route, name: string, annotations: Record<string, string>): Manifest[] {
  const made: Manifest[] = [];
  const add = (suffix: string, spec: JsonObject): void => { made.push(context.object('traefik.io/v1alpha1', 'Middleware', `${name}-${suffix}`, { spec }, container)); };
  if (route.scheme === 'https' && route.forceHttps) add('https', { redirectScheme: { scheme: 'https' } });
  if (route.path !== '/' && route.stripPrefix) add('strip', { stripPrefix: { prefixes: [route.path] } });
  if (route.gzip) add('gzip', { compress: {} });
  if (route.redirect === 'non-www' && route.host.startsWith('www.')) add('non-www', { redirectRegex: { regex: '^(http|https)://www\\.(.+)', replacement: '${1}://${2}' } });
  if (route.redirect === 'www' && !route.host.startsWith('www.')) add('www', { redirectRegex: { regex: '^(http|https)://(?:www\\.)?(.+)', replacement: '${1}://www.${2}' } });
  if (route.basicAuth !== undefined) add('auth', { basicAuth: { secret: `${name}-auth` } });
  if (route.noindex) add('noindex', { headers: { customResponseHeaders: { 'X-Robots-Tag': 'noindex, nofollow' } } });
  if (made.length > 0) annotations['traefik.ingress.kubernetes.io/router.middlewares'] = made.map((middleware) => `${context.namespace}-${middleware.metadata.name}@kubernetescrd`).join(',');
  if (route.basicAuth === undefined) return made;
  const { username, password } = route.basicAuth;
  // htpasswd's SHA form: deterministic, unlike bcrypt's salts, so the same input gives the same bytes.
  const line = `${username}:{SHA}${createHash('sha1').update(password).digest('base64')}`;
  return [context.object('v1', 'Secret', `${name}-auth`, { type: 'Opaque', data: { users: Buffer.from(line).toString('base64') } }, container), ...made];
}

