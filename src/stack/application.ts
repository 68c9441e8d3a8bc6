import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import { parseDockerBytes } from '../text/quantities';
import type { Bundle } from '../model/instance';
import type { Container, ContainerPort, EnvVar, HealthCheck, Mount, Resources, Stack, Volume } from '../model/stack';
import { asJson, fileStorage, flagField, listField, numberField, readDomains, readEnvRows, textField } from './apiFields';
import type { EnvRow } from './apiFields';
import { decideFields } from './applicationFields';
import { movesTag } from './composeService';
import { FindingList } from './findings';
import { interpolate } from './interpolation';
import { noindexList } from './service';
import { readScheduledTasks } from './scheduledTasks';
import { looksSecret } from './secretNames';

/** An application as the API describes it. Build pack `dockerimage` runs as it is; the others need an image that was built and pushed. */
export function readApplicationBundle(bundle: Bundle): Stack {
  const resource = asJson(bundle.resource);
  const application: JsonObject = isObject(resource) ? resource : {};
  const settings = isObject(application['settings']) ? application['settings'] : {};
  const findings = new FindingList('application');
  const uuid = textField(application, 'uuid') ?? 'application';
  const name = textField(application, 'name') ?? uuid;
  decideFields(application, findings);
  const ports = readPorts(application, findings);
  const { mounts, volumes } = readStorages(asJson(bundle.storages), findings);
  const container: Container = {
    name: uuid, origin: findings.origin(['uuid']), image: imageOf(application, uuid, findings), alwaysPull: false,
    env: readEnv(application, readEnvRows(asJson(bundle.envs), findings), ports, flagField(settings, 'is_env_sorting_enabled')), ports, mounts,
    dependsOn: [], lifecycle: { kind: 'service' }, routes: routesOf(application, settings, ports, findings), hostNames: hostNames(application, settings, uuid),
    groupAdd: [], capAdd: [], capDrop: [], extraHosts: [], dns: [], dnsSearch: [], dnsOptions: [], sysctls: {}, devices: [], resources: readLimits(application), labels: {},
    stopGraceSeconds: numberField(settings, 'stop_grace_period') ?? 30,
  };
  container.alwaysPull = movesTag(container.image);
  const health = readHealth(application, ports, findings);
  if (health !== undefined) container.healthCheck = health;
  const environment = isObject(application['environment']) ? application['environment'] : {};
  const environmentName = textField(environment, 'name');
  return {
    kind: 'application', uuid, name, ...(environmentName === undefined ? {} : { environmentName }), containers: [container], volumes, sharedEnv: [],
    scheduledTasks: readScheduledTasks(asJson(bundle.scheduledTasks), findings), running: /^(running|starting|degraded|restarting)/.test(textField(application, 'status') ?? 'running'), findings: findings.all,
  };
}

/** Name and tag; `sha256-<hex>` and a name ending in `@sha256` mean a digest (facts: ApplicationDeploymentJob). */
function imageOf(application: JsonObject, uuid: string, findings: FindingList): string {
  const name = textField(application, 'docker_registry_image_name');
  const tag = textField(application, 'docker_registry_image_tag') ?? 'latest';
  if (textField(application, 'build_pack') !== 'dockerimage') {
    findings.add('build', 'refused', ['build_pack'], 'The image has to be built and pushed before it can run in a cluster; building is not part of the translation.', { fix: 'Set an image name in Coolify so that it pushes what it builds, then deploy that image.' });
    return name === undefined ? `${uuid}:latest` : `${name}:${tag}`;
  }
  if (name === undefined) {
    findings.add('field', 'refused', ['docker_registry_image_name'], 'No image is named.', { fix: 'Name the image in Coolify.' });
    return `${uuid}:latest`;
  }
  if (name.endsWith('@sha256')) return `${name}:${tag}`;
  return tag.startsWith('sha256-') ? `${name}@sha256:${tag.slice('sha256-'.length)}` : `${name}:${tag}`;
}

