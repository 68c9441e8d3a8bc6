import { isObject, type Json, type JsonObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { certificateWarnings, checkPair } from './certificates';
import { ClusterError, shown } from './errors';

/** All that is taken from a kubeconfig. Whatever else it holds is dropped: a kubeconfig from a server is foreign code. */
export interface Access {
  contextName: string;
  namespace?: string;
  server: URL;
  /** PEM; absent: the system's certificate authorities. */
  ca?: string;
  /** The name that the server's certificate must hold, when it differs from the address. */
  tlsServerName?: string;
  /** Only when the kubeconfig says so. */
  insecure: boolean;
  cert?: string;
  key?: string;
  token?: string;
  warnings: string[];
}

export interface KubeconfigContext { name: string; server?: string; namespace?: string; current: boolean }

interface Selected { name: string; context: JsonObject; cluster: JsonObject; user: JsonObject }

const longest = 1024 * 1024;
const invalid = (message: string, hint = 'Check the file with kubectl config view.'): ClusterError => new ClusterError('kubeconfig-invalid', `The kubeconfig cannot be used: ${message}`, hint);
const unsupported = (message: string, hint: string): ClusterError => new ClusterError('kubeconfig-unsupported', message, hint);

function parse(text: string): JsonObject {
  if (text.length > longest) throw invalid('it is larger than 1 MiB.');
  const source = readYaml(text);
  if ('kind' in source) throw invalid(`it is no YAML (${shown(source.message, 200)}).`);
  if (!isObject(source.value) || !Array.isArray(source.value['clusters'])) throw invalid('it names no clusters.', 'Is this the right file? A kubeconfig has clusters, users and contexts.');
  return source.value;
}

/** A string field; undefined when absent or empty. */
function stringOf(object: JsonObject, field: string): string | undefined {
  const value = object[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(`${field} is not text.`);
  return value;
}

function named(config: JsonObject, list: string, name: string | undefined, part: string): JsonObject | undefined {
  const entries: Json | undefined = config[list];
  const found = Array.isArray(entries) ? entries.filter(isObject).find((entry) => entry['name'] === name) : undefined;
  const value = found?.[part];
  return isObject(value) ? value : undefined;
}

function contextNames(config: JsonObject): string[] {
  const entries = config['contexts'];
  return Array.isArray(entries) ? entries.filter(isObject).flatMap(({ name }) => (typeof name === 'string' ? [name] : [])) : [];
}

function currentOf(config: JsonObject): string | undefined {
  const names = contextNames(config);
  return stringOf(config, 'current-context') ?? (names.length === 1 ? names[0] : undefined);
}

function select(config: JsonObject, wanted: string | undefined): Selected {
  const name = wanted ?? currentOf(config);
  const names = contextNames(config).map((n) => shown(n, 80)).join(', ');
  const context = name === undefined ? undefined : named(config, 'contexts', name, 'context');
  if (name === undefined || context === undefined) {
    throw new ClusterError('kubeconfig-context', name === undefined ? 'The kubeconfig has no current context.' : `The kubeconfig has no context ${shown(name, 80)}.`, names === '' ? 'It has no contexts at all.' : `Choose one of: ${names}.`);
  }
  const cluster = named(config, 'clusters', stringOf(context, 'cluster'), 'cluster');
  if (cluster === undefined) throw invalid(`the context ${shown(name, 80)} names a cluster that is not there.`);
  return { name, context, cluster, user: named(config, 'users', stringOf(context, 'user'), 'user') ?? {} };
}

/** The contexts of a kubeconfig, for a choice. */
export function contextsIn(kubeconfig: string): KubeconfigContext[] {
  const config = parse(kubeconfig);
  const current = currentOf(config);
  return contextNames(config).map((name) => {
    const context = named(config, 'contexts', name, 'context') ?? {};
    const server = stringOf(named(config, 'clusters', stringOf(context, 'cluster'), 'cluster') ?? {}, 'server');
    const namespace = stringOf(context, 'namespace');
    return { name, current: name === current, ...(server !== undefined && { server }), ...(namespace !== undefined && { namespace }) };
  });
}

const fileFields = { cluster: [['certificate-authority', 'certificate-authority-data']], user: [['client-certificate', 'client-certificate-data'], ['client-key', 'client-key-data'], ['tokenFile', '']] } as const;

/** Paths that the context names, as they are written there: relative ones count from the kubeconfig's folder. The caller reads them where the kubeconfig lies. */
export function filePathsIn(kubeconfig: string, context?: string): string[] {
  const selected = select(parse(kubeconfig), context);
  return (['cluster', 'user'] as const).flatMap((part) => fileFields[part].flatMap(([field, data]) => {
    const path = stringOf(selected[part], field);
    return path === undefined || (data !== '' && stringOf(selected[part], data) !== undefined) ? [] : [path];
  }));
}

/**
 * Reads what is needed to reach one cluster.
 * @throws ClusterError for what is not understood, and for everything that would run a program, read a file or send the credentials elsewhere.
 */
export function readAccess(kubeconfig: string, context: string | undefined, files: Readonly<Record<string, string>>): Access {
  const { name, context: chosen, cluster, user } = select(parse(kubeconfig), context);
  refuse(cluster, user);
  const server = serverOf(cluster);
  const ca = material(cluster, 'certificate-authority', files);
  const insecure = cluster['insecure-skip-tls-verify'] === true;
  if (insecure && ca !== undefined) throw invalid('it names a certificate authority and also turns verification off.', 'Remove insecure-skip-tls-verify.');
  const cert = material(user, 'client-certificate', files);
  const key = material(user, 'client-key', files);
  const token = tokenOf(user, files);
  if ((cert === undefined) !== (key === undefined)) throw invalid(`the user has a client ${cert === undefined ? 'key but no certificate' : 'certificate but no key'}.`);
  if (cert === undefined && token === undefined) throw unsupported('The kubeconfig holds neither a token nor a client certificate.', tokenHint);
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) throw invalid('its certificate authority is no PEM certificate.');
  if (cert !== undefined && key !== undefined) checkPair(cert, key);
  const namespace = stringOf(chosen, 'namespace');
  const tlsServerName = stringOf(cluster, 'tls-server-name');
  const warnings = [
    ...(insecure ? [`The certificate of ${server.host} is not verified (insecure-skip-tls-verify): somebody in between could read the credentials.`] : []),
    ...certificateWarnings(cert),
  ];
  return {
    contextName: name, server, insecure, warnings,
    ...(namespace !== undefined && { namespace }), ...(ca !== undefined && { ca }), ...(tlsServerName !== undefined && { tlsServerName }),
    ...(cert !== undefined && { cert }), ...(key !== undefined && { key }), ...(token !== undefined && { token }),
  };
}

const tokenHint = 'Make a token instead (kubectl create token NAME --namespace NAMESPACE --duration 720h) and put it into the kubeconfig as the user\'s "token".';

function refuse(cluster: JsonObject, user: JsonObject): void {
  if (user['exec'] !== undefined && user['exec'] !== null) {
    const command = isObject(user['exec']) && typeof user['exec']['command'] === 'string' ? shown(user['exec']['command'], 80) : 'an unnamed program';
    throw new ClusterError('kubeconfig-exec', `The kubeconfig gets its credentials by running ${command}, and programs that a kubeconfig names are never run.`, tokenHint);
  }
  if (user['auth-provider'] !== undefined && user['auth-provider'] !== null) {
    const provider = isObject(user['auth-provider']) && typeof user['auth-provider']['name'] === 'string' ? ` ${shown(user['auth-provider']['name'], 80)}` : '';
    throw new ClusterError('kubeconfig-exec', `The kubeconfig gets its credentials from the auth provider${provider}, which Kubernetes has removed.`, tokenHint);
  }
  if (stringOf(cluster, 'proxy-url') !== undefined) {
    throw unsupported('The kubeconfig sends everything through a proxy of its own (proxy-url), which would see where the credentials go.', 'Remove proxy-url and reach the cluster directly or over SSH.');
  }
  for (const field of ['as', 'as-uid', 'as-groups', 'as-user-extra']) {
    if (user[field] !== undefined && user[field] !== null) throw unsupported(`The kubeconfig acts as another user ("${field}"), which is not supported.`, 'Use a kubeconfig with that user\'s own credentials.');
  }
  if (stringOf(user, 'username') !== undefined) throw unsupported('The kubeconfig signs in with a password, which Kubernetes has removed (1.19).', tokenHint);
}

function serverOf(cluster: JsonObject): URL {
  const text = stringOf(cluster, 'server');
  if (text === undefined) throw invalid('the cluster has no server.');
  if (!URL.canParse(text)) throw invalid('the address of the server is no URL.');
  const url = new URL(text);
  if (url.protocol !== 'https:') throw unsupported('The kubeconfig names a server without TLS, so the credentials could be read on the way.', 'Use the https:// address of the API server.');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw invalid('the address of the server holds more than a host, a port and a path.');
  return url;
}

function material(object: JsonObject, field: string, files: Readonly<Record<string, string>>): string | undefined {
  const data = stringOf(object, `${field}-data`);
  if (data !== undefined) {
    if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(data)) throw invalid(`${field}-data is not base64.`);
    return Buffer.from(data, 'base64').toString('utf8');
  }
  const path = stringOf(object, field);
  return path === undefined ? undefined : fileOf(path, field, files);
}

function tokenOf(user: JsonObject, files: Readonly<Record<string, string>>): string | undefined {
  const path = stringOf(user, 'tokenFile');
  const token = (path === undefined ? stringOf(user, 'token') : fileOf(path, 'tokenFile', files))?.trim();
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw invalid('the token holds characters that no token has.');
  return token;
}

function fileOf(path: string, field: string, files: Readonly<Record<string, string>>): string {
  const text = Object.hasOwn(files, path) ? files[path] : undefined;
  if (text === undefined) throw new ClusterError('kubeconfig-file', `The kubeconfig names a file (${field}: ${shown(path, 200)}) that was not read.`, 'Make the kubeconfig self-contained: kubectl config view --flatten --minify --raw.');
  return text;
}
