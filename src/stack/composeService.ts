import { isObject, scalarNumber, scalarText } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import { parseDockerBytes } from '../text/quantities';
import { splitShellWords } from '../text/shellWords';
import type { Container, Dependency, EnvVar, Resources, Route } from '../model/stack';
import { environmentEntries } from './composeEnvironment';
import { readEnvironmentFile } from './environmentFile';
import type { Variables } from './composeEnvironment';
import { readHealthCheck } from './composeHealthCheck';
import { readPorts } from './composePorts';
import { readMounts } from './composeVolumes';
import type { MountContext } from './composeVolumes';
import { serviceKeys } from './composeKeys';
import { readProcess } from './composeProcess';
import { readSecurity } from './composeSecurity';
import { pairs, strings, text } from './composeValues';
import { domainVariable } from './magicVariables';
import type { FindingList } from './findings';

export interface ServiceContext extends MountContext {
  variables: Variables;
  routes: Route[];
  /** Environment as Coolify itself says it runs it, when known; else the file's own. */
  environment: Json | undefined;
  envFile: (path: string) => string | undefined;
  hostNames: string[];
  imageForBuild: string;
  /** Coolify gives the arguments of a build to the container too; Compose does not. */
  buildArgumentsRun?: boolean;
}

/** One compose service as a container. `service` is interpolated but for its `environment`. */
export function readService(name: string, service: JsonObject, context: ServiceContext): Container {
  const path = ['services', name];
  decideKeys(service, path, context.findings);
  const deploy = isObject(service['deploy']) ? service['deploy'] : {};
  const image = text(service['image']) ?? imageOfBuild(service, path, context);
  const container: Container = {
    name, origin: context.findings.origin(path), image, alwaysPull: movesTag(image) || service['pull_policy'] === 'always',
    env: readEnv(service, path, context), ports: readPorts(service['ports'], service['expose'], path, context.findings),
    mounts: readMounts(service, path, context), dependsOn: readDependencies(service['depends_on'], service['links']),
    lifecycle: { kind: 'service' }, routes: context.routes, hostNames: context.hostNames,
    groupAdd: strings(service['group_add']), capAdd: strings(service['cap_add']), capDrop: strings(service['cap_drop']),
    extraHosts: readExtraHosts(service['extra_hosts']), dns: strings(service['dns']), dnsSearch: strings(service['dns_search']), dnsOptions: strings(service['dns_opt']),
    sysctls: pairs(service['sysctls']), devices: readDevices(service['devices']), resources: readResources(service, deploy), labels: { ...labelFiles(service['label_file'], context), ...readLabels(service['labels']), ...pairs(service['annotations']) },
  };
  if (service['healthcheck'] === undefined) context.findings.add('healthCheck', 'ignored', path, 'If the image has a health check of its own, Docker runs it and Kubernetes does not; the container counts as ready when it runs.');
  const health = readHealthCheck(service['healthcheck'], [...path, 'healthcheck'], context.findings);
  if (health !== undefined) container.healthCheck = health;
  readWords(container, service, path, context.findings);
  readProcess(container, service, deploy, path, context.findings);
  readSecurity(container, service, path, context.findings);
  return container;
}

function decideKeys(service: JsonObject, path: string[], findings: FindingList): void {
  for (const key of Object.keys(service)) {
    const decision = serviceKeys[key];
    if (decision !== undefined) findings.add('key', decision[0], [...path, key], decision[1] === '' ? 'Same behaviour.' : decision[1], decision[0] === 'refused' ? { fix: 'Remove the key.' } : {});
    else if (key.startsWith('x-')) findings.add('key', 'ignored', [...path, key], 'An extension field means nothing to Compose.');
    else findings.add('key', 'ignored', [...path, key], 'No key of the Compose specification and none of Coolify\'s own.');
  }
}

function imageOfBuild(service: JsonObject, path: string[], context: ServiceContext): string {
  if (service['build'] === undefined) context.findings.add('build', 'refused', [...path, 'image'], 'It has neither an image nor a build, so nothing tells what is to run.', { fix: 'Name an image, or leave the service out.' });
  else context.findings.add('build', 'refused', [...path, 'build'], 'The image has to be built before it can run in a cluster.', { fix: 'Build and push it, and name it under image:.' });
  return context.imageForBuild;
}

