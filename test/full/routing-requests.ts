import type { RoutedStack } from '../integration/routing-sides';

export interface Request { url: string; method?: string; headers?: Record<string, string> }
export interface Answer { status: number; headers: Record<string, string>; body: string }

/** Each host and path that the labels name, in every way that a proxy may treat differently. */
export function requestsFor({ containers }: RoutedStack): Request[] {
  const labels = containers.flatMap((container) => container.labels.filter((label) => linked(container.labels, label)));
  const refused = containers.flatMap((container) => container.labels.filter((label) => !linked(container.labels, label))).join();
  const places = new Map(labels.flatMap((label) => {
    const rule = /\.rule=(.*)$/i.exec(label)?.[1];
    if (rule === undefined) return [];
    const hosts = [...rule.matchAll(/Host\(`([^`]+)`\)/g)].map((match) => match[1] ?? '');
    const paths = [...rule.matchAll(/Path(?:Prefix)?\(`([^`]+)`\)/g)].map((match) => match[1] ?? '/');
    return (hosts.length === 0 ? ['some.matchers.example.net'] : hosts).flatMap((host) => (paths.length === 0 ? ['/'] : paths).map((path): [string, { host: string; path: string }] => [`${host}${path}`, { host, path: path.replace(/\/$/, '') }]));
  }));
  const credentials = (user: string): Record<string, string> => ({ Authorization: `Basic ${Buffer.from(user).toString('base64')}` });
  return [...places.values()].flatMap(({ host, path }) => ['http', 'https'].flatMap((scheme): Request[] => {
    const url = (rest: string): string => `${scheme}://${host}${rest}`;
    return [
      { url: url(path === '' ? '/' : path) }, { url: url(`${path}/`) }, { url: url(`${path}/deep/er?a=1&b=%20c`) }, { url: url(`${path}suffix`) }, ...(refused.includes(host) ? [] : [{ url: url('/elsewhere') }]),
      { url: url(`${path}/`), headers: { 'Accept-Encoding': 'gzip' } }, { url: url(`${path}/`), method: 'POST' }, { url: url(`${path}/`), method: 'HEAD' }, { url: url(`${path}/`), headers: { 'X-Which': 'one' } },
      { url: url(`${path}/`), method: 'OPTIONS', headers: { Origin: 'https://b.example.net', 'Access-Control-Request-Method': 'GET' } },
      { url: url(`${path}/`), headers: credentials('admin:secret') }, { url: url(`${path}/`), headers: credentials('admin:wrong') },
    ];
  }));
}

/** Traefik refuses a router that names no service where the container has several; Coolify writes such labels for a domain without a port beside one with a port. */
function linked(labels: readonly string[], rule: string): boolean {
  const router = /^traefik\.http\.routers\.([^.]+)\.rule=/i.exec(rule)?.[1];
  const services = new Set(labels.flatMap((label) => /^traefik\.http\.services\.([^.]+)\./i.exec(label)?.[1] ?? []));
  return services.size < 2 || router === undefined || labels.some((label) => label.toLowerCase().startsWith(`traefik.http.routers.${router}.service=`));
}

/** What a browser sees; the time and the connection are of each answer alone. */
export function seen({ status, headers, body }: Answer): unknown {
  const { date: _date, connection: _connection, ...rest } = headers;
  return { status, headers: rest, body: body.replace(/0{100,}/, '0…') };
}
