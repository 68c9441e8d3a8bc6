import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import type { Bundle } from '../model/instance';
import type { CertificateFiles, Container, Mount, Stack } from '../model/stack';
import { networkOf } from './application';
import { asJson, flagField, listField, numberField, readEnvRows, textField } from './apiFields';
import type { EnvRow } from './apiFields';
import { drains, healthTiming, limitKeys, logDrain, serverSettings } from './applicationService';
import type { ComposeError } from './compose';
import { Variables } from './composeEnvironment';
import { movesTag, readService } from './composeService';
import { quoted } from './coolifyEnvironment';
import { readBackups } from './databaseBackups';
import { databaseFieldDefault, decideDatabaseFields } from './databaseFields';
import { databaseTypeOf, databaseTypes } from './databaseTypes';
import type { DatabaseType } from './databaseTypes';
import { readRunOptions } from './dockerRunOptions';
import { FieldFindings, passOn } from './fieldFindings';
import { FindingList } from './findings';
import { splitShellWords } from '../text/shellWords';
import { interpolate } from './interpolation';
import { seededSource } from './magicVariables';
import { readStorages } from './storages';
import type { Storages } from './storages';

interface DatabaseInput { database: JsonObject; type: DatabaseType; uuid: string; image: string; ssl: boolean; rows: EnvRow[]; findings: FieldFindings; directory: string }

/** A standalone database as the API describes it, run as Coolify runs it: one container, its volumes, configuration and certificate. */
export function readDatabaseBundle(bundle: Bundle): Stack | ComposeError {
  const database = asJson(bundle.resource);
  const type = isObject(database) ? databaseTypes[databaseTypeOf(database) ?? ''] : undefined;
  if (!isObject(database) || type === undefined) return { kind: 'not-compose', message: 'this kind of database is not known' };
  const findings = new FieldFindings('database');
  const uuid = textField(database, 'uuid') ?? 'database';
  const directory = `/data/coolify/databases/${uuid}`;
  const ssl = flagField(database, 'enable_ssl') && type.certificate !== undefined;
  const rows = readEnvRows(asJson(bundle.envs), findings);
  for (const { key } of rows.filter((row) => !row.runtime)) findings.add('field', 'ignored', ['envs', key], `${key} is not for the container.`);
  const input: DatabaseInput = { database, type, uuid, image: textField(database, 'image') ?? '', ssl, findings, directory, rows: rows.filter((row) => row.runtime) };
  decideDatabaseFields(database, type.certificate !== undefined, findings);
  const storages = readStorages(asJson(bundle.storages), uuid, findings);
  addDefaultVolumes(input, storages);
  const files = [...confMounts(input), ...initScripts(input)];
  const service = databaseService(input, storages, files);
  const container = readContainer(input, service);
  container.mounts = [...storages.mounts, ...files.map(({ mount }) => mount), ...container.mounts.filter((mount) => mount.kind === 'tmpfs')];
  const environment = isObject(database['environment']) ? database['environment'] : {};
  const environmentName = textField(environment, 'name');
  const project = isObject(environment['project']) ? textField(environment['project'], 'name') : undefined;
  const backups = readBackups(asJson(bundle.backups), type, asJson(bundle.s3Storages), textField(serverSettings(database), 'server_timezone'), findings);
  findings.finish(database, databaseFieldDefault);
  findings.finishRest();
  return {
    kind: 'database', uuid, name: textField(database, 'name') ?? uuid, ...(environmentName === undefined ? {} : { environmentName }), ...(project === undefined ? {} : { projectName: project }),
    containers: [container], volumes: storages.volumes, sharedEnv: [], scheduledTasks: [], backups, secretValues: backups.flatMap(({ s3 }) => (s3 === undefined ? [] : [s3.secret])),
    running: /^(running|starting|degraded|restarting)/.test(textField(database, 'status') ?? 'running'), findings: findings.all,
    docker: { network: networkOf(database), directory, proxies: [], services: { [uuid]: service } },
  };
}

