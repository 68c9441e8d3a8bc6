import { isObject } from '../text/json';
import type { JsonObject, Json } from '../text/json';
import { readYaml } from '../text/yaml';
import type { Bundle } from '../model/instance';
import type { Container, Route, Stack } from '../model/stack';
import { asJson, flagField, listField, numberField, onUnlessOff, readDomains, readEnvRows, readFileStorages, textField } from './apiFields';
import { coolifyEnvironment } from './coolifyEnvironment';
import { serverSettings } from './applicationService';
import { readCompose } from './compose';
import { composeRoot, servicesIn } from './composeRoot';
import type { ComposeError } from './compose';
import { decideEffectiveKeys } from './effectiveKeys';
import { FindingList } from './findings';
import { seededSource } from './magicVariables';
import { readScheduledTasks } from './scheduledTasks';
import { decidePart, decideServiceFields } from './serviceParts';
import { environmentLines, withCurrentDomains } from './serviceEnvironment';
import type { Domains } from './serviceEnvironment';

/** A service stack as the API describes it. The structure comes from `docker_compose_raw`, values from Coolify's env rows, domains from the sub-applications, file contents from the storages. */
export function readServiceBundle(bundle: Bundle): Stack | ComposeError {
  const resource = asJson(bundle.resource);
  if (!isObject(resource)) return { kind: 'not-compose', message: 'the bundle\'s resource is no object' };
  const raw = textField(resource, 'docker_compose_raw') ?? textField(resource, 'docker_compose');
  if (raw === undefined) return { kind: 'not-compose', message: 'the API did not give docker_compose_raw; the token may lack read:sensitive' };
  const uuid = textField(resource, 'uuid') ?? 'service';
  const own = new FindingList('service');
  const lists = { applications: listField(resource['applications']), databases: listField(resource['databases']) };
  const parts = [...lists.applications, ...lists.databases];
  const partNamed = (name: string): JsonObject | undefined => parts.find((part) => textField(part, 'name') === name);
  const domains: Domains = new Map(parts.map((part) => [textField(part, 'name') ?? '', textField(part, 'fqdn')]));
  const environment = coolifyEnvironment(environmentLines(readEnvRows(asJson(bundle.envs), own), domains), own);
  const effectiveFile = composeRoot(textField(resource, 'docker_compose'));
  const running = servicesIn(effectiveFile);
  const effective = effectiveEnvironment(effectiveFile, (name) => domains.get(name));
  const stack = readCompose({
    text: raw, source: 'docker_compose_raw', kind: 'service', uuid, name: textField(resource, 'name') ?? uuid, variables: environment.project,
    secrets: seededSource(uuid), wildcardDomain: 'http://127.0.0.1.sslip.io',
    fileAt: readFileStorages(asJson(bundle.storages), (name) => textField(partNamed(name) ?? {}, 'uuid')),
    routesOf: (name) => routesOf(partNamed(name), own), environmentOf: (name) => withCurrentDomains(effective(name), domains),
    extraHostNames: (name) => [`${name}-${uuid}`],
  });
  if (!('containers' in stack)) return stack;
  for (const volume of stack.volumes) volume.dockerName ??= `${uuid}_${volume.name.toLowerCase().replaceAll('_', '-')}`;
  for (const container of stack.containers) {
    const readOnly = readOnlyTargets(running[container.name]);
    for (const mount of container.mounts) mount.readOnly ||= readOnly.has(mount.target);
  }
  for (const container of stack.containers) publish(container, lists.databases.find((part) => textField(part, 'name') === container.name), own);
  stack.sharedEnv = environment.variables;
  stack.scheduledTasks = readScheduledTasks(asJson(bundle.scheduledTasks), stack.containers, own, textField(serverSettings(resource), 'server_timezone'));
  stack.running = /^(running|starting|degraded|restarting)/.test(textField(resource, 'status') ?? 'running');
  for (const list of ['applications', 'databases'] as const) {
    for (const part of lists[list]) decidePart(list, part, own);
  }
  decideServiceFields(resource, own);
  decideEffectiveKeys(effectiveFile, composeRoot(raw), own);
  stack.findings.push(...own.all);
  return stack;
}

