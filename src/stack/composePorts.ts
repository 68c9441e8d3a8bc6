import { isObject, scalarText } from '../text/json';
import type { Json } from '../text/json';
import type { ContainerPort } from '../model/stack';
import type { FindingList } from './findings';

/** Compose `ports` and `expose`, short and long form, with ranges, host addresses and protocols. Values are already interpolated. */
export function readPorts(ports: Json | undefined, expose: Json | undefined, path: string[], findings: FindingList): ContainerPort[] {
  const found: ContainerPort[] = [];
  for (const [index, item] of list(ports).entries()) {
    const at = [...path, 'ports', String(index)];
    const read = isObject(item) ? longPort(item, at, findings) : shortPort(scalarText(item), at, findings);
    if (read.length === 0) findings.add('port', 'approximated', at, 'This is no port that could be published; it is left out.', { fix: 'Give it as host:container.' });
    found.push(...read);
  }
  for (const [index, item] of list(expose).entries()) {
    const at = [...path, 'expose', String(index)];
    const [numbers, protocol] = scalarText(item).split('/');
    for (const port of range(numbers ?? '')) found.push({ port, protocol: protocolOf(protocol), evidence: 'expose', origin: findings.origin(at) });
  }
  return unique(found);
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : value === null || value === undefined || isObject(value) ? [] : [value];
}

function protocolOf(text: string | undefined): ContainerPort['protocol'] {
  const name = text?.toUpperCase();
  return name === 'UDP' || name === 'SCTP' ? name : 'TCP';
}

function shortPort(text: string, at: string[], findings: FindingList): ContainerPort[] {
  const match = /^(?:(?:(\[[^\]]+\]|\d+\.\d+\.\d+\.\d+|localhost|\*|):)?([\d-]*):)?(\d+(?:-\d+)?)(?:\/(\w+))?$/.exec(text.trim());
  if (match === null) return [];
  const hostIp = match[1]?.replace(/^\[|\]$/g, '') || undefined;
  const hosts = range(match[2] ?? '');
  return range(match[3] ?? '').map((port, index) => ({
    port, protocol: protocolOf(match[4]), evidence: 'ports', origin: findings.origin(at),
    published: { ...(hosts[index] === undefined ? {} : { port: hosts[index] }), ...(hostIp === undefined ? {} : { hostIp }) },
  }));
}

function longPort(item: { [key: string]: Json }, at: string[], findings: FindingList): ContainerPort[] {
  const hosts = range(scalarText(item['published']));
  const hostIp = typeof item['host_ip'] === 'string' ? item['host_ip'] : undefined;
  return range(scalarText(item['target'])).map((port, index) => ({
    port, protocol: protocolOf(typeof item['protocol'] === 'string' ? item['protocol'] : undefined), evidence: 'ports', origin: findings.origin(at),
    published: { ...(hosts[index] === undefined ? {} : { port: hosts[index] }), ...(hostIp === undefined ? {} : { hostIp }) },
  }));
}

function range(text: string): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text.trim());
  if (match === null) return [];
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  if (from < 1 || to > 65_535 || to < from || to - from > 500) return [];
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** A port once: the published one tells more than the exposed one. */
export function unique(ports: ContainerPort[]): ContainerPort[] {
  const byKey = new Map<string, ContainerPort>();
  for (const port of ports) {
    const key = `${String(port.port)}/${port.protocol}`;
    const before = byKey.get(key);
    if (before?.published === undefined) byKey.set(key, before === undefined || port.published !== undefined ? port : before);
  }
  return [...byKey.values()];
}