/** True when a later pull may bring another image: no tag, or `latest`. */
export function movesTag(image: string): boolean {
  if (image.includes('@')) return false;
  const last = image.split('/').at(-1) ?? '';
  return !last.includes(':') || last.endsWith(':latest');
}

function readEnv(service: JsonObject, path: string[], context: ServiceContext): EnvVar[] {
  const byName = new Map<string, EnvVar>();
  for (const { file, format, required } of envFiles(service['env_file'])) {
    const content = context.envFile(file);
    if (content === undefined && required) context.findings.add('missingFileContent', 'refused', [...path, 'env_file'], `The variables in "${file}" are not known: the file is not to be found.`, { fix: 'Put it beside the compose file, or write the variables under environment:.' });
    if (content === undefined) continue;
    for (const [name, value] of format === 'raw' ? rawLines(content) : parseDotEnv(content, context.variables.outside)) byName.set(name, { name, value, secret: context.variables.isSecret(name, '', value), origin: context.findings.origin([...path, 'env_file']) });
  }
  const buildArgs = context.buildArgumentsRun === true && isObject(service['build']) ? environmentEntries(service['build']['args']) : [];
  for (const [name, raw] of [...buildArgs, ...environmentEntries(context.environment ?? service['environment'])]) {
    const at = [...path, 'environment', name];
    const variable = envVar(name, raw, at, context);
    if (variable === undefined) continue;
    byName.delete(name);
    byName.set(name, variable);
  }
  return [...byName.values()];
}

function envVar(name: string, raw: string | null, at: string[], context: ServiceContext): EnvVar | undefined {
  const { variables, findings } = context;
  const domain = domainVariable(name);
  // In what Coolify itself runs nothing is declared any more: a path there is the value.
  const declared = domain !== undefined && context.environment === undefined && (raw === null || raw === '' || raw.startsWith('/'));
  const value = declared ? variables.lookup(name) : raw === null ? variables.lookup(name)
    : variables.interpolate(raw, ({ name: missing, message }) => {
      findings.add('requiredVariable', 'refused', at, `${missing} has to be set: ${message === '' ? 'it is required' : message}.`, { fix: `Set ${missing} in Coolify or in the .env file.` });
    });
  if (value === undefined) {
    findings.add('missingVariable', 'ignored', at, `${name} is passed on only when it is set, and it is not.`);
    return undefined;
  }
  return { name, value, secret: variables.isSecret(name, raw ?? `\${${name}}`, value), origin: findings.origin(at) };
}

interface EnvFile { file: string; format: string | undefined; required: boolean }

function envFiles(value: Json | undefined): EnvFile[] {
  const items = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return items.flatMap((item): EnvFile[] => {
    if (!isObject(item)) return [{ file: scalarText(item), format: undefined, required: true }];
    return typeof item['path'] === 'string' ? [{ file: item['path'], format: text(item['format']), required: item['required'] !== false }] : [];
  });
}

/** `format: raw`: each line is a name and a value as they stand. */
function rawLines(content: string): [string, string][] {
  return content.split(/\r?\n/).flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at > 0 && !line.startsWith('#') ? [[line.slice(0, at), line.slice(at + 1)]] : [];
  });
}

/** A dotenv file as Compose reads it; with a line that Compose would refuse, what stands before it counts. */
export function parseDotEnv(content: string, lookup: (name: string) => string | undefined = () => undefined): [string, string][] {
  const read = (text: string): [string, string][] => [...readEnvironmentFile(text, lookup)];
  try {
    return read(content);
  } catch {
    return content.split('\n').flatMap((line) => {
      try {
        return read(`${line}\n`);
      } catch {
        return [];
      }
    });
  }
}

