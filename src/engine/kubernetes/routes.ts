import type { Manifest } from '../../model/manifest';
import type { Container, ContainerPort, Route } from '../../model/stack';
import type { RenderContext } from './context';
import { gatewayObject, httpRoutes } from './gateway';
import { backendPort, backendService, ingress, pathOf, secureHosts, tlsSecretName } from './ingress';
import { middlewaresOf, stripsPrefix, wwwRedirect } from './middlewares';
import { objectName, shortHash } from './naming';
import { nginxAnnotations, nginxPath } from './nginx';

/** What the API accepts as an Ingress host: a DNS-1123 subdomain, perhaps with a leading wildcard. */
const legalHost = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The routes of a stack by the destination's kind: Ingress (with ingress-nginx's annotations or Traefik's CRs where it says so) or the Gateway API. */
export function routeObjects(context: RenderContext, portsOf: ReadonlyMap<string, ContainerPort[]>): Manifest[] {
  const { kind, className } = context.destination.ingress;
  if (kind === 'traefik') for (const container of context.stack.containers) container.routes = container.routes.flatMap(withRule);
  for (const container of context.stack.containers) container.routes = container.routes.filter((route) => routable(context, container, route));
  if (kind !== 'traefik') for (const container of context.stack.containers) container.routes = withoutEntryPoints(context, container);
  const containers = context.stack.containers.filter((container) => container.routes.length > 0);
  if (kind === 'none') return [];
  const ports = (container: Container): ContainerPort[] => portsOf.get(container.name) ?? [];
  tellShared(context, containers);
  if (kind !== 'traefik') for (const container of containers) tellSegments(context, container);
  if (kind === 'gateway') return [...gatewayObject(context, containers.flatMap((container) => container.routes)), ...containers.flatMap((container) => httpRoutes(context, container, ports(container)))];
  if (kind === 'traefik') return containers.flatMap((container) => traefik(context, container, ports(container)));
  return containers.flatMap((container) => (/nginx/i.test(className ?? '') ? nginx(context, container, ports(container)) : plain(context, container, ports(container))));
}

function routable(context: RenderContext, container: Container, route: Route): boolean {
  const { kind } = context.destination.ingress;
  if (kind === 'none') {
    context.find('routing', 'ignored', route.origin, `${route.host} is not routed: the destination has no ingress.`, { fix: 'Set the destination\'s ingress.' });
    return false;
  }
  if (route.rule !== undefined) {
    if (kind === 'traefik') return true;
    context.find('routing', 'refused', route.origin, `The rule of ${container.name} asks for more than hosts and a path, which only Traefik understands.`, { fix: 'Use the ingress kind "traefik".' });
    return false;
  }
  if (legalHost.test(route.host) && route.host.length <= 253) return true;
  context.find('routing', 'refused', route.origin, `The domain "${route.host}" is no legal host name, so no Ingress can have it.`, { fix: 'Use letters, digits, hyphens and dots only.' });
  return false;
}

/** Coolify makes host names with underscores, and Traefik answers to them; no Ingress may have one, but a rule of Traefik may. */
function withRule(route: Route): Route[] {
  if (route.rule !== undefined || legalHost.test(route.host) || !/^[a-z0-9._-]+$/.test(route.host)) return [route];
  const ruled: Route = { ...route, rule: `Host(\`${route.host}\`) && Path${route.exact === true ? '' : 'Prefix'}(\`${pathOf(route)}\`)` };
  if (route.scheme === 'http') return [{ ...ruled, forceHttps: false }];
  return route.httpsOnly === true ? [ruled] : [{ ...ruled, scheme: 'http' }, ruled];
}

/** Only Traefik tells routes of one place apart by http and https, or by a priority. Elsewhere one for each place is left, that for https. */
function withoutEntryPoints(context: RenderContext, { routes, middlewares }: Container): Route[] {
  const at = (route: Route): string => `${route.host} ${route.path} ${String(route.exact)}`;
  const twins = new Map(routes.filter((route) => route.scheme === 'http').map((route) => [at(route), route]));
  const secure = new Set(routes.filter((route) => route.scheme === 'https').map(at));
  const fix = 'Use the ingress kind "traefik".';
  return routes.filter((route) => route.scheme === 'https' || !secure.has(at(route))).map((route) => {
    const { httpsOnly, priority, ...rest } = route;
    const leadsToHttps = twins.get(at(route))?.middlewares?.some((name) => JSON.stringify(middlewares?.[name] ?? {}).includes('"redirectScheme":{"scheme":"https"')) === true;
    if (httpsOnly === true && !leadsToHttps) context.find('routing', 'approximated', route.origin, `${route.host}${route.path} does not answer the same over http in Coolify; here it does.`, { fix });
    if (priority !== undefined) context.find('routing', 'approximated', route.origin, `${route.host}${route.path} has a priority of ${String(priority)}; here the longer path wins.`, { fix });
    return { ...rest, forceHttps: rest.forceHttps || leadsToHttps };
  });
}

