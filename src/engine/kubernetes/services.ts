import type { JsonObject } from '../../text/json';
import type { Container, ContainerPort } from '../../model/stack';
import type { HostReference } from '../../model/rendering';
import type { Manifest } from '../../model/manifest';
import type { RenderContext } from './context';
import { isServiceName } from './hosts';
import { objectName } from './naming';
import { portName } from './ports';
import { aliasLabel, sharedNames } from './workload';

/** A Service for every name by which Docker's DNS answers, and for each neighbour that is referred to. */
export function services(context: RenderContext, portsOf: ReadonlyMap<string, ContainerPort[]>, references: readonly HostReference[]): Manifest[] {
  const byName = new Map<string, Manifest>();
  const shared = new Set(sharedNames(context));
  for (const container of context.stack.containers) {
    const ports = podPorts(context, container, portsOf);
    // A StatefulSet needs a Service of its own name, whatever names Docker would answer to.
    for (const name of new Set([...container.hostNames, context.nameOf(container.name)])) {
      const service = isServiceName(name) ? name : objectName(name, 63);
      if (byName.has(service)) continue;
      const selector: JsonObject = shared.has(name) ? { [aliasLabel(name)]: 'true', ...onlyResource(context) } : context.selector(container.name);
      byName.set(service, context.object('v1', 'Service', service, { spec: serviceSpec(context, container, ports, selector) }, container));
    }
  }
  for (const { host } of references) {
    const target = context.neighbours.get(host);
    const service = isServiceName(host) ? host : objectName(host, 63);
    if (target === undefined || byName.has(service)) continue;
    byName.set(service, context.object('v1', 'Service', service, { spec: { type: 'ExternalName', externalName: `${target.service}.${target.namespace}.svc.cluster.local` } }));
  }
  return [...byName.values(), ...context.stack.containers.flatMap((container) => published(context, container))];
}

function onlyResource(context: RenderContext): JsonObject {
  const { 'coolify-kubernetes/resource': resource = '' } = context.labels();
  return { 'coolify-kubernetes/resource': resource };
}

/** Containers in one pod are reached under each other's names, on all ports of the pod. */
function podPorts(context: RenderContext, container: Container, portsOf: ReadonlyMap<string, ContainerPort[]>): ContainerPort[] {
  const pod = context.podOf(container.name);
  const members = context.stack.containers.filter((other) => context.podOf(other.name) === pod);
  const seen = new Map<string, ContainerPort>();
  for (const port of members.flatMap((member) => portsOf.get(member.name) ?? [])) seen.set(portName(port), port);
  return [...seen.values()];
}

/** Without a known port: headless, which answers with the pods' own addresses, so every port works as in Docker. */
function serviceSpec(context: RenderContext, container: Container, ports: readonly ContainerPort[], selector: JsonObject): JsonObject {
  if (ports.length === 0) {
    context.find('headless', 'inferred', container.origin, `No port of ${container.name} is known; its Service is headless, so every port can be reached.`, { evidence: 'neither ports, expose, domain, health check nor any peer names one' });
    return { clusterIP: 'None', publishNotReadyAddresses: true, selector };
  }
  return { selector, ports: ports.map((port) => ({ name: portName(port), port: port.port, targetPort: port.port, protocol: port.protocol })) };
}

/** Ports that Docker publishes on the host, as a Service that the cluster's load balancer exposes. */
function published(context: RenderContext, container: Container): Manifest[] {
  const ports = container.ports.filter((port) => port.published !== undefined && isPublic(context, container, port));
  if (ports.length === 0 || container.hostNetwork === true) return [];
  const seen = new Map<string, JsonObject>();
  for (const port of ports) {
    const outside = port.published?.port ?? port.port;
    seen.set(`${String(outside)}/${port.protocol}`, { name: `p${String(outside)}-${port.protocol.toLowerCase()}`, port: outside, targetPort: port.port, protocol: port.protocol });
  }
  context.find('published', 'approximated', container.origin, `Published ports of ${container.name} are exposed by the cluster's load balancer instead of by the server.`);
  return [context.object('v1', 'Service', objectName(`${context.nameOf(container.name)}-published`, 63), { spec: { type: 'LoadBalancer', selector: context.selector(container.name), ports: [...seen.values()] } }, container)];
}

function isPublic(context: RenderContext, container: Container, port: ContainerPort): boolean {
  const local = port.published?.hostIp === '127.0.0.1' || port.published?.hostIp === '::1' || port.published?.hostIp === 'localhost';
  if (local) context.find('published', 'ignored', port.origin, `Port ${String(port.port)} of ${container.name} is published on the server's own address only; it stays inside the cluster.`);
  return !local;
}
