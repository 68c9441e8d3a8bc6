/**
 * A stand-in for a Coolify instance: serves recorded answers over HTTP and enforces what a token may see.
 * From a shell: `node test/harness/coolify.ts [port]`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';

export const tokens = { root: '1|standin-root-token-000000', sensitive: '2|standin-sensitive-token-0', read: '3|standin-read-token-000000', deploy: '4|standin-deploy-token-0000' } as const;
export const fixtures = path.resolve(import.meta.dirname, '../fixtures/coolify');
const recordings = path.resolve(import.meta.dirname, '../../../shared/corpus/coolify-recorded');

export interface StandInOptions {
  port?: number;
  /** A folder of recordings; by default the shared corpus when it is there, else the fixtures. */
  folder?: string;
  mode?: 'normal' | 'apiDisabled' | 'addressNotAllowed' | 'notCoolify' | 'silent' | 'redirect';
  /** How many requests are answered with 429 first. */
  rateLimited?: number;
  retryAfter?: number;
  /** A real server behind two of the recorded ones: see `throughSsh`. */
  ssh?: SshServer;
}

export interface SshServer { port: number; user: string; privateKey: string; publicKey: string }

export interface StandIn {
  url: string;
  /** Paths asked for, in order. */
  requests: string[];
  options: StandInOptions;
  stop(): Promise<void>;
}

interface Answer { status: number; body: unknown; headers?: Record<string, string> }

export function defaultFolder(): string { return existsSync(path.join(recordings, 'root')) ? recordings : fixtures; }

export async function startCoolify(options: StandInOptions = {}): Promise<StandIn> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (options.mode !== 'silent') send(response, answer(request, options));
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject); server.listen(options.port ?? 0, '127.0.0.1', resolve); });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`, requests, options,
    stop: () => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }),
  };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const plain = typeof body === 'string';
  response.writeHead(status, { 'Content-Type': plain ? 'text/html; charset=utf-8' : 'application/json', ...headers });
  response.end(plain ? body : JSON.stringify(body));
}

function answer(request: IncomingMessage, options: StandInOptions): Answer {
  if (options.mode === 'notCoolify') return { status: 200, body: '<!doctype html><title>A router</title>' };
  if (options.mode === 'redirect') return { status: 301, body: '', headers: { Location: 'https://coolify.example.com/' } };
  if ((options.rateLimited ?? 0) > 0) {
    options.rateLimited = (options.rateLimited ?? 0) - 1;
    return { status: 429, body: { message: 'Too Many Attempts.' }, headers: { 'Retry-After': String(options.retryAfter ?? 1) } };
  }
  const role = roleOf(request.headers.authorization);
  if (role === undefined) return { status: 401, body: { message: 'Unauthenticated.' } };
  if (options.mode === 'apiDisabled') return { status: 403, body: { success: true, message: 'API is disabled.' } };
  if (options.mode === 'addressNotAllowed') return { status: 403, body: { success: true, message: 'You are not allowed to access the API.' } };
  if (role === 'deploy') return { status: 403, body: { message: 'Missing required permissions: read' } };
  if (request.method !== 'GET') return { status: 403, body: { message: 'Missing required permissions: write' } };
  const found = recorded(options.folder ?? defaultFolder(), role, request.url ?? '');
  return options.ssh === undefined ? found : { ...found, body: throughSsh(found.body, options.ssh) };
}

/** The recorded server that becomes reachable at 127.0.0.1, and the numbers of the keys for it and for the instance's own host. */
const reachable = { name: 'prod-1', keys: [0, 1] };

/**
 * Puts a real SSH server into the answers. The instance's own host keeps its name `host.docker.internal`, so its address must be asked for;
 * `prod-1` is at 127.0.0.1. Both have the real port and user, and a key that signs in, where the token may see keys at all.
 */
function throughSsh(value: unknown, ssh: SshServer): unknown {
  if (Array.isArray(value)) return value.map((inner: unknown) => throughSsh(inner, ssh));
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, part]: [string, unknown]) => [key, throughSsh(part, ssh)]));
  if ('ip' in inner && 'port' in inner && 'user' in inner) {
    if (inner.ip === 'host.docker.internal') return { ...inner, port: ssh.port, user: ssh.user };
    if (inner.name === reachable.name) return { ...inner, ip: '127.0.0.1', port: ssh.port, user: ssh.user };
  }
  if (typeof inner.private_key === 'string' && typeof inner.id === 'number' && reachable.keys.includes(inner.id)) {
    return { ...inner, private_key: ssh.privateKey, public_key: ssh.publicKey };
  }
  return inner;
}

function roleOf(header: string | undefined): keyof typeof tokens | undefined {
  const found = Object.entries(tokens).find(([, token]) => header === `Bearer ${token}`)?.[0];
  return found === 'root' || found === 'sensitive' || found === 'read' || found === 'deploy' ? found : undefined;
}

function recorded(folder: string, role: 'root' | 'sensitive' | 'read', url: string): Answer {
  const route = decodeURIComponent(url.replace(/^\/api\/v1\//, ''));
  if (!/^[\w\-/.?=&]+$/.test(route) || route.includes('..')) return notFound;
  const file = `${route.replaceAll('/', '__').replaceAll('?', '_Q_').replaceAll('&', '_A_').replaceAll('=', '-')}.json`;
  const own = path.join(folder, role, file);
  if (existsSync(own)) return readRecording(own);
  const full = path.join(folder, 'root', file);
  if (!existsSync(full)) return missing(folder, route);
  const answer = readRecording(full);
  return role === 'read' ? { ...answer, body: withoutHidden(answer.body) } : answer;
}

const notFound: Answer = { status: 404, body: { message: 'Not found.', docs: 'https://coolify.io/docs' } };

/** Lists that were not recorded because they were empty are empty; the rest is absent. */
function missing(folder: string, route: string): Answer {
  const [kind = '', uuid = '', part] = route.split('/');
  const name = { applications: 'Application', services: 'Service', databases: 'Database' }[kind];
  if (name === undefined) return notFound;
  const known = existsSync(path.join(folder, 'root', `${kind}__${uuid}.json`));
  return known && (part === 'scheduled-tasks' || part === 'backups') ? { status: 200, body: [] } : { status: 404, body: { message: `${name} not found.` } };
}

function readRecording(file: string): Answer {
  const recording: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof recording !== 'object' || recording === null || !('status' in recording) || !('body' in recording)) return { status: 500, body: { message: 'A broken recording.' } };
  return { status: Number(recording.status), body: recording.body };
}

const hidden = /^(dockerfile|docker_compose|docker_compose_raw|custom_labels|http_basic_auth_password|manual_webhook_secret_\w+|private_key_id|value|real_value|content|private_key|\w+_password|internal_db_url|external_db_url|init_scripts|sentinel_token|sentinel_custom_url|logdrain_\w+)$/;

/** What Coolify leaves out for a token without `read:sensitive`. */
function withoutHidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHidden);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !hidden.test(key)).map(([key, inner]) => [key, withoutHidden(inner)]));
}

if (process.argv[1] === import.meta.filename) {
  const standIn = await startCoolify({ port: Number(process.argv[2] ?? '0') });
  console.log(`Coolify stand-in: ${standIn.url}\ntoken: ${tokens.sensitive}`);
}