/** Routes that come to the same annotations share an Ingress. */
function grouped(routes: readonly Route[], keyOf: (route: Route) => string): Map<string, Route[]> {
  const groups = new Map<string, Route[]>();
  for (const route of routes) groups.set(keyOf(route), [...(groups.get(keyOf(route)) ?? []), route]);
  return groups;
}

/** Objects by kind and name, each once. */
function distinct(objects: readonly Manifest[]): Manifest[] {
  return [...new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object])).values()];
}

/** A place that two containers claim belongs to one of them alone, whichever the controller takes. */
function tellShared(context: RenderContext, containers: readonly Container[]): void {
  const owners = new Map<string, string>();
  for (const container of containers) {
    for (const route of container.routes.filter(({ rule }) => rule === undefined)) {
      const place = `${route.scheme}://${route.host}${pathOf(route)}`;
      const owner = owners.get(place) ?? container.name;
      owners.set(place, owner);
      if (owner !== container.name) context.find('routing', 'approximated', route.origin, `${place} belongs to ${owner} and to ${container.name}; only one of them answers, here as in Coolify.`, { fix: 'Give one of them another domain or path.' });
    }
  }
}

/** Traefik's prefix is one of letters: `/foo` is `/foobar`'s too. Everywhere else it is one of path segments. */
function tellSegments(context: RenderContext, container: Container): void {
  for (const route of container.routes) if (pathOf(route) !== '/' && route.exact !== true && !pathOf(route).endsWith('/')) context.find('routing', 'approximated', route.origin, `${route.host}${pathOf(route)} holds for what is below that path; in Coolify also for ${pathOf(route)}… without a slash between.`);
}

function traefik(context: RenderContext, container: Container, ports: readonly ContainerPort[]): Manifest[] {
  const extras = new Map(container.routes.map((route) => [route, middlewaresOf(context, container, route)]));
  // What a chain holds is used by the chain alone.
  const names = (route: Route): string[] => {
    const own = new Set((route.middlewares ?? []).map((name) => objectName(`${context.nameOf(container.name)}-own-${name}`, 63)));
    return (extras.get(route) ?? []).filter(({ kind, metadata }) => kind === 'Middleware' && (!metadata.name.includes('-own-') || own.has(metadata.name))).map(({ metadata }) => metadata.name);
  };
  const parts = new Map(container.routes.filter((route) => route.rule === undefined).map((route) => [route, traefikAnnotations(context, route, names(route))]));
  const groups = grouped([...parts.keys()], (route) => JSON.stringify(parts.get(route)));
  const ingresses = [...groups].map(([key, routes]) => ingress(context, container, { routes, suffix: key === '{}' ? '' : `-${shortHash(key, 6)}`, annotations: parts.get(routes[0] as Route) ?? {} }, ports));
  const rules = container.routes.filter((route) => route.rule !== undefined).map((route) => ingressRoute(context, container, route, names(route), ports));
  const certificates = container.routes.flatMap((route) => ruleCertificate(context, container, route));
  return [...distinct([...extras.values()].flat()), ...certificates, ...ingresses, ...rules];
}

/** The entry points of k3s and of Traefik's Helm chart. */
const entryPoints = { http: 'web', https: 'websecure' } as const;

/** The entry point that a route is bound to; nothing for one that answers on both. */
function entryPointOf(context: RenderContext, route: Route): 'web' | 'websecure' | undefined {
  const bound = route.scheme === 'http' || route.httpsOnly === true || route.rule !== undefined ? entryPoints[route.scheme] : undefined;
  if (bound !== undefined) context.find('routing', 'inferred', route.origin, `${route.host === '' ? 'A rule' : route.host} is bound to Traefik's entry point "${bound}".`, { evidence: 'the names of entry points in k3s and in Traefik\'s Helm chart' });
  return bound;
}

/** Traefik's annotations for an Ingress (its reference, "Kubernetes Ingress"). */
function traefikAnnotations(context: RenderContext, route: Route, middlewares: readonly string[]): Record<string, string> {
  const entryPoint = entryPointOf(context, route);
  const router = 'traefik.ingress.kubernetes.io/router';
  return {
    ...(middlewares.length === 0 ? {} : { [`${router}.middlewares`]: middlewares.map((name) => `${context.namespace}-${name}@kubernetescrd`).join(',') }),
    ...(entryPoint === undefined ? {} : { [`${router}.entrypoints`]: entryPoint }), ...(entryPoint === 'websecure' ? { [`${router}.tls`]: 'true' } : {}),
    ...(route.priority === undefined ? {} : { [`${router}.priority`]: String(route.priority) }),
  };
}

