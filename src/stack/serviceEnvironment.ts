import { isObject } from '../text/json';
import type { Json } from '../text/json';
import type { EnvRow } from './apiFields';
import { environmentName } from './composeEnvironment';
import type { EnvLine } from './coolifyEnvironment';
import { domainVariable } from './magicVariables';

/** Coolify's comma list of URLs by sub-application; undefined for one without a domain. */
export type Domains = ReadonlyMap<string, string | undefined>;

/** The lines of a service's `.env` in Coolify's order: names, generated values, what refers to them, the rest (facts §3.4). */
export function environmentLines(rows: readonly EnvRow[], domains: Domains): EnvLine[] {
  const names = [...domains.keys()].filter((name) => name !== '').map((name): EnvLine => ({ key: `SERVICE_NAME_${environmentName(name)}`, value: name, literal: false, injected: true }));
  const own = rows.filter((row) => row.runtime && !row.key.startsWith('SERVICE_NAME_')).map(({ key, value, literal, secret }): EnvLine => ({ key, value: currentDomain(key, value, domains) ?? value, literal, secret }));
  const rank = (line: EnvLine): number => (line.key.startsWith('SERVICE_') ? 0 : /\$\{?SERVICE_/.test(line.value) ? 1 : 2);
  return [...names, ...[0, 1, 2].flatMap((wanted) => own.filter((line) => rank(line) === wanted))];
}

/** What Coolify runs, with the domains that its sub-applications have now: the stored file is stale until the next start (facts §14.22). */
export function withCurrentDomains(environment: Json | undefined, domains: Domains): Json | undefined {
  if (!isObject(environment)) return environment;
  return Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, (typeof value === 'string' ? currentDomain(key, value, domains) : undefined) ?? value]));
}

/** The value of a `SERVICE_URL_…` or `SERVICE_FQDN_…` whose host its sub-application no longer has; undefined when it is right. */
function currentDomain(key: string, value: string, domains: Domains): string | undefined {
  const domain = domainVariable(key);
  if (domain === undefined) return undefined;
  const part = [...domains.keys()].find((name) => environmentName(name) === domain.service.toUpperCase());
  const urls = (part === undefined ? '' : domains.get(part) ?? '').split(',').map((url) => /^(https?:\/\/)([^/:]+)(?::\d+)?(\/.*)?$/.exec(url.trim()));
  const [first] = urls;
  const host = value.replace(/^https?:\/\//, '').replace(/[:/].*$/, '');
  if (first == null || host === '' || urls.some((url) => url?.[2] === host)) return undefined;
  const path = first[3] === '/' ? '' : first[3] ?? '';
  return `${domain.kind === 'URL' ? first[1] ?? '' : ''}${first[2] ?? ''}${domain.port === undefined ? '' : `:${String(domain.port)}`}${path}`;
}