function readPorts(application: JsonObject, findings: FindingList): ContainerPort[] {
  const list = textField(application, 'build_pack') === 'static' ? '80' : textField(application, 'ports_exposes') ?? '';
  const ports = list.split(',').map((item) => Number(item.trim())).filter((port) => Number.isInteger(port) && port > 0 && port < 65_536)
    .map((port): ContainerPort => ({ port, protocol: 'TCP', evidence: 'ports_exposes', origin: findings.origin(['ports_exposes']) }));
  for (const item of (textField(application, 'ports_mappings') ?? '').split(',').map((entry) => entry.trim()).filter((entry) => entry !== '')) {
    const match = /^(?:(?:(\[[^\]]+\]|[\d.]+):)?(\d+):)?(\d+)(?:\/(tcp|udp))?$/.exec(item);
    if (match === null) { findings.add('port', 'approximated', ['ports_mappings'], `"${item}" is not carried over.`); continue; }
    const port = Number(match[3]);
    const protocol = match[4] === 'udp' ? 'UDP' : 'TCP';
    const published = { ...(match[2] === undefined ? {} : { port: Number(match[2]) }), ...(match[1] === undefined ? {} : { hostIp: match[1] }) };
    const same = ports.find((known) => known.port === port && known.protocol === protocol);
    if (same !== undefined) same.published = published;
    else ports.push({ port, protocol, evidence: 'ports_mappings', published, origin: findings.origin(['ports_mappings']) });
  }
  return ports;
}

function routesOf(application: JsonObject, settings: JsonObject, ports: ContainerPort[], findings: FindingList): Container['routes'] {
  const password = textField(application, 'http_basic_auth_password');
  const username = textField(application, 'http_basic_auth_username');
  const basicAuth = flagField(application, 'is_http_basic_auth_enabled') && username !== undefined && password !== undefined ? { username, password } : undefined;
  const defaultPort = ports[0]?.port;
  return readDomains(textField(application, 'fqdn'), {
    field: 'fqdn', forceHttps: flagField(settings, 'is_force_https_enabled'), stripPrefix: flagField(settings, 'is_stripprefix_enabled'), gzip: flagField(settings, 'is_gzip_enabled'),
    redirect: textField(application, 'redirect'), noindex: noindexList(application['noindex_domains']), ...(defaultPort === undefined ? {} : { defaultPort }), ...(basicAuth === undefined ? {} : { basicAuth }),
  }, findings);
}

function hostNames(application: JsonObject, settings: JsonObject, uuid: string): string[] {
  const aliases = application['custom_network_aliases'];
  const list = Array.isArray(aliases) ? aliases.map(String) : (typeof aliases === 'string' ? aliases.split(',') : []);
  const internal = textField(settings, 'custom_internal_name');
  return [...new Set([uuid, ...(internal === undefined ? [] : [internal]), ...list.map((alias) => alias.trim()).filter((alias) => alias !== '')])];
}