/** A rule of Traefik's own language stays as the user wrote it. */
function ingressRoute(context: RenderContext, container: Container, route: Route, names: readonly string[], ports: readonly ContainerPort[]): Manifest {
  const entryPoint = entryPointOf(context, route);
  const match = { kind: 'Rule', match: route.rule ?? '', ...(route.priority === undefined ? {} : { priority: route.priority }), ...(names.length === 0 ? {} : { middlewares: names.map((name) => ({ name })) }), services: [{ name: backendService(context, container), port: backendPort(context, container, route, ports) }] };
  const tls = route.scheme === 'https' ? { tls: context.destination.tls.kind === 'none' ? {} : { secretName: tlsSecretName(context, shortHash(route.rule ?? '', 8)) } } : {};
  return context.object('traefik.io/v1alpha1', 'IngressRoute', objectName(`${context.nameOf(container.name)}-rule-${shortHash(`${route.scheme} ${route.rule ?? ''}`, 6)}`, 63), { spec: { ...(entryPoint === undefined ? {} : { entryPoints: [entryPoint] }), routes: [match], ...tls } }, container);
}

/** cert-manager makes certificates of its own accord for an Ingress and a Gateway, not for a rule of Traefik. */
function ruleCertificate(context: RenderContext, container: Container, { rule = '', scheme, origin }: Route): Manifest[] {
  const { tls } = context.destination;
  if (rule === '' || scheme !== 'https' || tls.kind !== 'cert-manager') return [];
  const dnsNames = [...new Set([...rule.matchAll(/Host\(([^)]*)\)/g)].flatMap(([, hosts = '']) => hosts.split(',').map((host) => host.trim().replace(/^[`"]|[`"]$/g, '').toLowerCase())))].filter((host) => legalHost.test(host));
  if (dnsNames.length === 0 || tls.issuer === undefined) {
    context.find('routing', 'approximated', origin, `No certificate is asked for ${rule}, so Traefik answers with its own.`, { fix: tls.issuer === undefined ? 'Name the issuer of the destination.' : 'Use a host name that a certificate may have, or a destination with a certificate of its own.' });
    return [];
  }
  const secretName = tlsSecretName(context, shortHash(rule, 8));
  return [context.object('cert-manager.io/v1', 'Certificate', secretName, { spec: { secretName, dnsNames, issuerRef: { name: tls.issuer, kind: 'ClusterIssuer', group: 'cert-manager.io' } } }, container)];
}

function nginx(context: RenderContext, container: Container, ports: readonly ContainerPort[]): Manifest[] {
  const parts = new Map(container.routes.map((route) => [route, nginxAnnotations(context, container, route)]));
  const groups = grouped(container.routes, (route) => JSON.stringify(parts.get(route)?.annotations ?? {}));
  const ingresses = [...groups].map(([key, routes]) => ingress(context, container, { routes, annotations: parts.get(routes[0] as Route)?.annotations ?? {}, suffix: key === '{}' ? '' : `-${shortHash(key, 6)}`, pathOf: nginxPath }, ports));
  return [...distinct([...parts.values()].flatMap(({ objects }) => objects)), ...ingresses];
}

/** An Ingress that any controller reads, and a finding for all that its API cannot say. */
function plain(context: RenderContext, container: Container, ports: readonly ContainerPort[]): Manifest[] {
  for (const route of container.routes) {
    const tell = (decision: 'approximated' | 'refused', what: string): void => { context.find('routing', decision, route.origin, `${route.host}: ${what} is not part of the Ingress API.`, { fix: 'Use the ingress kind "traefik", a class of ingress-nginx, or your controller\'s annotations.' }); };
    if (route.basicAuth !== undefined) tell('refused', 'basic authentication');
    if (stripsPrefix(route)) tell('approximated', 'stripping the path prefix');
    if (wwwRedirect(route) !== undefined) tell('approximated', `the redirect to ${route.redirect}`);
    if (route.noindex) tell('approximated', 'the noindex header');
    if (route.gzip) tell('approximated', 'compression');
    if (route.forceHttps && secureHosts(context, [route]).length > 0) tell('approximated', 'the redirect to https');
    for (const name of route.middlewares ?? []) tell('refused', `the middleware "${name}"`);
  }
  return [ingress(context, container, { routes: container.routes, annotations: {}, suffix: '' }, ports)];
}
