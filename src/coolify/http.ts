import type { Json } from '../text/json';
import { coolifyError } from './errors';
import { cancelled, connectionFailure, hostOf, notCoolify, refusal, timedOut } from './failures';

export interface Connection {
  /** The instance's address, with or without a path; `/api/v1` is added. */
  url: string;
  token: string;
  /** Milliseconds for one request, from asking to the last byte. */
  timeout?: number;
  /** Longest `Retry-After` that is waited for, in seconds; longer ones are an error. */
  patience?: number;
  /** Most bytes of one answer, unpacked. */
  mostBytes?: number;
}

/** The whole of `/services` is about 15 kB a service. */
const mostBytes = 128 * 1024 * 1024;

/** What one request came to; `retryAfter` (seconds) is there when Coolify asks for patience. */
export type Answer = { body: Json } | { retryAfter: number };

/** GETs one path below `/api/v1` once. Rejects with a CoolifyError. */
export async function request(connection: Connection, path: string, signal?: AbortSignal): Promise<Answer> {
  const address = apiUrl(connection, path);
  const timeout = AbortSignal.timeout(connection.timeout ?? 30_000);
  try {
    const response = await fetch(address, {
      headers: { Authorization: `Bearer ${connection.token}`, Accept: 'application/json' },
      // A redirect could carry the token to another address.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    if (response.status === 429) {
      await response.body?.cancel();
      const seconds = Number(response.headers.get('retry-after') ?? '5');
      return { retryAfter: Number.isFinite(seconds) ? Math.max(seconds, 1) : 5 };
    }
    return { body: await readBody(connection, path, response) };
  } catch (error) {
    if (signal?.aborted) throw coolifyError(cancelled);
    if (timeout.aborted) throw coolifyError(timedOut(connection));
    throw isOwn(error) ? error : coolifyError(connectionFailure(connection, error));
  }
}

function isOwn(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'kind' in error;
}

function apiUrl(connection: Connection, path: string): string {
  const url = URL.canParse(connection.url) ? new URL(connection.url) : undefined;
  const bad = (message: string): Error => coolifyError({ kind: 'badUrl', message });
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw bad('The address is no web address; it begins with https:// or http://.');
  if (url.username !== '' || url.password !== '') throw bad('The address holds a user or a password; give it without, the token is what counts.');
  if (!/^[\x21-\x7e]+$/.test(connection.token)) throw bad('The token holds characters that cannot be sent; copy it once more from Coolify.');
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1/${path}`;
}

async function readBody(connection: Connection, path: string, response: Response): Promise<Json> {
  const body = await readText(connection, response);
  const json = parseJson(body);
  if (response.status >= 300) throw coolifyError(refusal(connection, path, response, json));
  if (json !== undefined) return json;
  if (path === 'version' && /^v?\d+\.\d+/.test(body.trim())) return body.trim();
  throw coolifyError(notCoolify(connection, response.status));
}

/** A small packed answer can be a huge one. */
async function readText(connection: Connection, response: Response): Promise<string> {
  const most = connection.mostBytes ?? mostBytes;
  const decoder = new TextDecoder();
  let text = '';
  let read = 0;
  for await (const chunk of response.body ?? []) {
    read += chunk.byteLength;
    if (read > most) throw coolifyError({ kind: 'badAnswer', message: `The answer of ${hostOf(connection.url)} is larger than ${String(Math.round(most / 1024 / 1024))} MiB, which no answer of Coolify is.` });
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(body: string): Json | undefined {
  try {
    const value: Json = JSON.parse(body);
    // A bare version such as `4.3` would read as a number.
    return typeof value === 'number' ? undefined : value;
  } catch { return undefined; }
}
