import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type JsonObject } from '../text/json';
import { maskText } from '../text/masking';
import type { Agents } from './connections';
import { ClusterError, isClusterError } from './errors';
import type { Access } from './kubeconfig';
import { networkError } from './networkErrors';
import { statusError } from './statusErrors';
import { fetch, type Response } from './undici';

export interface Request {
  method?: 'GET' | 'POST' | 'PATCH';
  /** Below the server's address, beginning with a slash. */
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: string;
  contentType?: string;
  /** The attempt in words, as in "could not …". */
  what: string;
  signal?: AbortSignal | undefined;
}

export interface Answer { code: number; body: JsonObject | undefined }

const mostBytes = 128 * 1024 * 1024;
const mostAttempts = 5;

/** HTTP to one API server: time limits, retries where they are safe, and every failure as a ClusterError. All requests made here may be repeated. */
export class Transport {
  private readonly ended = new AbortController();
  constructor(private readonly access: Access, private readonly agents: Agents, private readonly timeoutMs: number) {}

  get server(): string { return this.access.server.host; }
  get closed(): AbortSignal { return this.ended.signal; }

  /** Who asks. A request for JSON adds `accept`; with it, the API server refuses a WebSocket. */
  identity(): Record<string, string> {
    return { 'user-agent': 'coolify-kubernetes', ...(this.access.token !== undefined && { authorization: `Bearer ${this.access.token}` }) };
  }

  url(path: string, query: Request['query'] = {}): URL {
    const url = new URL(this.access.server);
    url.pathname = url.pathname.replace(/\/+$/, '') + path;
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    return url;
  }

  /** An object; refusals are thrown. */
  async object(request: Request): Promise<JsonObject> {
    const { code, body } = await this.answer(request);
    if (code >= 400 || body === undefined) throw this.refusal(code, body, request.what);
    return body;
  }

  refusal(code: number, body: JsonObject | undefined, what: string): ClusterError {
    return this.masked(statusError(code, body, what, this.server));
  }

  /** Any answer in JSON; `body` is undefined for one that is not Kubernetes's. Waits as the server asks (429, 503), and repeats once after a lost connection. */
  async answer(request: Request): Promise<Answer> {
    const limit = AbortSignal.timeout(this.timeoutMs);
    const deadline = Date.now() + this.timeoutMs;
    const signal = AbortSignal.any([limit, this.closed, ...(request.signal === undefined ? [] : [request.signal])]);
    let losses = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.send(request, this.agents.calls, signal);
        const body = await readObject(response, signal);
        const wait = retryAfter(response);
        if (wait === undefined || attempt === mostAttempts || Date.now() + wait >= deadline) return this.checked(response, body, request.what);
        await sleep(wait, undefined, { signal });
      } catch (error) {
        const failure = this.failure(error, request, limit);
        if (failure.kind !== 'lost' || ++losses > 1) throw failure;
      }
    }
  }

  /** A response whose body is still to come. The time limit is for its start only. */
  async stream(request: Request): Promise<{ body: AsyncIterable<Uint8Array>; end: () => void }> {
    const limit = new AbortController();
    const timer = setTimeout(() => { limit.abort(); }, this.timeoutMs);
    const stop = new AbortController();
    const signal = AbortSignal.any([limit.signal, stop.signal, this.closed, ...(request.signal === undefined ? [] : [request.signal])]);
    try {
      const response = await this.send(request, this.agents.streams, signal);
      if (response.status !== 200 || response.body === null) throw this.refusal(response.status, await readObject(response, signal), request.what);
      return { body: response.body, end: () => { stop.abort(); } };
    } catch (error) {
      throw this.failure(error, request, limit.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What was thrown while a request was under way. */
  failure(error: unknown, request: Pick<Request, 'what' | 'signal'>, limit?: AbortSignal): ClusterError {
    if (isClusterError(error)) return error;
    if (request.signal?.aborted) return new ClusterError('aborted', `Cancelled: ${request.what}.`, '');
    if (this.closed.aborted) return new ClusterError('closed', `The connection to ${this.server} was closed.`, 'Connect again.');
    if (limit?.aborted) return new ClusterError('timeout', `${this.server} did not answer within ${Math.round(this.timeoutMs / 1000)} s.`, 'The API server is overloaded or hangs. Retry in a moment.');
    return this.masked(networkError(error, this.server));
  }

  close(): void {
    this.ended.abort();
    for (const agent of [this.agents.calls, this.agents.streams]) agent.destroy().catch(() => undefined);
  }

  private send(request: Request, dispatcher: Agents['calls'], signal: AbortSignal): Promise<Response> {
    const { method = 'GET', path, query, body, contentType = 'application/json' } = request;
    const headers = { accept: 'application/json', ...this.identity(), ...(body !== undefined && { 'content-type': contentType }) };
    return fetch(this.url(path, query), { method, headers, dispatcher, signal, redirect: 'manual', ...(body !== undefined && { body }) });
  }

  private checked(response: Response, body: JsonObject | undefined, what: string): Answer {
    if (response.status < 400 && (body === undefined || response.status >= 300)) {
      throw new ClusterError('not-kubernetes', `${this.server} ${response.status >= 300 ? 'answered with a redirect' : 'did not answer in JSON'} and is no Kubernetes API: could not ${what}.`, 'Check the server address in the kubeconfig; a login page or a proxy may stand before it.', response.status);
    }
    // Errors of the API server are Status objects; others come from something before it.
    return { code: response.status, body: response.status >= 400 && body?.['kind'] !== 'Status' ? undefined : body };
  }

  private masked(error: ClusterError): ClusterError {
    const { token } = this.access;
    return token === undefined ? error : new ClusterError(error.kind, maskText(error.message, [token]), maskText(error.hint, [token]), error.status);
  }
}

/** How long to wait before the next attempt, in milliseconds; undefined when there should be none. */
function retryAfter(response: Response): number | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined;
  const header = response.headers.get('retry-after');
  if (header === null || !/^\d{1,4}$/.test(header)) return response.status === 429 ? 1000 : undefined;
  return Number(header) * 1000;
}

/** The JSON object in a body; undefined when it is none. */
async function readObject(response: Response, signal: AbortSignal): Promise<JsonObject | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size > mostBytes) throw new ClusterError('bad-answer', 'The API server sent more than 128 MiB.', 'Ask for less, for one namespace for instance.');
    chunks.push(chunk);
  }
  signal.throwIfAborted();
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch { return undefined; }
}
