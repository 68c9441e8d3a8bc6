import { isObject } from '../text/json';
import { parseDockerBytes } from '../text/quantities';
import type { JsonObject } from '../text/json';
import type { Bundle } from '../model/instance';
import type { Container, ContainerPort, EnvVar, Mount, Resources, Stack } from '../model/stack';
import { asJson, flagField, listField, numberField, readEnvRows, textField } from './apiFields';
import { readStorages } from './storages';
import { movesTag } from './composeService';
import { databaseTypeOf, databaseTypes } from './databaseTypes';
import type { DatabaseType } from './databaseTypes';
import type { ComposeError } from './compose';
import { FindingList } from './findings';
import { looksSecret } from './secretNames';

/** A standalone database as the API describes it, run as Coolify runs it: one container, its volume, its configuration. */
export function readDatabaseBundle(bundle: Bundle): Stack | ComposeError {
  const database = asJson(bundle.resource);
  const type = isObject(database) ? databaseTypes[databaseTypeOf(database) ?? ''] : undefined;
  if (!isObject(database) || type === undefined) return { kind: 'not-compose', message: 'this kind of database is not known' };
  const findings = new FindingList('database');
  const uuid = textField(database, 'uuid') ?? 'database';
  const image = textField(database, 'image') ?? '';
  decideFields(database, findings);
  const env = readEnv(database, type, bundle, findings);
  const value = (name: string): string => env.find((variable) => variable.name === name)?.value ?? '';
  const { mounts, volumes } = readStorages(asJson(bundle.storages), findings);
  if (volumes.length === 0) addDefaultVolumes(database, type, image, mounts, volumes, findings);
  mounts.push(...confMounts(database, type, findings));
  const container: Container = {
    name: uuid, origin: findings.origin(['uuid']), image, alwaysPull: movesTag(image), env, ports: ports(database, type, findings), mounts, dependsOn: [],
    lifecycle: { kind: 'service' }, routes: [], hostNames: [uuid], groupAdd: [], capAdd: [], capDrop: [], extraHosts: [], dns: [], dnsSearch: [], dnsOptions: [],
    sysctls: {}, devices: [], resources: limits(database), labels: {}, stopGraceSeconds: 30,
  };
  const command = type.command?.(database, value);
  if (command !== undefined) container.command = command;
  if (database['health_check_enabled'] === undefined || flagField(database, 'health_check_enabled')) {
    container.healthCheck = {
      test: type.health(database, value), intervalSeconds: numberField(database, 'health_check_interval') ?? 15, timeoutSeconds: numberField(database, 'health_check_timeout') ?? 5,
      retries: numberField(database, 'health_check_retries') ?? 5, startPeriodSeconds: numberField(database, 'health_check_start_period') ?? 5, origin: findings.origin(['health_check_enabled']),
    };
  }
  for (const backup of listField(asJson(bundle.backups))) findings.add('backup', 'approximated', ['backups', textField(backup, 'uuid') ?? ''], 'Not yet carried over: scheduled backups.', { fix: 'Keep backing up from Coolify until they are.' });
  return {
    kind: 'database', uuid, name: textField(database, 'name') ?? uuid, containers: [container], volumes, sharedEnv: [], scheduledTasks: [],
    running: /^(running|starting|degraded|restarting)/.test(textField(database, 'status') ?? 'running'), findings: findings.all,
  };
}

/** Coolify leaves a built-in variable out when a row of the user holds its name. */
function readEnv(database: JsonObject, type: DatabaseType, bundle: Bundle, findings: FindingList): EnvVar[] {
  const rows = readEnvRows(asJson(bundle.envs), findings).filter((row) => row.runtime);
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(type.env(database))) if (value !== undefined) values.set(name, value);
  for (const row of rows) values.set(row.key, row.value);
  for (const [name, value] of Object.entries(type.env(database))) {
    if (value === undefined && !values.has(name)) findings.add('lockedValue', 'refused', [name], `${name} is hidden from the token.`, { fix: 'Use a token with read:sensitive.' });
  }
  return [...values].map(([name, value]) => ({ name, value, secret: looksSecret(name, value), origin: { source: 'database', path: name } }));
}

function addDefaultVolumes(database: JsonObject, type: DatabaseType, image: string, mounts: Mount[], volumes: Stack['volumes'], findings: FindingList): void {
  const uuid = textField(database, 'uuid') ?? 'database';
  for (const target of type.mountPath(image)) {
    const name = `${target.split('/').filter((part) => part !== '').join('-')}-${uuid}`;
    volumes.push({ name, origin: findings.origin(['storages']) });
    mounts.push({ kind: 'volume', volume: name, target, readOnly: false, origin: findings.origin(['storages']) });
  }
}

function confMounts(database: JsonObject, type: DatabaseType, findings: FindingList): Mount[] {
  const mounts: Mount[] = [];
  const conf = type.conf === undefined ? undefined : textField(database, type.conf.field);
  if (conf !== undefined && type.conf !== undefined) {
    const content = type.conf.field === 'postgres_conf' && !/^\s*listen_addresses\s*=/m.test(conf) ? `${conf}\nlisten_addresses = '*'\n` : conf;
    mounts.push({ kind: 'file', content, mode: 0o644, secret: true, target: type.conf.target, readOnly: true, origin: findings.origin([type.conf.field]) });
  }
  for (const script of listField(database['init_scripts'] ?? null)) {
    const filename = textField(script, 'filename')?.split('/').at(-1);
    if (filename !== undefined) mounts.push({ kind: 'file', content: textField(script, 'content') ?? '', secret: true, target: `/docker-entrypoint-initdb.d/${filename}`, readOnly: true, origin: findings.origin(['init_scripts']) });
  }
  return mounts;
}

function ports(database: JsonObject, type: DatabaseType, findings: FindingList): ContainerPort[] {
  const port: ContainerPort = { port: type.port, protocol: 'TCP', evidence: `the port of ${databaseTypeOf(database) ?? 'the database'}`, origin: findings.origin(['database_type']) };
  const publicPort = numberField(database, 'public_port');
  if (flagField(database, 'is_public') && publicPort !== undefined && publicPort > 0) port.published = { port: publicPort };
  return [port];
}

function limits(database: JsonObject): Resources {
  const resources: Resources = {};
  const memory = parseDockerBytes(textField(database, 'limits_memory') ?? '0') ?? 0;
  const reserved = parseDockerBytes(textField(database, 'limits_memory_reservation') ?? '0') ?? 0;
  const cpus = numberField(database, 'limits_cpus') ?? 0;
  if (memory > 0) resources.memoryLimit = memory;
  if (reserved > 0) resources.memoryRequest = reserved;
  if (cpus > 0) resources.cpuLimit = Math.round(cpus * 1000);
  return resources;
}

const notYet: Record<string, string> = { enable_ssl: 'SSL', custom_docker_run_options: 'Docker run options', ports_mappings: 'port mappings', limits_cpuset: 'CPU pinning' };

function decideFields(database: JsonObject, findings: FindingList): void {
  for (const [key, value] of Object.entries(database)) {
    const what = notYet[key];
    const set = value !== null && value !== false && value !== '';
    if (what !== undefined && set) findings.add('notYet', 'approximated', [key], `Not yet carried over: ${what}.`);
    else findings.add('field', /password|user|image|health|limits|conf|_db$|database|uuid|name|init_scripts|public_port|is_public/.test(key) ? 'translated' : 'ignored', [key], 'Read.');
  }
}
