/** Everything that can go wrong between us and Coolify's API. Told apart by `kind`, never by class: bundles duplicate classes. */
export type CoolifyErrorKind =
  | 'badUrl' | 'unreachable' | 'tls' | 'timeout' | 'cancelled' | 'notCoolify' | 'moved'
  | 'apiDisabled' | 'addressNotAllowed' | 'badToken' | 'missingAbility' | 'missingRole' | 'forbidden'
  | 'notFound' | 'rateLimited' | 'serverError' | 'badAnswer';

const kinds: readonly string[] = [
  'badUrl', 'unreachable', 'tls', 'timeout', 'cancelled', 'notCoolify', 'moved',
  'apiDisabled', 'addressNotAllowed', 'badToken', 'missingAbility', 'missingRole', 'forbidden',
  'notFound', 'rateLimited', 'serverError', 'badAnswer',
] satisfies CoolifyErrorKind[];

export interface CoolifyError {
  kind: CoolifyErrorKind;
  /** One sentence for a person: what failed and what to do. Never holds the token. */
  message: string;
  status?: number;
  retryAfterSeconds?: number;
}

/** Makes the thing to throw: an Error with the fields of a CoolifyError. */
export function coolifyError(error: CoolifyError): Error & CoolifyError {
  return Object.assign(new Error(error.message), error, { name: 'CoolifyError' });
}

/** By name and kind: other edges have kinds of the same words. */
export function isCoolifyError(value: unknown): value is CoolifyError {
  return value instanceof Error && value.name === 'CoolifyError' && 'kind' in value && typeof value.kind === 'string' && kinds.includes(value.kind);
}
