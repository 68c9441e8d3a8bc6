import type { Origin } from '../model/finding';
import type { HealthCheck } from '../model/stack';
import { parseDuration } from '../text/quantities';

/** Instructions of a Dockerfile's last stage (or the named one), continued lines joined, comments left out. */
export function instructions(dockerfile: string, target?: string): { name: string; rest: string }[] {
  const lines = dockerfile.replaceAll('\r\n', '\n').split('\n').filter((line) => !/^\s*#/.test(line)).join('\n').replace(/\\[ \t]*\n/g, ' ').split('\n');
  const all = lines.flatMap((line) => {
    const match = /^\s*([A-Za-z]+)\s+(.*\S)\s*$/.exec(line);
    return match === null ? [] : [{ name: (match[1] ?? '').toUpperCase(), rest: match[2] ?? '' }];
  });
  const starts = all.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []));
  const chosen = starts.find((index) => target !== undefined && stageName(all[index]?.rest ?? '') === target) ?? starts.at(-1) ?? 0;
  return all.slice(chosen, starts.find((index) => index > chosen) ?? all.length);
}

function stageName(rest: string): string | undefined {
  return /\sAS\s+(\S+)$/i.exec(rest)?.[1];
}

/** The last HEALTHCHECK of the final stage, with Docker's defaults. */
export function dockerfileHealthCheck(dockerfile: string, origin: Origin): HealthCheck | undefined {
  const rest = instructions(dockerfile).filter(({ name }) => name === 'HEALTHCHECK').at(-1)?.rest;
  const match = rest === undefined ? null : /^((?:--[a-z-]+=\S+\s+)*)CMD\s+(.+)$/s.exec(rest);
  if (match === null) return undefined;
  const option = (name: string): string | undefined => new RegExp(`--${name}=(\\S+)`).exec(match[1] ?? '')?.[1];
  const seconds = (name: string, fallback: number): number => parseDuration(option(name) ?? '') ?? fallback;
  const words = execForm(match[2] ?? '');
  return {
    test: words ?? ['/bin/sh', '-c', match[2] ?? ''], intervalSeconds: seconds('interval', 30), timeoutSeconds: seconds('timeout', 30),
    retries: Number(option('retries') ?? 3) || 3, startPeriodSeconds: seconds('start-period', 0), startIntervalSeconds: seconds('start-interval', 5), origin,
  };
}

function execForm(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}

/** Ports that the final stage names with EXPOSE. */
export function exposedPorts(dockerfile: string): { port: number; protocol: 'TCP' | 'UDP' }[] {
  return instructions(dockerfile).filter(({ name }) => name === 'EXPOSE').flatMap(({ rest }) => rest.split(/\s+/)).flatMap((item) => {
    const match = /^(\d+)(?:\/(tcp|udp))?$/i.exec(item);
    return match === null ? [] : [{ port: Number(match[1]), protocol: match[2]?.toLowerCase() === 'udp' ? 'UDP' as const : 'TCP' as const }];
  });
}