/** The Compose service that Coolify writes for a database, Coolify's own labels excepted. */
function databaseService(input: DatabaseInput, storages: Storages, files: readonly { compose: Json }[]): JsonObject {
  const { database, type, uuid } = input;
  const environment = environmentOf(input);
  const value = (name: string): string => /=(.*)$/s.exec(environment.find((line) => line.startsWith(`${name}=`)) ?? '')?.[1] ?? '';
  const command = type.command?.(database, value, input.ssl);
  const checked = database['health_check_enabled'] === undefined || flagField(database, 'health_check_enabled');
  const test = type.health(database, value);
  const mappings = (textField(database, 'ports_mappings') ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '');
  const options = textField(database, 'custom_docker_run_options');
  const certificates = Object.entries(input.ssl && type.certificate !== undefined ? type.certificate : {}).flatMap(([kind, target]): Json[] => {
    if (typeof target !== 'string') return [];
    return kind === 'authority' ? [bind('/data/coolify/ssl/coolify-ca.crt', target)] : [`${input.directory}/ssl/${target.split('/').at(-1) ?? ''}:${target}`];
  });
  return {
    image: input.image, ...(command === undefined ? {} : { command }), container_name: uuid, environment, restart: 'unless-stopped', networks: [networkOf(database)], ...(type.ulimits === undefined ? {} : { ulimits: type.ulimits }),
    ...(checked ? { healthcheck: { test: test[0] === 'CMD-SHELL' ? test : ['CMD', ...test], ...healthTiming(database, { interval: 15, timeout: 5, retries: 5, start: 5 }) } } : {}), ...limitKeys(database),
    ...(flagField(database, 'is_log_drain_enabled') && drains(serverSettings(database)) ? { logging: logDrain } : {}), ...(mappings.length === 0 ? {} : { ports: mappings }),
    volumes: [...storages.compose, ...certificates, ...files.map(({ compose }) => compose)], ...(options === undefined ? {} : readRunOptions(options).service),
  };
}

function bind(source: string, target: string): JsonObject {
  return { type: 'bind', source, target, read_only: true };
}

/** Rows first; a built-in variable is left out when the text of any row holds its name. Values stand as Coolify quotes them, for Compose to read. */
function environmentOf({ database, type, rows, findings }: DatabaseInput): string[] {
  const lines = rows.map((row) => `${row.key}=${quoted(row.value, row.literal)}`);
  for (const [name, value] of Object.entries(type.env(database))) {
    if (lines.some((line) => line.includes(name))) continue;
    if (value === undefined) findings.add('lockedValue', 'refused', ['envs', name], `${name} is hidden from the token.`, { fix: 'Use a token with read:sensitive.' });
    else lines.push(`${name}=${value}`);
  }
  for (const row of rows.filter((item) => quoted(item.value, item.literal) !== item.value)) findings.add('field', 'translated', ['envs', row.key], `${row.key} reaches the database with Coolify's quotes or backslashes, as it does in Docker.`);
  return lines;
}

function readContainer(input: DatabaseInput, service: JsonObject): Container {
  const { database, type, uuid, findings, image } = input;
  // What Coolify writes goes through the compose reader, as it goes through Compose in Docker.
  const { environment, ...rest } = service;
  const neutral: JsonObject = { ...interpolated(rest), environment: environment ?? [], volumes: [], networks: null };
  const reading = new FindingList('database');
  const container = readService(uuid, neutral, {
    service: uuid, variables: new Variables({ known: new Map(), secrets: seededSource(uuid), services: [], urlOf: () => undefined }), findings: reading,
    routes: [], environment: undefined, envFile: () => undefined, hostNames: [uuid], fileAt: () => undefined, containsSecret: () => false, imageForBuild: image,
  });
  passOn(reading, findings, (key) => (key in readRunOptions(textField(database, 'custom_docker_run_options') ?? '').service ? 'custom_docker_run_options' : key === 'ports' ? 'ports_mappings' : key === 'ulimits' ? 'image' : undefined));
  container.origin = findings.origin(['container']);
  container.alwaysPull = movesTag(image);
  container.stopGraceSeconds = 30;
  for (const variable of container.env) {
    const row = input.rows.find(({ key }) => key === variable.name);
    variable.origin = { source: row === undefined ? 'database' : 'envs', path: variable.name };
    variable.secret ||= row?.secret === true && variable.value !== '';
  }
  if (container.healthCheck !== undefined) container.healthCheck.origin = findings.origin(['health_check_enabled']);
  const mapped = container.ports.map((port) => ({ ...port, evidence: 'ports_mappings', origin: findings.origin(['ports_mappings', String(port.port)]) }));
  const own = mapped.find((port) => port.port === type.port && port.protocol === 'TCP') ?? { port: type.port, protocol: 'TCP' as const, origin: findings.origin(['image', 'port']) };
  container.ports = [{ ...own, evidence: `the port of ${databaseTypeOf(database) ?? 'the database'}` }, ...mapped.filter((port) => port !== own)];
  publish(container, input);
  const certificate = certificateOf(input, plainCommand(input, container));
  if (certificate !== undefined) container.certificate = certificate;
  return container;
}

