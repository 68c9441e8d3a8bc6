import { isObject, scalarNumber, scalarText } from '../text/json';
import type { Json } from '../text/json';
import { parseDuration } from '../text/quantities';
import type { HealthCheck } from '../model/stack';
import type { FindingList } from './findings';

/** Docker's own defaults, which differ from the kubelet's (30 s, 30 s, 3 against 10 s, 1 s, 3). */
const healthDefaults = { interval: 30, timeout: 30, retries: 3, startPeriod: 0, startInterval: 5 };

/** A compose `healthcheck`: `CMD`, `CMD-SHELL`, a plain string (a shell command), `NONE` or `disable`. Values are already interpolated. */
export function readHealthCheck(value: Json | undefined, path: string[], findings: FindingList): HealthCheck | undefined {
  if (!isObject(value)) return undefined;
  if (value['disable'] === true || value['disable'] === 'true') return undefined;
  const test = healthTest(value['test']);
  if (test === undefined) {
    if (value['test'] === undefined) {
      findings.add('healthCheck', 'approximated', path, 'The check that the image itself carries is not read; the container counts as ready when it runs.', { fix: 'Write the test into the compose file.' });
    }
    return undefined;
  }
  return {
    test,
    intervalSeconds: duration(value['interval'], healthDefaults.interval),
    timeoutSeconds: duration(value['timeout'], healthDefaults.timeout),
    retries: Math.max(1, Math.floor(scalarNumber(value['retries'] ?? healthDefaults.retries)) || healthDefaults.retries),
    startPeriodSeconds: duration(value['start_period'], healthDefaults.startPeriod),
    startIntervalSeconds: duration(value['start_interval'], healthDefaults.startInterval),
    origin: findings.origin(path),
  };
}

function duration(value: Json | undefined, fallback: number): number {
  if (typeof value !== 'string' && typeof value !== 'number') return fallback;
  const seconds = parseDuration(value);
  return seconds === undefined || (seconds === 0 && fallback !== 0) ? fallback : seconds;
}

function healthTest(value: Json | undefined): string[] | undefined {
  if (typeof value === 'string') return value.trim() === '' || value === 'NONE' ? undefined : ['/bin/sh', '-c', value];
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const [kind, ...rest] = value.map(scalarText);
  if (kind === 'NONE' || (rest.length === 0 && (kind === 'CMD' || kind === 'CMD-SHELL'))) return undefined;
  if (kind === 'CMD') return rest;
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', ...rest];
  return [kind ?? '', ...rest];
}
