import type { Container } from '../../model/stack';
import type { HostReference } from '../../model/rendering';
import type { RenderContext } from './context';

const schemePorts: Record<string, number> = {
  http: 80, https: 443, ws: 80, wss: 443, postgres: 5432, postgresql: 5432, mysql: 3306, mariadb: 3306, mysql2: 3306, redis: 6379, rediss: 6379, mongodb: 27017, amqp: 5672, amqps: 5671, nats: 4222,
  smtp: 25, memcached: 11211, clickhouse: 9000, kafka: 9092, mqtt: 1883, ldap: 389, bolt: 7687, neo4j: 7687,
};

export interface FoundHost { where: string; host: string; port?: number; url: boolean; /** The port is that of the scheme: nobody wrote it. */ assumed?: boolean }

/** A reference with the container that answers to it. */
export type FoundReference = HostReference & { owner: string | undefined; assumed?: boolean }

/** Text positions in which a container may name another host. */
function textsOf(container: Container): [string, string][] {
  return [
    ...container.env.map((variable): [string, string] => [`env.${variable.name}`, variable.value]),
    ...(container.command ?? []).map((word): [string, string] => ['command', word]), ...(container.entrypoint ?? []).map((word): [string, string] => ['entrypoint', word]),
    ...container.mounts.flatMap((mount): [string, string][] => (mount.kind === 'file' && mount.binary !== true ? [[`file:${mount.target}`, mount.content]] : [])),
    ...(container.healthCheck?.test ?? []).map((word): [string, string] => ['healthCheck', word]),
  ];
}

const token = '[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?';
/** User and password of a URL: a password that nobody encoded may hold an `@` too, so the last one before the path counts. */
const userInfo = '(?:[^\\s/?#,]*@)?';

const inUrl = new RegExp(`([a-z][a-z0-9+.-]*)://${userInfo}(${token})(?::(\\d{1,5}))?`, 'gi');
const withPort = new RegExp(`(?<![A-Za-z0-9_.-])(${token}):(\\d{2,5})(?!\\d)`, 'g');
const afterAt = new RegExp(`@(?:tcp\\()?(${token})`, 'g');

/** MinIO's `http://minio{1...4}:9000/data{1...2}`, which names several hosts. */
function expanded(text: string): string {
  return text.replace(/(:\/\/[A-Za-z0-9_.-]*)\{(\d{1,3})\.\.\.(\d{1,3})\}([A-Za-z0-9_.-]*(?::\d+)?)\S*/g, (_all, before: string, from: string, to: string, after: string) => {
    const count = Math.min(Math.max(Number(to) - Number(from) + 1, 0), 64);
    return Array.from({ length: count }, (_none, index) => `http${before}${String(Number(from) + index)}${after}`).join(' ');
  });
}