/** Ports of databases that Coolify's TCP proxy leads to (`StartDatabaseProxy`). */
const databasePorts: [RegExp, number][] = [[/postgres|postgis|pgvector|timescale/, 5432], [/mysql|mariadb/, 3306], [/redis|keydb|dragonfly|valkey/, 6379], [/mongo/, 27_017], [/clickhouse/, 9000]];

/** A database of a stack that is public: what its proxy is in Coolify, a published port is here. */
function publish(container: Container, part: JsonObject | undefined, findings: FindingList): void {
  const published = part === undefined || !flagField(part, 'is_public') ? undefined : numberField(part, 'public_port');
  if (part === undefined || published === undefined || published < 1) return;
  const path = ['databases', container.name, 'public_port'];
  const target = databasePorts.find(([pattern]) => pattern.test(textField(part, 'custom_type') ?? container.image))?.[1];
  if (target === undefined) {
    findings.add('port', 'refused', path, 'It is public in Coolify, and nothing tells which port of it.', { fix: 'Publish the port in the compose file.' });
    return;
  }
  const known = container.ports.find((port) => port.port === target && port.published === undefined);
  if (known === undefined) container.ports.push({ port: target, protocol: 'TCP', evidence: 'public_port', published: { port: published }, origin: findings.origin(path) });
  else known.published = { port: published };
  findings.add('port', 'approximated', path, 'Coolify\'s proxy is not there: the port is published by the cluster, which closes idle connections at its own time.');
}

/** Coolify strips `read_only` from the stored file with a mount's content; what it runs still says `:ro`. */
function readOnlyTargets(service: Json | undefined): ReadonlySet<string> {
  const volumes = isObject(service) && Array.isArray(service['volumes']) ? service['volumes'] : [];
  return new Set(volumes.flatMap((volume) => (typeof volume === 'string' ? [/^[^:]*:([^:]+):(?:.*,)?ro(?:,.*)?$/.exec(volume)?.[1] ?? ''] : [])).filter((target) => target !== ''));
}

/** `environment` of a service in the compose file that Coolify itself runs: with what it injected. */
export function effectiveEnvironment(root: Json, fqdnOf: (service: string) => string | undefined): (service: string) => Json | undefined {
  return (name) => {
    const service = servicesIn(root)[name];
    const environment = isObject(service) ? service['environment'] : undefined;
    return isObject(environment) ? { ...environment, ...currentDomains(environment, fqdnOf(name)) } : environment ?? undefined;
  };
}

/** The stored file is stale until the next start; the domains of the sub-application are not (facts §14.22). */
function currentDomains(environment: JsonObject, fqdn: string | undefined): JsonObject {
  if (fqdn === undefined || environment['COOLIFY_URL'] === undefined) return {};
  const urls = fqdn.split(',').map((url) => url.trim().replace(/^(https?:\/\/[^/:]+):\d+/, '$1'));
  return { COOLIFY_URL: urls.join(','), COOLIFY_FQDN: urls.map((url) => url.replace(/^https?:\/\//, '')).join(',') };
}

function routesOf(part: JsonObject | undefined, findings: FindingList): Route[] {
  if (part === undefined) return [];
  return readDomains(textField(part, 'fqdn'), {
    field: `applications.${textField(part, 'name') ?? ''}.fqdn`, forceHttps: onUnlessOff(part, 'is_force_https_enabled'),
    stripPrefix: onUnlessOff(part, 'is_stripprefix_enabled'), gzip: onUnlessOff(part, 'is_gzip_enabled'), redirect: textField(part, 'redirect'), noindex: noindexList(part['noindex_domains']),
  }, findings);
}

export function noindexList(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value !== 'string') return [];
  const yaml = readYaml(value);
  return 'kind' in yaml || !Array.isArray(yaml.value) ? [] : yaml.value.map(String);
}