/** Coolify's TCP proxy in front of a public database; with TLS on a port of its own it leads there. */
function publish(container: Container, { database, type, ssl, findings }: DatabaseInput): void {
  if (ssl && type.tlsPort !== undefined) container.ports.push({ port: type.tlsPort, protocol: 'TCP', evidence: 'its port for TLS', origin: findings.origin(['enable_ssl', 'port']) });
  const publicPort = numberField(database, 'public_port');
  if (!flagField(database, 'is_public') || publicPort === undefined || publicPort < 1) return;
  const target = ssl && type.tlsPort !== undefined ? type.tlsPort : type.port;
  const port = container.ports.find((known) => known.port === target && known.published === undefined);
  if (port !== undefined) port.published = { port: publicPort };
  else container.ports.push({ port: target, protocol: 'TCP', evidence: 'public_port', published: { port: publicPort }, origin: findings.origin(['public_port', 'port']) });
}

/** The command as it would be without TLS, in words. */
function plainCommand({ database, type }: DatabaseInput, container: Container): string[] | undefined {
  const command = type.command?.(database, (name) => container.env.find((variable) => variable.name === name)?.value ?? '', false);
  return typeof command === 'string' ? splitShellWords(command) : command;
}

function certificateOf({ type, ssl, image, findings }: DatabaseInput, plain: string[] | undefined): CertificateFiles | undefined {
  if (!ssl || type.certificate === undefined) return undefined;
  const { group, ...paths } = type.certificate;
  return { ...paths, group: group(image), ...(plain === undefined ? {} : { plainCommand: plain }), origin: findings.origin(['enable_ssl', 'certificate']) };
}

function addDefaultVolumes({ type, image, uuid, findings }: DatabaseInput, storages: Storages): void {
  // Those of the API count. Without a place for its data a database would lose it at the next start.
  const taken = new Set(storages.mounts.filter(({ kind }) => kind !== 'file').map((mount) => mount.target.replace(/\/+$/, '')));
  if (storages.volumes.length > 0) return;
  for (const { prefix, target } of type.volumes(image).filter((volume) => !taken.has(volume.target))) {
    const name = `${prefix}-${uuid}`;
    const origin = findings.origin(['storages']);
    storages.volumes.push({ name, dockerName: name, origin });
    storages.mounts.push({ kind: 'volume', volume: name, target, readOnly: false, origin });
    storages.compose.push(`${name}:${target}`);
  }
}

interface ManagedFile { mount: Mount; compose: Json }

function confMounts({ database, type, findings, directory }: DatabaseInput): ManagedFile[] {
  const conf = type.conf === undefined ? undefined : textField(database, type.conf.field);
  if (conf === undefined || type.conf === undefined) return [];
  const { field, target } = type.conf;
  const content = field === 'postgres_conf' && !conf.includes('listen_addresses') ? `${conf}\nlisten_addresses = '*'` : conf;
  const name = field === 'postgres_conf' ? 'custom-postgres.conf' : target.split('/').at(-1) ?? '';
  return [{ mount: { kind: 'file', content, mode: 0o644, secret: true, target, readOnly: true, origin: findings.origin([field]) }, compose: bind(`${directory}/${name}`, target) }];
}

const initFolder = '/docker-entrypoint-initdb.d';

/** PostgreSQL's init scripts; MongoDB gets one that makes the default database. */
function initScripts({ database, type, findings, directory }: DatabaseInput): ManagedFile[] {
  const file = (filename: string, content: string, field: string): Mount => ({ kind: 'file', content, secret: true, target: `${initFolder}/${filename}`, readOnly: true, origin: findings.origin([field]) });
  if (type.model === 'StandaloneMongodb') {
    const [name, user, password] = ['mongo_initdb_database', 'mongo_initdb_root_username', 'mongo_initdb_root_password'].map((field) => textField(database, field) ?? '');
    const script = `db = db.getSiblingDB("${name ?? ''}");db.createCollection('init_collection');db.createUser({user: "${user ?? ''}", pwd: "${password ?? ''}", roles: [{role:"readWrite",db:"${name ?? ''}"}]});`;
    return [{ mount: file('01-default-database.js', script, 'mongo_initdb_database'), compose: bind(`${directory}/docker-entrypoint-initdb.d`, initFolder) }];
  }
  return listField(database['init_scripts'] ?? null).flatMap((script) => {
    // The name alone: a path in it once wrote outside the folder.
    const filename = textField(script, 'filename')?.split('/').at(-1);
    return filename === undefined || filename === '' ? [] : [{ mount: file(filename, textField(script, 'content') ?? '', 'init_scripts'), compose: bind(`${directory}/docker-entrypoint-initdb.d/${filename}`, `${initFolder}/${filename}`) }];
  });
}

/** Compose's own reading of the text that Coolify writes: no variable is set there. */
function interpolated(value: JsonObject): JsonObject {
  const walk = (item: Json): Json => {
    if (typeof item === 'string') return item.includes('$') ? interpolate(item, () => undefined) : item;
    if (Array.isArray(item)) return item.map(walk);
    return isObject(item) ? Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, walk(inner)])) : item;
  };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
}
