import { isObject, type Json } from '../text/json';
import { maskText } from '../text/masking';
import type { CoolifyError, CoolifyErrorKind } from './errors';
import type { Connection } from './http';
import { text } from './parse';

/** Each failure between us and Coolify as one sentence: what failed and what to do. */

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'The instance';
}

export const cancelled: CoolifyError = { kind: 'cancelled', message: 'Cancelled.' };

export function timedOut(connection: Connection): CoolifyError {
  return { kind: 'timeout', message: `${hostOf(connection.url)} did not answer in time; check the address and that the instance is up.` };
}

const tlsCodes = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ALTNAME|EPROTO/;

/** What a connection that never came about, or broke off, tells. */
export function connectionFailure(connection: Connection, error: unknown): CoolifyError {
  const host = hostOf(connection.url);
  const code = causeCode(error);
  if (/EPROTO|WRONG_VERSION|PACKET_LENGTH/.test(code)) return { kind: 'tls', message: `${host} does not speak HTTPS on this port (${code}); check the port, or try an address that begins with http://.` };
  if (code === 'CERT_HAS_EXPIRED') return { kind: 'tls', message: `The certificate of ${host} has expired; renew it, then try again.` };
  if (code.includes('ALTNAME')) return { kind: 'tls', message: `The certificate of ${host} is for another name; use the address that the certificate is for.` };
  if (tlsCodes.test(code)) return { kind: 'tls', message: `The certificate of ${host} is not trusted (${code}); add its authority to the system's trusted certificates.` };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return { kind: 'unreachable', message: `The name ${host} cannot be found (${code}); check the address and the network.` };
  if (code === 'ECONNREFUSED') return { kind: 'unreachable', message: `Nothing answers at ${host} (${code}); check the address, the port and that the instance is up.` };
  return { kind: 'unreachable', message: `${host} cannot be reached (${code === '' ? 'no connection' : code}); check the address, the network and that the instance is up.` };
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

export function notCoolify(connection: Connection, status: number): CoolifyError {
  const also = status === 200 ? '' : ` (HTTP ${String(status)})`;
  return { kind: 'notCoolify', status, message: `${hostOf(connection.url)} answers, but not as Coolify's API does${also}; give the address of the Coolify dashboard.` };
}

function loginInFront(connection: Connection, status: number): CoolifyError {
  return { kind: 'notCoolify', status, message: `${hostOf(connection.url)} asks for a login in front of the API; let requests to /api/v1 through.` };
}

/** An answer that is no success. `json` is undefined when the body is none. */
export function refusal(connection: Connection, path: string, response: Response, json: Json | undefined): CoolifyError {
  const { status } = response;
  const host = hostOf(connection.url);
  const fail = (kind: CoolifyErrorKind, message: string): CoolifyError => ({ kind, status, message });
  if (status < 400) return moved(connection, path, response);
  const said = isObject(json) ? text(json, 'message') : undefined;
  if (status >= 500) return fail('serverError', `${host} reports an error of its own (HTTP ${String(status)}); try again in a minute, then look into Coolify's log.`);
  if (said === undefined) return status === 401 || response.headers.has('www-authenticate') ? loginInFront(connection, status) : notCoolify(connection, status);
  const quoted = sentence(maskText(said, [connection.token]));
  if (status === 401) return fail('badToken', `${host} does not accept this token: it is wrong, expired or revoked; make a new one in Coolify under Keys & Tokens → API tokens.`);
  if (status === 403) return forbidden(host, status, quoted);
  if (status === 404) return fail('notFound', `Coolify has no ${path.split('?')[0] ?? path}: ${quoted}.`);
  return fail('badAnswer', `${host} refused the request (HTTP ${String(status)}): ${quoted}.`);
}

/** Foreign text as a part of one sentence of ours. */
function sentence(said: string): string {
  return said.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim().slice(0, 200).replace(/\.+$/, '');
}

function forbidden(host: string, status: number, said: string): CoolifyError {
  if (/API is disabled/i.test(said)) return { kind: 'apiDisabled', status, message: `The API of ${host} is switched off; an administrator can switch it on in Coolify under Settings → Advanced → API Access.` };
  if (/not allowed to access the API/i.test(said)) return { kind: 'addressNotAllowed', status, message: `${host} does not allow API requests from this machine's address; add it in Coolify under Settings → Advanced → Allowed IPs.` };
  if (/Missing required permissions/i.test(said)) return { kind: 'missingAbility', status, message: `The token may not do this (${said}); make one with the permissions read and read:sensitive.` };
  if (/Missing required team role/i.test(said)) return { kind: 'missingRole', status, message: 'The owner of this token is no longer an administrator of its team; ask an administrator for a token.' };
  return { kind: 'forbidden', status, message: `${host} refuses this: ${said}.` };
}

/** A redirect is never followed, since it could carry the token to another address. */
function moved(connection: Connection, path: string, response: Response): CoolifyError {
  const location = response.headers.get('location') ?? '';
  const target = URL.canParse(location, connection.url) ? new URL(location, connection.url) : undefined;
  if (target && !target.pathname.endsWith(`/${path.split('?')[0] ?? path}`) && /login|register|signin|sign-in|auth|sso|cdn-cgi\/access/i.test(`${target.hostname}${target.pathname}`)) return loginInFront(connection, response.status);
  return { kind: 'moved', status: response.status, message: `${hostOf(connection.url)} sends requests on to ${target === undefined || target.origin === 'null' ? 'another address' : target.origin}; use that address instead.` };
}
