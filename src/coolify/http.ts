import { isObject, type Json } from '../text/json';
import { maskText } from '../text/masking';
import { coolifyError, type CoolifyError, type CoolifyErrorKind } from './errors';
import { text } from './parse';

export interface Connection {
  /** The instance's address, with or without a path; `/api/v1` is added. */
  url: string;
  token: string;
  /** Milliseconds for one request. */
  timeout?: number;
  /** Longest `Retry-After` that is waited for, in seconds; longer ones are an error. */
  patience?: number;
}

const tlsCodes = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|EPROTO/;

/** GETs one path below `/api/v1` and returns its body: JSON, or a string for the one text endpoint. */
export async function getBody(connection: Connection, path: string, signal?: AbortSignal): Promise<Json> {
  for (let attempt = 0; ; attempt++) {
    const response = await send(connection, path, signal);
    if (response.status !== 429) return readBody(connection, path, response, signal);
    const wait = Number(response.headers.get('retry-after') ?? '5');
    await response.body?.cancel();
    const seconds = Number.isFinite(wait) ? Math.max(wait, 1) : 5;
    if (attempt >= 2 || seconds > (connection.patience ?? 65)) {
      throw coolifyError({ kind: 'rateLimited', status: 429, retryAfterSeconds: seconds, message: `Coolify allows no more requests for now; try again in ${seconds} seconds.` });
    }
    await pause(seconds * 1000, signal);
  }
}

async function send(connection: Connection, path: string, signal?: AbortSignal): Promise<Response> {
  if (!URL.canParse(connection.url) || !/^[\x21-\x7e]+$/.test(connection.token)) {
    throw coolifyError({ kind: 'badUrl', message: 'The address or the token holds characters that cannot be sent.' });
  }
  const timeout = AbortSignal.timeout(connection.timeout ?? 30_000);
  try {
    return await fetch(apiUrl(connection.url, path), {
      headers: { Authorization: `Bearer ${connection.token}`, Accept: 'application/json' },
      // A redirect could carry the token to another address.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    throw coolifyError(connectionFailure(connection, error, signal, timeout));
  }
}

function apiUrl(url: string, path: string): string {
  return `${url.replace(/\/+$/, '')}/api/v1/${path}`;
}

function connectionFailure(connection: Connection, error: unknown, signal: AbortSignal | undefined, timeout: AbortSignal): CoolifyError {
  if (signal?.aborted) return { kind: 'cancelled', message: 'Cancelled.' };
  const host = hostOf(connection.url);
  if (timeout.aborted) return { kind: 'timeout', message: `${host} did not answer in time; check the address and that the instance is up.` };
  const code = causeCode(error);
  if (tlsCodes.test(code)) {
    return { kind: 'tls', message: `The certificate of ${host} is not trusted (${code}); add its authority to the system's trusted certificates or use the address the certificate is for.` };
  }
  return { kind: 'unreachable', message: `${host} cannot be reached (${code === '' ? 'no connection' : code}); check the address, the network and that the instance is up.` };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'The instance';
}

/** The system's code of a failed connection: on the error itself, its cause, or the first of several causes. */
function causeCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('cause' in error && error.cause !== undefined) {
    const inner = causeCode(error.cause);
    if (inner !== '') return inner;
  }
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return causeCode(error.errors[0]);
  return '';
}

async function readBody(connection: Connection, path: string, response: Response, signal?: AbortSignal): Promise<Json> {
  const body = await response.text().catch((error: unknown) => {
    throw coolifyError(signal?.aborted ? { kind: 'cancelled', message: 'Cancelled.' }
      : { kind: 'unreachable', message: `The connection to ${hostOf(connection.url)} broke off (${causeCode(error) || 'no reason given'}).` });
  });
  const json = parseJson(body);
  if (response.status >= 300) throw coolifyError(refusal(connection, path, response, json));
  if (json !== undefined) return json;
  if (path === 'version' && /^v?\d+\.\d+/.test(body.trim())) return body.trim();
  throw coolifyError({ kind: 'notCoolify', status: response.status, message: `${hostOf(connection.url)} answers, but not as Coolify's API does; give the address of the Coolify dashboard.` });
}

function parseJson(body: string): Json | undefined {
  try {
    const value: Json = JSON.parse(body);
    // A bare version such as `4.3` would read as a number.
    return typeof value === 'number' ? undefined : value;
  } catch { return undefined; }
}

function refusal(connection: Connection, path: string, response: Response, json: Json | undefined): CoolifyError {
  const { status } = response;
  const host = hostOf(connection.url);
  const fail = (kind: CoolifyErrorKind, message: string): CoolifyError => ({ kind, status, message });
  if (status < 400) return moved(connection, response);
  const said = isObject(json) ? text(json, 'message') : undefined;
  if (said === undefined && status < 500) {
    return fail('notCoolify', `${host} answers, but not as Coolify's API does (HTTP ${status}); give the address of the Coolify dashboard.`);
  }
  const quoted = maskText(said ?? '', [connection.token]).slice(0, 200);
  if (status === 401) return fail('badToken', `${host} does not accept this token: it is wrong, expired or revoked; make a new one in Coolify under Keys & Tokens → API tokens.`);
  if (status === 403) return forbidden(host, status, quoted);
  if (status === 404) return fail('notFound', `Coolify has no ${path.split('?')[0] ?? path}: ${quoted}`);
  if (status >= 500) return fail('serverError', `${host} reports an error of its own (HTTP ${status}); try again, then look into Coolify's log.`);
  return fail('badAnswer', `${host} refused the request (HTTP ${status}): ${quoted}`);
}

function forbidden(host: string, status: number, said: string): CoolifyError {
  if (/API is disabled/i.test(said)) return { kind: 'apiDisabled', status, message: `The API of ${host} is switched off; an administrator can switch it on in Coolify under Settings → Advanced → API Access.` };
  if (/not allowed to access the API/i.test(said)) return { kind: 'addressNotAllowed', status, message: `${host} does not allow API requests from this machine's address; add it in Coolify under Settings → Advanced → Allowed IPs.` };
  if (/Missing required permissions/i.test(said)) return { kind: 'missingAbility', status, message: `The token may not do this (${said}); make one with the permissions read and read:sensitive.` };
  if (/Missing required team role/i.test(said)) return { kind: 'missingRole', status, message: 'The owner of this token is no longer an administrator of its team; ask an administrator for a token.' };
  return { kind: 'forbidden', status, message: `${host} refuses this: ${said}` };
}

function moved(connection: Connection, response: Response): CoolifyError {
  const location = response.headers.get('location') ?? '';
  const target = URL.canParse(location, connection.url) ? new URL(location, connection.url) : undefined;
  if (target && /\/(login|register)$/.test(target.pathname)) {
    return { kind: 'notCoolify', status: response.status, message: `${hostOf(connection.url)} asks for a login in front of the API; let requests to /api/v1 through.` };
  }
  return { kind: 'moved', status: response.status, message: `${hostOf(connection.url)} sends requests on to ${target?.origin ?? 'another address'}; use that address instead.` };
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => { clearTimeout(timer); reject(coolifyError({ kind: 'cancelled', message: 'Cancelled.' })); };
    if (signal?.aborted) { reject(coolifyError({ kind: 'cancelled', message: 'Cancelled.' })); return; }
    const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve(); }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
