import type { Json } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container, ContainerPort, Route } from '../../model/stack';
import type { RenderContext } from './context';
import { middlewaresOf } from './middlewares';
import { objectName, shortHash } from './naming';

/** What the API accepts as an Ingress host: a DNS-1123 subdomain, perhaps with a leading wildcard. */
const legalHost = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The Ingress of a container, one for each set of middlewares; a controller reads annotations for a whole Ingress. */
export function routeObjects(context: RenderContext, container: Container, ports: readonly ContainerPort[]): Manifest[] {
  const { kind } = context.destination.ingress;
  if (container.routes.length === 0) return [];
  if (kind === 'gateway' || kind === 'none') {
    for (const route of container.routes) context.find('routing', kind === 'none' ? 'ignored' : 'refused', route.origin, kind === 'none' ? `${route.host} is not routed: the destination has no ingress.` : `${route.host} is not routed: the Gateway API is not supported yet.`, { fix: 'Set the destination\'s ingress to "ingress" or "traefik".' });
    return [];
  }
  const groups = new Map<string, { routes: Route[]; middlewares: string[] }>();
  const objects: Manifest[] = [];
  for (const route of container.routes) {
    if (!legalHost.test(route.host)) {
      context.find('routing', 'refused', route.origin, `The domain "${route.host}" is no legal host name, so no Ingress can have it.`, { fix: 'Use letters, digits, hyphens and dots only.' });
      continue;
    }
    const extras = kind === 'traefik' ? middlewaresOf(context, container, route) : [];
    if (kind === 'ingress') plainFindings(context, route);
    for (const object of extras) if (!objects.some((other) => other.kind === object.kind && other.metadata.name === object.metadata.name)) objects.push(object);
    const names = extras.filter((object) => object.kind === 'Middleware').map((object) => object.metadata.name);
    const group = groups.get(names.join()) ?? { routes: [], middlewares: names };
    group.routes.push(route);
    groups.set(names.join(), group);
  }
  return [...objects, ...[...groups.values()].map((group) => ingress(context, container, group, ports))];
}

function plainFindings(context: RenderContext, route: Route): void {
  const tell = (decision: 'approximated' | 'refused', what: string, fix: string): void => { context.find('routing', decision, route.origin, `${route.host}: ${what} is not part of the Ingress API.`, { fix }); };
  const fix = 'Use the ingress kind "traefik", or your controller\'s annotations.';
  if (route.basicAuth !== undefined) tell('refused', 'basic authentication', fix);
  if (route.stripPrefix && route.path !== '/') tell('approximated', 'stripping the path prefix', fix);
  if (route.redirect !== 'both') tell('approximated', `the redirect to ${route.redirect}`, fix);
  if (route.noindex) tell('approximated', 'the noindex header', fix);
  if (route.gzip) tell('approximated', 'compression', fix);
  if (route.forceHttps && route.scheme === 'https') tell('approximated', 'the redirect to https', fix);
}

function backendPort(context: RenderContext, container: Container, route: Route, ports: readonly ContainerPort[]): number {
  if (route.port !== undefined) return route.port;
  const first = ports.find((port) => port.protocol === 'TCP');
  context.find('portInferred', 'inferred', route.origin, `${route.host} goes to port ${String(first?.port ?? 80)} of ${container.name}.`, { evidence: first?.evidence ?? 'no port is known, so that of HTTP' });
  return first?.port ?? 80;
}

function ingress(context: RenderContext, container: Container, group: { routes: readonly Route[]; middlewares: readonly string[] }, ports: readonly ContainerPort[]): Manifest {
  const { destination, namespace } = context;
  const paths = new Map<string, Map<string, Json>>();
  for (const route of group.routes) {
    const service = context.serviceName(container.hostNames[0] ?? container.name);
    const backend = { service: { name: service, port: { number: backendPort(context, container, route, ports) } } };
    const path = route.path.startsWith('/') ? route.path : `/${route.path}`;
    paths.set(route.host, (paths.get(route.host) ?? new Map<string, Json>()).set(path, { path, pathType: 'Prefix', backend }));
  }
  const tls = tlsSection(context, group.routes);
  const annotations = {
    ...(tls.length > 0 && destination.tls.kind === 'cert-manager' && destination.tls.issuer !== undefined ? { 'cert-manager.io/cluster-issuer': destination.tls.issuer } : {}),
    ...(group.middlewares.length === 0 ? {} : { 'traefik.ingress.kubernetes.io/router.middlewares': group.middlewares.map((name) => `${namespace}-${name}@kubernetescrd`).join(',') }),
  };
  const suffix = group.middlewares.length === 0 ? '' : `-${shortHash(group.middlewares.join(), 6)}`;
  const { metadata, ...rest } = context.object('networking.k8s.io/v1', 'Ingress', `${context.nameOf(container.name)}${suffix}`, {
    spec: {
      ...(destination.ingress.className === undefined ? {} : { ingressClassName: destination.ingress.className }),
      ...(tls.length === 0 ? {} : { tls }),
      rules: [...paths].map(([host, byPath]) => ({ ...(host === '' ? {} : { host }), http: { paths: [...byPath.values()] } })),
    },
  }, container);
  return { ...rest, metadata: { ...metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) } };
}

function tlsSection(context: RenderContext, routes: readonly Route[]): Json[] {
  const { tls } = context.destination;
  const hosts = [...new Set(routes.filter((route) => route.scheme === 'https' && route.host !== '').map((route) => route.host))];
  if (tls.kind === 'none') {
    for (const host of hosts) context.find('routing', 'approximated', routes[0]?.origin ?? context.stack.containers[0]?.origin ?? { source: 'application', path: 'fqdn' }, `${host} asks for https, but the destination has no certificates.`, { fix: 'Set the destination\'s tls.' });
    return [];
  }
  return hosts.map((host) => ({ hosts: [host], secretName: tls.secretName !== undefined && tls.kind === 'secret' ? tls.secretName : objectName(`${host}-tls`, 63) }));
}