/** Coolify's `.env` in its order: injected, the user's, PORT, HOST; a later line wins (facts §3.4). */
function readEnv(application: JsonObject, rows: EnvRow[], ports: ContainerPort[], sorted: boolean): EnvVar[] {
  const runtime = rows.filter((row) => row.runtime).sort((a, b) => (sorted ? (a.key < b.key ? -1 : 1) : a.order - b.order));
  const own = new Set(runtime.map((row) => row.key));
  const fqdn = textField(application, 'fqdn') ?? '';
  const values = new Map<string, string>();
  const inject = (key: string, value: string): void => { if (!own.has(key)) values.set(key, value); };
  inject('SOURCE_COMMIT', textField(application, 'git_commit_sha') ?? 'HEAD');
  // The guards are crossed in Coolify: a user's COOLIFY_FQDN suppresses COOLIFY_URL and the other way round.
  if (!own.has('COOLIFY_FQDN')) values.set('COOLIFY_URL', fqdn);
  if (!own.has('COOLIFY_URL')) values.set('COOLIFY_FQDN', fqdn.replace(/https?:\/\//g, ''));
  inject('COOLIFY_BRANCH', textField(application, 'build_pack') === 'dockerimage' ? '' : textField(application, 'git_branch') ?? '');
  inject('COOLIFY_RESOURCE_UUID', textField(application, 'uuid') ?? '');
  inject('COOLIFY_CONTAINER_NAME', textField(application, 'uuid') ?? '');
  for (const row of runtime) {
    values.delete(row.key);
    values.set(row.key, row.literal ? row.value : interpolate(row.value, (name) => values.get(name)));
  }
  if (ports[0] !== undefined) inject('PORT', String(ports[0].port));
  inject('HOST', '0.0.0.0');
  return [...values].map(([name, value]) => ({ name, value, secret: looksSecret(name, value), origin: { source: own.has(name) ? 'envs' : 'injected', path: name } }));
}

function readHealth(application: JsonObject, ports: ContainerPort[], findings: FindingList): HealthCheck | undefined {
  if (!flagField(application, 'health_check_enabled')) return undefined;
  const timing = {
    intervalSeconds: numberField(application, 'health_check_interval') ?? 5, timeoutSeconds: numberField(application, 'health_check_timeout') ?? 5,
    retries: numberField(application, 'health_check_retries') ?? 10, startPeriodSeconds: numberField(application, 'health_check_start_period') ?? 5, origin: findings.origin(['health_check_enabled']),
  };
  const command = textField(application, 'health_check_command');
  if (textField(application, 'health_check_type') === 'cmd' && command !== undefined) return { test: ['/bin/sh', '-c', command], ...timing };
  const port = numberField(application, 'health_check_port') ?? ports[0]?.port;
  if (port === undefined) return undefined;
  const scheme = textField(application, 'health_check_scheme') === 'https' ? 'https' : 'http';
  const host = textField(application, 'health_check_host') ?? 'localhost';
  const path = textField(application, 'health_check_path') ?? '/';
  const method = textField(application, 'health_check_method') ?? 'GET';
  const url = `${scheme}://${host}:${String(port)}${path}`;
  const test = ['/bin/sh', '-c', `curl -s -X ${method} -f ${url} > /dev/null || wget -q -O- ${url} > /dev/null || exit 1`];
  return host === 'localhost' && method === 'GET' ? { test, ...timing, http: { scheme, path, port } } : { test, ...timing };
}

function readLimits(application: JsonObject): Resources {
  const resources: Resources = {};
  const size = (key: string): number | undefined => parseDockerBytes(textField(application, key) ?? '0');
  const limit = size('limits_memory');
  const request = size('limits_memory_reservation');
  const cpus = numberField(application, 'limits_cpus');
  const shares = numberField(application, 'limits_cpu_shares');
  if (limit !== undefined && limit > 0) resources.memoryLimit = limit;
  if (request !== undefined && request > 0) resources.memoryRequest = request;
  if (cpus !== undefined && cpus > 0) resources.cpuLimit = Math.round(cpus * 1000);
  if (shares !== undefined && shares !== 1024 && shares > 0) resources.cpuRequest = Math.round((shares / 1024) * 1000);
  return resources;
}

/** `…/storages`: volumes, host paths, files and directories. */
export function readStorages(storages: Json, findings: FindingList): { mounts: Mount[]; volumes: Volume[] } {
  const mounts: Mount[] = [];
  const volumes: Volume[] = [];
  const body: JsonObject = isObject(storages) ? storages : {};
  for (const row of listField(body['persistent_storages'])) {
    const name = textField(row, 'name') ?? 'data';
    const target = textField(row, 'mount_path') ?? '/data';
    const hostPath = textField(row, 'host_path');
    const origin = findings.origin(['storages', textField(row, 'uuid') ?? name]);
    if (hostPath !== undefined) {
      findings.add('directoryStartsEmpty', 'approximated', ['storages', name], `${hostPath} lies on Coolify's server; the claim in its place starts empty.`, { fix: 'Copy the data before the first start.' });
      mounts.push({ kind: 'directory', id: hostPath, hostPath, target, readOnly: false, origin });
      continue;
    }
    findings.add('field', 'translated', ['storages', name], 'Becomes a claim.');
    volumes.push({ name, dockerName: name, origin });
    mounts.push({ kind: 'volume', volume: name, target, readOnly: false, origin });
  }
  for (const row of listField(body['file_storages'])) {
    const target = textField(row, 'mount_path') ?? '';
    const file = fileStorage(row);
    const origin = findings.origin(['storages', textField(row, 'uuid') ?? target]);
    if (file.directory) {
      const hostPath = textField(row, 'fs_path') ?? target;
      findings.add('directoryStartsEmpty', 'approximated', ['storages', target], 'The directory becomes a claim that starts empty.', { fix: 'Copy the data before the first start.' });
      mounts.push({ kind: 'directory', id: hostPath, hostPath, target, readOnly: false, origin });
    } else if (file.content === undefined) {
      findings.add('missingFileContent', 'refused', ['storages', target], 'The content of this file is not stored in Coolify.', { fix: 'Copy it into Coolify\'s storage.' });
    } else {
      findings.add('field', 'translated', ['storages', target], 'The file\'s content travels with the manifests.');
      mounts.push({ kind: 'file', content: file.content, ...(file.mode === undefined ? {} : { mode: file.mode }), secret: looksSecret(target.split('/').at(-1) ?? '', file.content), target, readOnly: false, origin });
    }
  }
  return { mounts, volumes };
}
