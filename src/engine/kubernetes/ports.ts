import type { Container, ContainerPort } from '../../model/stack';
import type { RenderContext } from './context';
import type { FoundReference } from './hosts';

/** What well-known images listen on; the last resort before a headless Service. */
const imagePorts: [RegExp, number[]][] = [
  [/^(postgres|postgis|pgvector|timescaledb(-ha)?|supabase-postgres|postgresql)$/, [5432]], [/^(mysql|mysql-server|mariadb|percona)$/, [3306]], [/^(redis|redis-stack|redis-stack-server|valkey|keydb|dragonfly)$/, [6379]],
  [/^(mongo|mongodb)$/, [27017]], [/^rabbitmq$/, [5672, 15672]], [/^memcached$/, [11211]], [/^(clickhouse|clickhouse-server)$/, [8123, 9000]], [/^(elasticsearch|opensearch)$/, [9200]], [/^minio$/, [9000, 9001]],
  [/^meilisearch$/, [7700]], [/^typesense$/, [8108]], [/^(nginx|httpd|wordpress|caddy|apache)$/, [80]], [/^qdrant$/, [6333, 6334]], [/^nats$/, [4222]], [/^influxdb$/, [8086]], [/^zookeeper$/, [2181]],
  [/^etcd$/, [2379, 2380]], [/^gotenberg$/, [3000]], [/^chrome|^browserless$/, [3000]], [/^tika$/, [9998]], [/^soketi$/, [6001]], [/^couchdb$/, [5984]], [/^neo4j$/, [7474, 7687]], [/^cassandra$/, [9042]],
];

/** Every port a container is known, or can be told from evidence, to listen on; the evidence becomes a finding. */
export function portsOf(container: Container, references: readonly FoundReference[], context: RenderContext): ContainerPort[] {
  const ports = new Map<string, ContainerPort>(container.ports.map((port) => [`${String(port.port)}/${port.protocol}`, port]));
  const infer = (port: number, evidence: string): void => {
    const key = `${String(port)}/TCP`;
    if (port < 1 || port > 65_535 || ports.has(key)) return;
    ports.set(key, { port, protocol: 'TCP', evidence, origin: container.origin });
    context.find('portInferred', 'inferred', container.origin, `${container.name} is taken to listen on ${String(port)}.`, { evidence });
  };
  for (const route of container.routes) if (route.port !== undefined) infer(route.port, 'its domain names the port');
  const health = container.healthCheck;
  if (health?.http !== undefined) infer(health.http.port, 'its health check asks there');
  for (const match of (health?.test.join(' ') ?? '').matchAll(/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])[:/](\d{2,5})/g)) infer(Number(match[1]), 'its health check asks there');
  for (const reference of references) {
    if (reference.owner !== container.name || reference.port === undefined) continue;
    // Of itself only what is written out: `http://app` may be how the world knows it.
    if (reference.container !== container.name || reference.assumed !== true) infer(reference.port, `${reference.where} of ${reference.container} connects there`);
  }
  for (const variable of container.env) {
    const match = /^SERVICE_(?:URL|FQDN)_.+_(\d+)$/.exec(variable.name);
    if (match !== null && container.routes.length > 0) infer(Number(match[1]), `${variable.name} names the port`);
  }
  const image = (container.image.split('@')[0] ?? '').split('/').at(-1)?.split(':')[0] ?? '';
  for (const [pattern, known] of imagePorts) if (pattern.test(image)) for (const port of known) infer(port, `the image ${image}`);
  if (ports.size === 0) for (const variable of container.env) if (variable.name === 'PORT' && /^\d{2,5}$/.test(variable.value)) infer(Number(variable.value), 'its variable PORT');
  if (ports.size === 0 && container.routes.length > 0) infer(80, 'it has a domain and nothing names a port, so that of HTTP');
  return [...ports.values()].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

/** `p80-tcp`: legal (15 characters, a letter) for every port. */
export function portName(port: { port: number; protocol: string }): string {
  return `p${String(port.port)}-${port.protocol.toLowerCase()}`;
}
