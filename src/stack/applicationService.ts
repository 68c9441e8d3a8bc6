import { isObject } from '../text/json';
import type { JsonObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { flagField, numberField, textField } from './apiFields';
import { healthTest } from './applicationHealth';
import { readRunOptions } from './dockerRunOptions';
import type { RunOptions } from './dockerRunOptions';

/** What is the same for production and a preview deployment. */
export interface ApplicationFacts {
  application: JsonObject;
  settings: JsonObject;
  /** Name of the container, without the part that changes at each deployment. */
  containerName: string;
  network: string;
  ports: number[];
  aliases: string[];
  swarm: boolean;
  preview: boolean;
}

/** The nested `destination.server.settings`, of a service `server.settings`; empty when the API does not show it. */
export function serverSettings(resource: JsonObject): JsonObject {
  const destination = isObject(resource['destination']) ? resource['destination'] : {};
  const server = isObject(destination['server']) ? destination['server'] : isObject(resource['server']) ? resource['server'] : {};
  return isObject(server['settings']) ? server['settings'] : {};
}

/** Run options are ignored in previews, and when a consistent and an internal name are both set. */
export function runOptionsOf({ application, settings, preview }: ApplicationFacts): RunOptions | undefined {
  const text = textField(application, 'custom_docker_run_options');
  const ignored = preview || (flagField(settings, 'is_consistent_container_name_enabled') && textField(settings, 'custom_internal_name') !== undefined);
  return text === undefined || ignored ? undefined : readRunOptions(text);
}

/**
 * The Compose service that Coolify writes for an application without a compose file of its own
 * (`ApplicationDeploymentJob::generate_compose_file`), but for image, volumes and labels.
 */
export function applicationService(facts: ApplicationFacts): JsonObject {
  const { application, settings, swarm } = facts;
  const service: JsonObject = swarm ? swarmService(facts) : {
    container_name: facts.containerName, restart: 'unless-stopped', ...(facts.ports.length === 0 ? {} : { expose: facts.ports.map(String) }),
    networks: { [facts.network]: { aliases: [facts.containerName, ...facts.aliases] } }, ...limitKeys(application), env_file: ['.env'],
  };
  const test = healthTest(application, facts.ports);
  if (test !== undefined) service['healthcheck'] = { test: ['CMD-SHELL', test], ...healthTiming(application) };
  const deploy = gpu(settings);
  if (deploy !== undefined) service['deploy'] = { ...(isObject(service['deploy']) ? service['deploy'] : {}), ...deploy };
  if (!swarm && flagField(settings, 'is_log_drain_enabled') && drains(serverSettings(application))) service['logging'] = logDrain;
  const mappings = (textField(application, 'ports_mappings') ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '');
  if (mappings.length > 0 && !facts.preview) service['ports'] = mappings;
  const options = runOptionsOf(facts);
  if (options === undefined) return service;
  if (Object.keys(options.addresses).length > 0) service['networks'] = { [facts.network]: options.addresses };
  return { ...service, ...options.service };
}

/** Docker's limits under Compose's names; `0` is "none" (`limits_*`). */
export function limitKeys(resource: JsonObject): JsonObject {
  const cpuset = textField(resource, 'limits_cpuset');
  return {
    mem_limit: textField(resource, 'limits_memory') ?? '0', memswap_limit: textField(resource, 'limits_memory_swap') ?? '0', mem_swappiness: numberField(resource, 'limits_memory_swappiness') ?? 60,
    mem_reservation: textField(resource, 'limits_memory_reservation') ?? '0', cpus: numberField(resource, 'limits_cpus') ?? 0, cpu_shares: numberField(resource, 'limits_cpu_shares') ?? 1024,
    ...(cpuset === undefined ? {} : { cpuset }),
  };
}

/** `interval`, `timeout`, `retries` and `start_period` of an application's or a database's check. */
export function healthTiming(resource: JsonObject, defaults = { interval: 5, timeout: 5, retries: 10, start: 5 }): JsonObject {
  return {
    interval: `${String(numberField(resource, 'health_check_interval') ?? defaults.interval)}s`, timeout: `${String(numberField(resource, 'health_check_timeout') ?? defaults.timeout)}s`,
    retries: numberField(resource, 'health_check_retries') ?? defaults.retries, start_period: `${String(numberField(resource, 'health_check_start_period') ?? defaults.start)}s`,
  };
}

/** Coolify's fluentd driver for a log drain. */
export const logDrain: JsonObject = {
  driver: 'fluentd',
  options: {
    'fluentd-address': 'tcp://127.0.0.1:24224', 'fluentd-async': 'true', 'fluentd-sub-second-precision': 'true',
    env: 'COOLIFY_APP_NAME,COOLIFY_PROJECT_NAME,COOLIFY_SERVER_IP,COOLIFY_ENVIRONMENT_NAME',
  },
};

/** True when the server has a log drain at all. */
export function drains(settings: JsonObject): boolean {
  return ['newrelic', 'highlight', 'axiom', 'custom'].some((kind) => flagField(settings, `is_logdrain_${kind}_enabled`));
}

function gpu(settings: JsonObject): JsonObject | undefined {
  if (!flagField(settings, 'is_gpu_enabled')) return undefined;
  const count = textField(settings, 'gpu_count');
  const ids = textField(settings, 'gpu_device_ids');
  const options = textField(settings, 'gpu_options');
  const device: JsonObject = {
    driver: textField(settings, 'gpu_driver') ?? 'nvidia', capabilities: ['gpu'], ...(options === undefined ? {} : { options }),
    // With a count the ids are not written.
    ...(count !== undefined ? { count: /^\d+$/.test(count) ? Number(count) : count } : ids === undefined ? {} : { device_ids: ids.split(',').map((id) => id.trim()) }),
  };
  return { resources: { reservations: { devices: [device] } } };
}

/** Swarm: no restart, expose or swap keys; reservations equal the limits; updates start the new task first. */
function swarmService({ application, settings, containerName, network, aliases }: ApplicationFacts): JsonObject {
  const limits: JsonObject = { cpus: textField(application, 'limits_cpus') ?? '0', memory: textField(application, 'limits_memory') ?? '0' };
  const custom = swarmPlacement(application);
  const placement = isObject(custom['placement']) ? custom['placement'] : {};
  const constraints = Array.isArray(placement['constraints']) ? placement['constraints'] : [];
  const worker = flagField(settings, 'is_swarm_only_worker_nodes') ? ['node.role == worker'] : [];
  return {
    networks: { [network]: { aliases: [containerName, ...aliases] } }, env_file: ['.env'],
    deploy: {
      mode: 'replicated', replicas: numberField(application, 'swarm_replicas') ?? 1, update_config: { order: 'start-first' }, rollback_config: { order: 'start-first' }, resources: { limits, reservations: limits },
      ...custom, ...(worker.length + constraints.length === 0 ? {} : { placement: { ...placement, constraints: [...worker, ...constraints] } }),
    },
  };
}

/** `swarm_placement_constraints`: base64 of YAML that is merged into `deploy`. */
export function swarmPlacement(application: JsonObject): JsonObject {
  const text = textField(application, 'swarm_placement_constraints');
  const yaml = text === undefined ? undefined : readYaml(Buffer.from(text, 'base64').toString('utf8'));
  return yaml === undefined || 'kind' in yaml || !isObject(yaml.value) ? {} : yaml.value;
}
