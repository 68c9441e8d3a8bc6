import type { JsonObject } from '../text/json';
import { setMiddlewareOption } from './traefikMiddlewares';

export interface Router { name: string; rule: string; entryPoints: string[]; middlewares: string[]; service?: string; tls: boolean; priority?: number }

export interface TraefikLabels {
  routers: Router[];
  /** Container ports by service name. */
  ports: Map<string, number>;
  /** Specs as the CRD has them. */
  middlewares: Map<string, JsonObject>;
  /** Labels that are not carried over. */
  unknown: string[];
}

/** Traefik's labels of one container: routers, services and middlewares of HTTP; TCP and UDP routers end up in `unknown`. */
export function readTraefikLabels(labels: readonly string[]): TraefikLabels {
  const result: TraefikLabels = { routers: [], ports: new Map(), middlewares: new Map(), unknown: [] };
  const routers = new Map<string, Router>();
  for (const label of labels) {
    const at = label.indexOf('=');
    const key = at < 0 ? label : label.slice(0, at);
    const value = at < 0 ? '' : label.slice(at + 1);
    const match = /^traefik\.http\.(routers|services|middlewares)\.([^.]+)\.(.+)$/i.exec(key);
    const [, kind = '', name = '', rest = ''] = match ?? [];
    if (kind === '') {
      if (!/^traefik\.(enable|docker\.network)$/i.test(key)) result.unknown.push(key);
    } else if (kind.toLowerCase() === 'routers') {
      const router = routers.get(name) ?? { name, rule: '', entryPoints: [], middlewares: [], tls: false };
      routers.set(name, router);
      if (!setRouter(router, rest.toLowerCase(), value)) result.unknown.push(key);
    } else if (kind.toLowerCase() === 'services') {
      if (rest.toLowerCase() === 'loadbalancer.server.port' && /^\d+$/.test(value)) result.ports.set(name, Number(value));
      else result.unknown.push(key);
    } else {
      const spec = result.middlewares.get(name) ?? {};
      result.middlewares.set(name, spec);
      if (!setMiddlewareOption(spec, rest, value)) result.unknown.push(key);
    }
  }
  result.routers = [...routers.values()].filter((router) => router.rule !== '');
  return result;
}

function setRouter(router: Router, option: string, value: string): boolean {
  const list = (): string[] => value.split(',').map((item) => item.trim()).filter((item) => item !== '');
  switch (option) {
    case 'rule': router.rule = value; return true;
    case 'entrypoints': router.entryPoints = list(); return true;
    case 'middlewares': router.middlewares = list().map((name) => name.replace(/@docker$/, '')); return true;
    case 'service': router.service = value.replace(/@docker$/, ''); return true;
    case 'tls': router.tls = value === 'true'; return true;
    case 'priority': if (/^\d+$/.test(value)) router.priority = Number(value); return true;
    default:
      if (option.startsWith('tls.')) router.tls = true;
      // The resolver is the destination's.
      return option.startsWith('tls.');
  }
}

/** Where a rule holds. `exact` is `Path`: the path itself, nothing below it. */
export interface Place { hosts: string[]; path: string; exact?: true }

/** Hosts and path of a rule made of Host, PathPrefix and Path; undefined for any other matcher. */
export function hostsAndPath(rule: string): Place[] | undefined {
  const alternatives = rule.split('||').map((part) => part.trim().replace(/^\((.*)\)$/, '$1').trim());
  // `(Host(a) || Host(b)) && PathPrefix(p)`: the path holds for both.
  const shared = /^\((.+)\)\s*&&\s*(Path(?:Prefix)?\(`[^`]+`\))$/.exec(rule.trim());
  if (shared !== null) {
    const inner = hostsAndPath(shared[1] ?? '');
    const path = pathOf(shared[2] ?? '');
    return inner?.map((entry) => ({ ...entry, ...path }));
  }
  const found: Place[] = [];
  for (const alternative of alternatives) {
    const entry: Place = { hosts: [], path: '/' };
    for (const matcher of alternative.split('&&').map((part) => part.trim())) {
      const hosts = /^Host\((.+)\)$/.exec(matcher)?.[1]?.split(',').map((host) => /^\s*[`"]([^`"]+)[`"]\s*$/.exec(host)?.[1]);
      const path = pathOf(matcher);
      if (hosts !== undefined && hosts.every((host) => host !== undefined)) entry.hosts.push(...hosts.map((host) => (host ?? '').toLowerCase()));
      else if (path !== undefined) Object.assign(entry, path);
      else return undefined;
    }
    found.push(entry);
  }
  return found.every((entry) => entry.hosts.length > 0) ? found : undefined;
}

function pathOf(matcher: string): Omit<Place, 'hosts'> | undefined {
  const [, prefix, path] = /^Path(Prefix)?\([`"](\/[^`"]*)[`"]\)$/.exec(matcher) ?? [];
  return path === undefined ? undefined : { path, ...(prefix === undefined ? { exact: true } : {}) };
}
