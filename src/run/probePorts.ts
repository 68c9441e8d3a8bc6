import type { ClusterProbe, PortHolder } from '../model/probe';
import { sanitise } from './events';
import type { Sections } from './probeParse';

const watched = [80, 443] as const;

/** Who holds ports 80 and 443: a listening socket, a container that publishes the port, or a Service that takes it on each node. */
export function portsOf(found: Sections, cluster: ClusterProbe | undefined): PortHolder[] {
  const listening = new Map([...socketsOf(found.get('proc') ?? ''), ...namedSocketsOf(found.get('sockets') ?? '')]);
  const containers = publishedBy(found.get('containers') ?? '');
  return watched.flatMap((port) => {
    const container = containers.get(port);
    const service = cluster?.loadBalancers.find(({ ports }) => ports.includes(port));
    const process = listening.get(port);
    if (!listening.has(port) && container === undefined && service === undefined) return [];
    return [{
      port, ...(process !== undefined && process !== '' && { process }), ...(container !== undefined && { container }),
      ...(service && { service: `${service.namespace}/${service.name}` }),
    }];
  });
}

/** /proc/net/tcp: the local address is the second column, the port in hexadecimal; the script kept listening sockets only. */
function socketsOf(text: string): [number, string][] {
  return text.split('\n').flatMap((row): [number, string][] => {
    const port = /^\s*\d+:\s+[\dA-F]+:([\dA-F]{4})\s/.exec(row)?.[1];
    return port === undefined ? [] : [[parseInt(port, 16), '']];
  });
}

/** ss -ltnp; the process stands there only for who may see it. A port shared by several sockets keeps the name that is known. */
function namedSocketsOf(text: string): Map<number, string> {
  const result = new Map<number, string>();
  for (const row of text.split('\n')) {
    const match = /^LISTEN\s+\d+\s+\d+\s+\S+:(\d+)\s+\S+\s*(.*)$/.exec(row);
    if (match === null) continue;
    const port = Number(match[1]);
    const process = sanitise(/users:\(\("(.*?)",pid=/.exec(match[2] ?? '')?.[1] ?? '').slice(0, 60);
    result.set(port, process || (result.get(port) ?? ''));
  }
  return result;
}

/** docker ps, a JSON array for each container: names, ports as `0.0.0.0:80->80/tcp, :::8000-8001->8000-8001/tcp`. */
function publishedBy(text: string): Map<number, string> {
  const result = new Map<number, string>();
  for (const row of text.split('\n')) {
    const [name, ports] = rowOf(row);
    for (const [, first, last] of (ports ?? '').matchAll(/:(\d+)(?:-(\d+))?->/g)) {
      for (const port of watched) if (name !== undefined && port >= Number(first) && port <= Number(last ?? first)) result.set(port, sanitise(name).slice(0, 200));
    }
  }
  return result;
}

function rowOf(row: string): [string?, string?] {
  try {
    const value: unknown = JSON.parse(row);
    const [name, ports]: unknown[] = Array.isArray(value) ? value : [];
    return typeof name === 'string' && typeof ports === 'string' ? [name, ports] : [];
  } catch {
    return [];
  }
}
