import type { Json, JsonObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container, ContainerPort, Route } from '../../model/stack';
import type { RenderContext } from './context';
import { annotated, objectName } from './naming';

export interface IngressPart { routes: readonly Route[]; annotations: Record<string, string>; suffix: string; pathOf?: (route: Route) => { path: string; pathType: string } }

/** The container port that a route leads to, from its domain or the first that is known. */
export function backendPort(context: RenderContext, container: Container, route: Route, ports: readonly ContainerPort[]): number {
  if (route.port !== undefined) return route.port;
  const first = ports.find((port) => port.protocol === 'TCP');
  context.find('portInferred', 'inferred', route.origin, `${route.host} goes to port ${String(first?.port ?? 80)} of ${container.name}.`, { evidence: first?.evidence ?? 'no port is known, so that of HTTP' });
  return first?.port ?? 80;
}

/** The name of the Service in front of a container. */
export function backendService(context: RenderContext, container: Container): string {
  return context.serviceName(container.hostNames[0] ?? container.name);
}

export function pathOf(route: Route): string {
  return route.path.startsWith('/') ? route.path : `/${route.path}`;
}

export function pathTypeOf(route: Route): 'Exact' | 'Prefix' {
  return route.exact === true ? 'Exact' : 'Prefix';
}

/** An Ingress of several routes with the same annotations: a controller reads them for the whole object. */
export function ingress(context: RenderContext, container: Container, part: IngressPart, ports: readonly ContainerPort[]): Manifest {
  const { destination } = context;
  const paths = new Map<string, Map<string, Json>>();
  for (const route of part.routes) {
    const backend = { service: { name: backendService(context, container), port: { number: backendPort(context, container, route, ports) } } };
    const { path, pathType } = part.pathOf?.(route) ?? { path: pathOf(route), pathType: pathTypeOf(route) };
    paths.set(route.host, (paths.get(route.host) ?? new Map<string, Json>()).set(path, { path, pathType, backend }));
  }
  const tls = tlsSection(context, part.routes);
  const annotations = { ...(tls.length > 0 ? issuerAnnotation(context) : {}), ...part.annotations };
  const spec: JsonObject = {
    ...(destination.ingress.className === undefined ? {} : { ingressClassName: destination.ingress.className }), ...(tls.length === 0 ? {} : { tls }),
    rules: [...paths].map(([host, byPath]) => ({ ...(host === '' ? {} : { host }), http: { paths: [...byPath.values()] } })),
  };
  return annotated(context.object('networking.k8s.io/v1', 'Ingress', `${context.nameOf(container.name)}${part.suffix}`, { spec }, container), annotations);
}

/** cert-manager's own annotation; without an issuer there is none. */
export function issuerAnnotation(context: RenderContext): Record<string, string> {
  const { tls } = context.destination;
  return tls.kind === 'cert-manager' && tls.issuer !== undefined ? { 'cert-manager.io/cluster-issuer': tls.issuer } : {};
}

/** The Secret with the certificate of a host. */
export function tlsSecretName(context: RenderContext, host: string): string {
  const { tls } = context.destination;
  return tls.kind === 'secret' && tls.secretName !== undefined ? tls.secretName : objectName(`${host.replace(/^\*\./, 'wildcard-')}-tls`, 63);
}

/** Hosts that ask for https; told once each when the destination has no certificates. */
export function secureHosts(context: RenderContext, routes: readonly Route[]): string[] {
  const secure = routes.filter((route) => route.scheme === 'https' && route.host !== '');
  const hosts = [...new Set(secure.map((route) => route.host))];
  if (context.destination.tls.kind === 'secret' && secure[0] !== undefined) tellWhereSecret(context, secure[0]);
  if (context.destination.tls.kind !== 'none') return hosts;
  for (const host of hosts) {
    const { origin } = secure.find((route) => route.host === host) ?? { origin: { source: 'application', path: 'fqdn' } };
    if (!context.findings.some((finding) => finding.message.startsWith(`${host} asks for https`))) context.find('routing', 'approximated', origin, `${host} asks for https, but the destination has no certificates.`, { fix: 'Set the destination\'s tls.' });
  }
  return [];
}

/** A Secret is read in the namespace of what names it; a resource's own namespace is new. */
function tellWhereSecret(context: RenderContext, { origin }: Route): void {
  const { namespace, tls } = context.destination;
  const message = `The Secret "${tls.secretName ?? ''}" with the certificate has to be in the namespace ${context.namespace}, and nothing puts it there.`;
  if (namespace !== undefined || context.findings.some((finding) => finding.message === message)) return;
  context.find('routing', 'approximated', origin, message, { fix: 'Copy it there (with Reflector, or by hand), or give the destination a fixed namespace that has it.' });
}

function tlsSection(context: RenderContext, routes: readonly Route[]): Json[] {
  return secureHosts(context, routes).map((host) => ({ hosts: [host], secretName: tlsSecretName(context, host) }));
}