/** Hosts in one text: in URLs, before `:port`, and a known name that stands alone or in a list. */
export function hostsIn(original: string, known: ReadonlySet<string>): Omit<FoundHost, 'where'>[] {
  const text = original.includes('...') ? expanded(original) : original;
  const found: Omit<FoundHost, 'where'>[] = [];
  if (text.includes('://')) for (const match of text.matchAll(inUrl)) {
    if (/^docker(-image)?$/i.test(match[1] ?? '')) continue; // An image, not an address.
    const port = match[3] === undefined ? schemePorts[(match[1] ?? '').split('+')[0]?.toLowerCase() ?? ''] : Number(match[3]);
    found.push({ host: match[2] ?? '', ...(port === undefined ? {} : { port }), url: true, ...(match[3] === undefined ? { assumed: true } : {}) });
  }
  if (text.includes(':')) for (const match of text.matchAll(withPort)) {
    if (known.has(match[1] ?? '')) found.push({ host: match[1] ?? '', port: Number(match[2]), url: false });
  }
  if (text.includes('@')) for (const match of text.matchAll(afterAt)) if (known.has(match[1] ?? '')) found.push({ host: match[1] ?? '', url: false });
  for (const word of text.split(/[\s,;|=()"']+/)) if (known.has(word)) found.push({ host: word, url: false });
  return found;
}

/** Every reference of every container to a peer, a neighbour, or a bare name in a URL that nothing answers. */
export function findHostReferences(context: RenderContext): FoundReference[] {
  const owners = new Map<string, string>();
  for (const container of context.stack.containers) for (const name of container.hostNames) if (!owners.has(name)) owners.set(name, container.name);
  const known = new Set([...owners.keys(), ...context.neighbours.keys()]);
  const references = new Map<string, FoundReference>();
  for (const container of context.stack.containers) {
    const variables = new Map(container.env.map((variable) => [variable.name, variable.value]));
    for (const [where, text] of textsOf(container)) {
      for (const found of hostsIn(text, known)) {
        const isKnown = known.has(found.host);
        if (!isKnown && !(found.url && isBareName(found.host) && where !== 'healthCheck' && !where.startsWith('file:'))) continue;
        const port = found.port ?? pairedPort(where, variables);
        const key = `${container.name}|${where}|${found.host}|${String(port)}`;
        references.set(key, { container: container.name, where, host: found.host, ...(port === undefined ? {} : { port }), resolved: isKnown, owner: owners.get(found.host), ...(found.assumed === true ? { assumed: true } : {}) });
      }
    }
  }
  return [...references.values()];
}

/**
 * A process that listens or connects under a name of its own (`KAFKA_LISTENERS=PLAINTEXT://broker:9092`) finds its own address there in
 * Docker. In a pod only its host name does that: a Service has another address, and none at all until the pod is ready.
 */
export function nameOwnHosts(context: RenderContext, found: readonly FoundReference[]): void {
  for (const container of context.stack.containers) {
    if (container.hostname !== undefined || container.hostNetwork === true || container.sharesNetworkOf !== undefined) continue;
    const own = found.find((reference) => reference.container === container.name && reference.owner === container.name && reference.port !== undefined && reference.assumed !== true) ?? asksItself(container, found);
    if (own === undefined) continue;
    container.hostname = context.serviceName(own.host);
    context.find('network', 'inferred', container.origin, `The pod of ${container.name} is named "${container.hostname}", so that the name leads to the pod itself as it does in Docker.`, { evidence: `${own.where} names it` });
  }
}

/** A health check that asks the container by its own name would wait for a Service which waits for the check. */
function asksItself(container: Container, found: readonly FoundReference[]): FoundReference | undefined {
  const text = (container.healthCheck?.test ?? []).join(' ');
  return found.find(({ container: name, owner, where, host }) => name === container.name && owner === name && where === 'healthCheck' && new RegExp(`://(?:[^\\s/@]*@)?${escaped(host)}(?![A-Za-z0-9_.-])|(?<=^|\\s)(?:-h|--host(?:name)?)[ =]?${escaped(host)}(?=$|\\s)`).test(text));
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** `DB_HOST=db` beside `DB_PORT=5432`. */
function pairedPort(where: string, variables: ReadonlyMap<string, string>): number | undefined {
  const stem = /^env\.(.*?)_?(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS)$/i.exec(where)?.[1];
  if (stem === undefined) return undefined;
  for (const name of [`${stem}_PORT`, `${stem}PORT`, `${stem}_PORT_NUMBER`]) {
    const port = Number(variables.get(name));
    if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  }
  return undefined;
}

function isBareName(host: string): boolean {
  return !host.includes('.') && !/^(localhost|null|none|undefined|\d+|host|hostname|example|user|username|your-.*)$/i.test(host);
}

/**
 * Names that Kubernetes does not allow (`_`, capitals, dots, a digit first) are replaced wherever they stand in a host's place;
 * each replacement is told.
 */
export function rewriteNames(context: RenderContext): void {
  const names = new Map<string, string>();
  for (const [name, service] of context.serviceNames) if (name !== service) names.set(name, service);
  if (names.size === 0) return;
  for (const container of context.stack.containers) {
    const rewrite = (where: string, text: string): string => [...names].reduce((result, [from, to]) => {
      const changed = replaceHost(result, from, to);
      if (changed !== result) context.find('hostRewritten', 'translated', container.origin, `The host "${from}" in ${where} of ${container.name} is written "${to}", since its Service is called so in the cluster.`);
      return changed;
    }, text);
    for (const variable of container.env) if (mayHoldHost(variable, names)) variable.value = rewrite(variable.name, variable.value);
    if (container.command !== undefined) container.command = container.command.map((word) => rewrite('the command', word));
    if (container.entrypoint !== undefined) container.entrypoint = container.entrypoint.map((word) => rewrite('the entrypoint', word));
    if (container.healthCheck !== undefined) container.healthCheck = { ...container.healthCheck, test: container.healthCheck.test.map((word) => rewrite('the health check', word)) };
    for (const mount of container.mounts) if (mount.kind === 'file' && mount.binary !== true) mount.content = rewrite(mount.target, mount.content);
  }
}

/** Coolify's own variables hold hosts only where they are one; an uuid is an uuid, also where a container answers to it. */
function mayHoldHost({ name, value }: { name: string; value: string }, names: ReadonlyMap<string, string>): boolean {
  return name !== 'COOLIFY_RESOURCE_UUID' && (!/^(COOLIFY_|SERVICE_NAME_)/.test(name) || names.has(value));
}

function replaceHost(text: string, from: string, to: string): string {
  const name = escaped(from);
  if (text === from) return to;
  return text
    .replace(new RegExp(`(://${userInfo})${name}(?![A-Za-z0-9_.-])`, 'g'), `$1${to}`)
    .replace(new RegExp(`(@(?:tcp\\()?)${name}(?![A-Za-z0-9_.-])`, 'g'), `$1${to}`)
    .replace(new RegExp(`(?<![A-Za-z0-9_./-])${name}(?=:\\d)`, 'g'), to)
    .replace(new RegExp(`(?<=^|[\\s,;])${name}(?=$|[\\s,;])`, 'g'), to);
}
