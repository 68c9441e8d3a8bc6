import { createHash, createHmac } from 'node:crypto';

/** Bytes for a name: the same seed and name give the same bytes. */
export type SecretSource = (name: string, length: number) => Uint8Array;

/** A repeatable source: SHA-256 in counter mode over seed and name. */
export function seededSource(seed: string): SecretSource {
  return (name, length) => {
    const blocks: Buffer[] = [];
    for (let i = 0; i * 32 < length; i++) blocks.push(createHash('sha256').update(`${seed}\0${name}\0${String(i)}`).digest());
    return Buffer.concat(blocks).subarray(0, length);
  };
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const letters = `${lower.toUpperCase()}${lower}`;
const alphanumeric = `${letters}0123456789`;
const symbols = '~!#$%^&*()-_.,<>?/\\{}[]|:;';

function pick(bytes: Uint8Array, alphabet: string): string {
  return Array.from(bytes, (byte) => alphabet.charAt(byte % alphabet.length)).join('');
}

/** Laravel's `Str::password`: at least one letter and one digit. */
function password(bytes: Uint8Array, alphabet: string): string {
  return `${pick(bytes.subarray(0, 1), letters)}${pick(bytes.subarray(1, -1), alphabet)}${pick(bytes.subarray(-1), '0123456789')}`;
}

const generators: Record<string, (bytes: (length: number) => Uint8Array) => string> = {
  PASSWORD: (b) => password(b(32), alphanumeric),
  PASSWORD_64: (b) => password(b(64), alphanumeric),
  PASSWORDWITHSYMBOLS: (b) => password(b(32), alphanumeric + symbols),
  PASSWORDWITHSYMBOLS_64: (b) => password(b(64), alphanumeric + symbols),
  // Coolify's BASE64 is plain text; only REALBASE64 is base64 (facts: bootstrap/helpers/services).
  BASE64: (b) => pick(b(32), alphanumeric),
  BASE64_32: (b) => pick(b(32), alphanumeric),
  BASE64_64: (b) => pick(b(64), alphanumeric),
  BASE64_128: (b) => pick(b(128), alphanumeric),
  REALBASE64: (b) => Buffer.from(b(32)).toString('base64'),
  REALBASE64_32: (b) => Buffer.from(b(32)).toString('base64'),
  REALBASE64_64: (b) => Buffer.from(b(64)).toString('base64'),
  REALBASE64_128: (b) => Buffer.from(b(128)).toString('base64'),
  HEX_32: (b) => Buffer.from(b(16)).toString('hex'),
  HEX_64: (b) => Buffer.from(b(32)).toString('hex'),
  HEX_128: (b) => Buffer.from(b(64)).toString('hex'),
  USER: (b) => pick(b(16), alphanumeric),
  LOWERCASEUSER: (b) => pick(b(16), `${lower}0123456789`),
};

/**
 * The command of a magic name, by Coolify's own way of counting underscores: two give `SERVICE_<COMMAND>_<ID>`, with three the
 * command is everything up to the last one. Any other count has none.
 */
export function magicCommand(name: string): string | undefined {
  if (!name.startsWith('SERVICE_')) return undefined;
  const parts = name.slice('SERVICE_'.length).split('_');
  if (parts.length !== 2 && parts.length !== 3) return undefined;
  return parts.slice(0, -1).join('_');
}

/** A `SERVICE_URL_…` or `SERVICE_FQDN_…` name taken apart; the last part is a port when it is numeric. */
export function domainVariable(name: string): { kind: 'URL' | 'FQDN'; service: string; port?: number } | undefined {
  const match = /^SERVICE_(URL|FQDN)_(.+?)(?:_(\d+))?$/.exec(name);
  if (match?.[2] === undefined) return undefined;
  const kind = match[1] === 'URL' ? 'URL' : 'FQDN';
  return match[3] === undefined ? { kind, service: match[2] } : { kind, service: match[2], port: Number(match[3]) };
}

/** Generates a magic value as Coolify would at creation. Undefined for names that are no command: Coolify leaves those empty. */
export function generateMagicValue(name: string, source: SecretSource, jwtKey: string): string | undefined {
  const command = magicCommand(name);
  if (command === undefined) return undefined;
  if (command === 'SUPABASEANON') return supabaseToken('anon', jwtKey);
  if (command === 'SUPABASESERVICE') return supabaseToken('service_role', jwtKey);
  return generators[command]?.((length) => source(name, length));
}

/** True for a value that nobody but the stack may know. */
export function isSecretMagic(name: string): boolean {
  const command = magicCommand(name);
  return command !== undefined && /^(PASSWORD|PASSWORDWITHSYMBOLS|BASE64|REALBASE64|HEX|SUPABASE)/.test(command);
}

function supabaseToken(role: string, key: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  // Fixed times instead of the clock's: the same input must give the same bytes.
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: 'supabase', iat: 1_735_689_600, exp: 4_891_363_200, role })}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}
