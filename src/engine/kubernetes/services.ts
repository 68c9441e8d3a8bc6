import type { Json } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { FoundReference } from './hosts';
import type { HostReference } from '../../model/rendering';
import type { Container, ContainerPort } from '../../model/stack';
import type { RenderContext } from './context';
import { shortHash } from './naming';
import { portName } from './ports';

/** The label of all pods that answer to one name. */
export function aliasLabel(name: string): string {
  return `coolify-kubernetes/alias-${shortHash(name)}`;
}

/** Containers by the name that Docker's DNS answers to. */
function ownersByName(context: RenderContext): Map<string, Container[]> {
  const owners = new Map<string, Container[]>();
  for (const container of context.stack.containers) {
    for (const name of new Set(container.hostNames.map((host) => context.serviceName(host)))) owners.set(name, [...(owners.get(name) ?? []), container]);
  }
  return owners;
}

/** Alias labels of the pod of a container: names that it shares with another. */
export function aliasLabels(context: RenderContext, container: Container): Record<string, string> {
  const shared = [...ownersByName(context)].filter(([, owners]) => owners.length > 1 && owners.includes(container));
  return Object.fromEntries(shared.map(([name]) => [aliasLabel(name), 'true']));
}

function servicePorts(ports: readonly ContainerPort[]): Json[] {
  const unique = new Map(ports.map((port) => [portName(port), port]));
  return [...unique].map(([name, port]) => ({ name, port: port.port, targetPort: port.port, protocol: port.protocol }));
}

/**
 * Containers that form a cluster: of one image and with a health check, each naming the other. They become healthy only once they have found one
 * another, so their names have to lead to them before, as Docker's do. Nothing comes to them through a domain, which would need the check.
 */
function clusterMembers(context: RenderContext, references: readonly FoundReference[]): Set<string> {
  const named = new Set(references.filter(({ where }) => where !== 'healthCheck').map(({ container, owner }) => `${container}\0${owner ?? ''}`));
  const candidates = context.stack.containers.filter((container) => container.healthCheck !== undefined && container.routes.length === 0);
  return new Set(candidates.filter((one) => candidates.some((other) => one !== other && one.image === other.image && named.has(`${one.name}\0${other.name}`) && named.has(`${other.name}\0${one.name}`))).map(({ name }) => name));
}

/** One Service for each name of Docker's DNS, so that every host in a configuration stays as it is written. */
export function nameServices(context: RenderContext, portsOf: ReadonlyMap<string, ContainerPort[]>, references: readonly FoundReference[]): Manifest[] {
  const members = clusterMembers(context, references);
  for (const container of context.stack.containers.filter(({ name }) => members.has(name))) context.find('network', 'inferred', container.origin, `The names of ${container.name} lead to it before it is healthy, as Docker's do: it forms a cluster with others, which have to find it first.`, { evidence: 'containers of one image name one another' });
  return [...ownersByName(context)].map(([name, owners]) => {
    const [first] = owners;
    const ports = owners.flatMap((owner) => portsOf.get(owner.name) ?? []);
    const selector = owners.length > 1 ? { ...resourceOnly(context), [aliasLabel(name)]: 'true' } : context.selector(first?.name ?? name);
    if (ports.length === 0 && first !== undefined && first.hostNames[0] !== undefined && context.serviceName(first.hostNames[0]) === name) {
      context.find('headless', 'inferred', first.origin, `Nothing tells which port ${first.name} listens on; its Service is headless, so that every port of it can be reached.`, { evidence: 'no port in the configuration' });
    }
    // Docker's DNS answers as soon as the container runs, healthy or not; only a headless Service can do the same.
    const spec = ports.length === 0 ? { clusterIP: 'None', publishNotReadyAddresses: true, selector } : { type: 'ClusterIP', ...(owners.some((owner) => members.has(owner.name)) ? { publishNotReadyAddresses: true } : {}), selector, ports: servicePorts(ports) };
    return context.object('v1', 'Service', name, { spec }, first);
  });
}

function resourceOnly(context: RenderContext): Record<string, string> {
  return Object.fromEntries(Object.entries(context.selector('')).filter(([key]) => key.endsWith('/resource')));
}

/** A name of another resource, only where it is referred to. */
export function neighbourServices(context: RenderContext, references: readonly HostReference[]): Manifest[] {
  const own = new Set(context.stack.containers.flatMap((container) => container.hostNames));
  const used = [...new Set(references.map((reference) => reference.host))].filter((host) => !own.has(host) && context.neighbours.has(host)).sort();
  const taken = new Set([...own].map((host) => context.serviceName(host)));
  return used.filter((host) => !taken.has(context.serviceName(host))).flatMap((host) => {
    const target = context.neighbours.get(host);
    return target === undefined ? [] : [context.object('v1', 'Service', context.serviceName(host), { spec: { type: 'ExternalName', externalName: `${target.service}.${target.namespace}.svc.cluster.local` } })];
  });
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (address.startsWith('127.') || address === '::1' || address === '[::1]' || address === 'localhost');
}

/** Ports published on the server become a LoadBalancer; what the proxy serves anyway does not. */
export function publishedService(context: RenderContext, container: Container): Manifest | undefined {
  const ports = new Map<string, Json>();
  for (const { port, protocol, published, origin } of container.ports) {
    if (published === undefined || container.hostNetwork === true) continue;
    const at = published.port ?? port;
    if (isLoopback(published.hostIp)) {
      context.find('published', 'approximated', origin, `Port ${String(at)} of ${container.name} is open to the server itself only; it is not exposed.`, { fix: 'Use kubectl port-forward.' });
    } else if ((at === 80 || at === 443) && context.destination.ingress.kind !== 'none' && container.routes.length > 0) {
      context.find('published', 'approximated', origin, `Port ${String(at)} of ${container.name} is served by the ingress controller.`);
    } else {
      ports.set(`p${String(at)}-${protocol.toLowerCase()}`, { name: `p${String(at)}-${protocol.toLowerCase()}`, port: at, targetPort: port, protocol });
      context.find('published', 'approximated', origin, `Port ${String(at)} of ${container.name} is published by a LoadBalancer instead of the server's own address.`, { fix: 'See that the cluster has a load balancer.' });
    }
  }
  if (ports.size === 0) return undefined;
  return context.object('v1', 'Service', `${context.nameOf(container.name)}-published`, { spec: { type: 'LoadBalancer', selector: context.selector(container.name), ports: [...ports.values()] } }, container);
}
