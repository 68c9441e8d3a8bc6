import type { Json, JsonObject } from '../text/json';

/**
 * Options of Traefik's HTTP middlewares as the CRD spells them; labels may spell them in any case. `#` marks a number, `?` a boolean,
 * `[]` a list, `*` a map with the user's own keys (Traefik reference: dynamic configuration, Docker labels; CRD `middlewares.traefik.io`).
 */
const options: Record<string, string> = {
  addPrefix: 'prefix', basicAuth: 'users[] realm removeHeader? headerField', digestAuth: 'users[] realm removeHeader? headerField',
  buffering: 'maxRequestBodyBytes# memRequestBodyBytes# maxResponseBodyBytes# memResponseBodyBytes# retryExpression', chain: 'middlewares[]', circuitBreaker: 'expression checkPeriod fallbackDuration recoveryDuration',
  compress: 'excludedContentTypes[] includedContentTypes[] minResponseBodyBytes# encodings[] defaultEncoding', contentType: 'autoDetect?', errors: 'status[] service query',
  forwardAuth: 'address trustForwardHeader? authResponseHeaders[] authResponseHeadersRegex authRequestHeaders[] addAuthCookiesToResponse[]',
  headers: 'customRequestHeaders* customResponseHeaders* accessControlAllowCredentials? accessControlAllowHeaders[] accessControlAllowMethods[] accessControlAllowOriginList[] accessControlAllowOriginListRegex[] accessControlExposeHeaders[] accessControlMaxAge# addVaryHeader? allowedHosts[] hostsProxyHeaders[] sslProxyHeaders* stsSeconds# stsIncludeSubdomains? stsPreload? forceSTSHeader? frameDeny? customFrameOptionsValue contentTypeNosniff? browserXssFilter? customBrowserXSSValue contentSecurityPolicy contentSecurityPolicyReportOnly publicKey referrerPolicy permissionsPolicy isDevelopment?',
  ipAllowList: 'sourceRange[] ipStrategy.depth# ipStrategy.excludedIPs[] rejectStatusCode#', inFlightReq: 'amount# sourceCriterion.ipStrategy.depth# sourceCriterion.requestHeaderName sourceCriterion.requestHost?',
  passTLSClientCert: 'pem?', rateLimit: 'average# period burst# sourceCriterion.ipStrategy.depth# sourceCriterion.ipStrategy.excludedIPs[] sourceCriterion.requestHeaderName sourceCriterion.requestHost?',
  redirectRegex: 'regex replacement permanent?', redirectScheme: 'scheme port permanent?', replacePath: 'path', replacePathRegex: 'regex replacement', retry: 'attempts# initialInterval', stripPrefix: 'prefixes[] forceSlash?', stripPrefixRegex: 'regex[]',
};

interface Option { path: string; kind: '' | '#' | '?' | '[]' | '*' }

const table = new Map(Object.entries(options).map(([type, list]) => {
  const entries = list.split(' ').map((item): [string, Option] => {
    const match = /^([A-Za-z.]+)(#|\?|\[\]|\*)?$/.exec(item);
    const path = match?.[1] ?? item;
    const kind = match?.[2];
    return [path.toLowerCase(), { path, kind: kind === '#' || kind === '?' || kind === '[]' || kind === '*' ? kind : '' }];
  });
  return [type.toLowerCase(), { type, options: new Map(entries) }];
}));

/** `ratelimit.average` = `100` put into a middleware's spec; false when this option is not known. `ipwhitelist` is the old name of `ipallowlist`. */
export function setMiddlewareOption(spec: JsonObject, key: string, value: string): boolean {
  const [first = '', ...rest] = key.split('.');
  const known = table.get(first.toLowerCase().replace('ipwhitelist', 'ipallowlist'));
  if (known === undefined) return false;
  const body = objectAt(spec, known.type);
  // `compress=true` says that the middleware exists, with its defaults.
  if (rest.length === 0) return value === 'true';
  const whole = rest.join('.').toLowerCase();
  const direct = known.options.get(whole);
  if (direct !== undefined && direct.kind !== '*') {
    const parts = direct.path.split('.');
    const last = parts.pop() ?? '';
    parts.reduce((object, part) => objectAt(object, part), body)[last] = typed(value, direct.kind);
    return true;
  }
  const map = known.options.get((rest[0] ?? '').toLowerCase());
  if (map?.kind !== '*' || rest.length < 2) return false;
  objectAt(body, map.path)[rest.slice(1).join('.')] = value;
  return true;
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const inner = object[key];
  if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) return inner;
  const fresh: JsonObject = {};
  object[key] = fresh;
  return fresh;
}

function typed(value: string, kind: Option['kind']): Json {
  if (kind === '#') return Number.isFinite(Number(value)) ? Number(value) : value;
  if (kind === '?') return value === 'true';
  return kind === '[]' ? value.split(',').map((item) => item.trim()) : value;
}