function readWords(container: Container, service: JsonObject, path: string[], findings: FindingList): void {
  for (const key of ['command', 'entrypoint'] as const) {
    const value = service[key];
    if (value === null || value === undefined) continue;
    try {
      const words = Array.isArray(value) ? value.map(scalarText) : splitShellWords(scalarText(value));
      if (words.length > 0) container[key] = words;
      else if (key === 'entrypoint') findings.add('invalidValue', 'approximated', [...path, key], 'Kubernetes cannot clear the entrypoint of an image; it stays.', { fix: 'Write the command the image should run.' });
    } catch (cause) {
      findings.add('invalidValue', 'refused', [...path, key], `The ${key} cannot be split into words: ${cause instanceof Error ? cause.message : ''}`, { fix: 'Close the quote.' });
    }
  }
}

function readResources(service: JsonObject, deploy: JsonObject): Resources {
  const swarm = isObject(deploy['resources']) ? deploy['resources'] : {};
  const limits = isObject(swarm['limits']) ? swarm['limits'] : {};
  const reservations = isObject(swarm['reservations']) ? swarm['reservations'] : {};
  const resources: Resources = {};
  const set = (key: keyof Resources, value: number | undefined): void => { if (value !== undefined && value > 0) resources[key] = value; };
  set('memoryLimit', bytes(limits['memory'] ?? service['mem_limit']));
  set('memoryRequest', bytes(reservations['memory'] ?? service['mem_reservation']));
  set('cpuLimit', milli(limits['cpus'] ?? service['cpus']));
  set('cpuRequest', milli(reservations['cpus']));
  const shares = scalarNumber(service['cpu_shares'] ?? 1024);
  if (resources.cpuRequest === undefined && Number.isFinite(shares) && shares !== 1024) set('cpuRequest', Math.round((shares / 1024) * 1000));
  return resources;
}

function bytes(value: Json | undefined): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseDockerBytes(value) : undefined;
}

function milli(value: Json | undefined): number | undefined {
  const cpus = scalarNumber(value ?? 0);
  return Number.isFinite(cpus) ? Math.round(cpus * 1000) : undefined;
}

function readDependencies(value: Json | undefined, links: Json | undefined): Dependency[] {
  const found = new Map<string, Dependency>();
  for (const link of strings(links)) found.set(link.split(':')[0] ?? link, { container: link.split(':')[0] ?? link, condition: 'started', required: true });
  if (Array.isArray(value)) for (const name of value.map(scalarText)) found.set(name, { container: name, condition: 'started', required: true });
  if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      const condition = isObject(item) ? text(item['condition']) : undefined;
      found.set(name, { container: name, condition: condition === 'service_healthy' ? 'healthy' : condition === 'service_completed_successfully' ? 'completed' : 'started', required: !isObject(item) || item['required'] !== false });
    }
  }
  return [...found.values()];
}

function readExtraHosts(value: Json | undefined): { host: string; address: string }[] {
  if (isObject(value)) return Object.entries(value).flatMap(([host, address]) => (Array.isArray(address) ? address : [address]).map((one) => ({ host, address: scalarText(one) })));
  return strings(value).flatMap((item) => {
    const match = /^([^:=]+)[:=](.+)$/.exec(item);
    return match === null ? [] : [{ host: (match[1] ?? '').trim(), address: (match[2] ?? '').trim().replace(/^\[|\]$/g, '') }];
  });
}

function readDevices(value: Json | undefined): { host: string; container: string }[] {
  return (Array.isArray(value) ? value : []).map((item) => {
    if (isObject(item)) return { host: scalarText(item['source']), container: scalarText(item['target'] ?? item['source']) };
    const [host = '', container = host] = scalarText(item).split(':');
    return { host, container };
  });
}

function labelFiles(value: Json | undefined, context: ServiceContext): Record<string, string> {
  return readLabels(strings(value).flatMap((file) => parseDotEnv(context.envFile(file) ?? '').map(([name, label]) => `${name}=${label}`)));
}

/** Labels that are left when those of the proxies, of Compose and of Coolify are taken out. */
function readLabels(value: Json | undefined): Record<string, string> {
  return Object.fromEntries(environmentEntries(value).map(([key, item]): [string, string] => [key, item ?? '']).filter(([key]) => !/^(traefik|caddy|coolify|com\.docker)[._\d]|^caddy/.test(key)));
}
