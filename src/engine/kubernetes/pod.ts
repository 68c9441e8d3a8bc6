import type { Json, JsonObject } from '../../text/json';
import type { Container, ContainerPort } from '../../model/stack';
import type { Manifest } from '../../model/manifest';
import type { RenderContext } from './context';
import { containerSpec } from './container';
import { initContainers } from './initContainers';
import { objectName } from './naming';
import { ContainerSecrets } from './secrets';
import { podSecurity } from './security';
import { PodVolumes } from './volumes';

export interface PodParts { spec: JsonObject; manifests: Manifest[]; contents: string[] }

/** The pod of a container, with those that share its network. */
export function podSpec(context: RenderContext, containers: readonly Container[], parts: { portsOf: ReadonlyMap<string, ContainerPort[]>; sharedEnv?: string }): PodParts {
  const volumes = new PodVolumes(context);
  const manifests: Manifest[] = [];
  const contents: string[] = [];
  const specs = containers.map((container) => {
    const secrets = new ContainerSecrets(context, container);
    const spec = containerSpec(context, container, { secrets, mounts: volumes.mountsOf(container), ports: parts.portsOf.get(container.name) ?? [], ...(parts.sharedEnv === undefined ? {} : { sharedEnv: parts.sharedEnv }) });
    const secret = secrets.manifest();
    if (secret !== undefined) { manifests.push(secret); contents.push(JSON.stringify(secret['data'])); }
    return spec;
  });
  const [first] = containers;
  if (first === undefined) throw new Error('A pod needs a container.');
  const before = initContainers(context, containers, parts.portsOf);
  return {
    manifests: [...manifests, ...volumes.manifests], contents: [...contents, ...volumes.contents],
    spec: {
      enableServiceLinks: false, automountServiceAccountToken: false, terminationGracePeriodSeconds: Math.max(...containers.map((container) => container.stopGraceSeconds ?? 10)),
      ...network(context, first), ...podSecurity(context, first),
      ...(first.architecture === undefined ? {} : { nodeSelector: { 'kubernetes.io/arch': first.architecture } }),
      ...(context.destination.registry?.pullSecret === undefined ? {} : { imagePullSecrets: [{ name: context.destination.registry.pullSecret }] }),
      ...(before.length === 0 ? {} : { initContainers: before }),
      containers: specs,
      ...(volumes.volumes.size === 0 ? {} : { volumes: [...volumes.volumes.values()] }),
    },
  };
}

function network(context: RenderContext, container: Container): JsonObject {
  const aliases = new Map<string, string[]>();
  for (const { host, address } of container.extraHosts) {
    if (/^[\d.]+$|:/.test(address)) aliases.set(address, [...(aliases.get(address) ?? []), host]);
    else context.find('network', 'approximated', container.origin, `The extra host "${host}" points to "${address}", which is no address; it is left out.`, { fix: 'Name an IP address.' });
  }
  const hostname = container.hostname === undefined ? undefined : legalHostname(context, container, container.hostname);
  const nameservers = container.dns.filter((address) => /^[\d.]+$|:/.test(address)).slice(0, 3);
  if (nameservers.length < container.dns.length) context.find('network', 'approximated', container.origin, `A pod has three name servers at most, by address: ${container.dns.filter((server) => !nameservers.includes(server)).join(', ')} of ${container.name} is left out.`);
  const dns: JsonObject = {
    ...(nameservers.length === 0 ? {} : { nameservers }), ...(container.dnsSearch.length === 0 ? {} : { searches: container.dnsSearch }),
    ...(container.dnsOptions.length === 0 ? {} : { options: container.dnsOptions.map((option): Json => { const [name = '', value] = option.split(':'); return value === undefined ? { name } : { name, value }; }) }),
  };
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(container.hostNetwork === true ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    ...(container.hostPid === true ? { hostPID: true } : {}), ...(container.hostIpc === true ? { hostIPC: true } : {}),
    ...(aliases.size === 0 ? {} : { hostAliases: [...aliases].map(([ip, hostnames]) => ({ ip, hostnames })) }),
    ...(Object.keys(dns).length === 0 ? {} : { dnsConfig: dns }),
  };
}

/** A DNS label may begin with a digit, unlike a Service's name. */
function legalHostname(context: RenderContext, container: Container, hostname: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(hostname)) return hostname;
  // As `hostname -s` says it: programs that name their data after the host (RabbitMQ) use this part.
  const legal = objectName(hostname.split('.').find((label) => label !== '') ?? hostname, 63);
  context.find('name', 'approximated', container.origin, `The host name "${hostname}" of ${container.name} is written "${legal}": a pod's is one lower-case label.`);
  return legal;
}
