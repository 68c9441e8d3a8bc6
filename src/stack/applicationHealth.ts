import type { JsonObject } from '../text/json';
import type { HealthCheck } from '../model/stack';
import { flagField, numberField, textField } from './apiFields';
import { dockerfileHealthCheck } from './dockerfile';
import type { FindingList } from './findings';

const commandAllowed = /^[A-Za-z0-9 \-_./:=@,+]{1,1000}$/;

interface HttpCheck { scheme: 'http' | 'https'; host: string; port: number; path: string; method: string }

/** The shell command of Coolify's check (`generate_healthcheck_commands`); undefined when there is none. */
export function healthTest(application: JsonObject, ports: readonly number[]): string | undefined {
  if (!flagField(application, 'health_check_enabled')) return undefined;
  const command = textField(application, 'health_check_command');
  // A command that Coolify does not allow falls back to HTTP.
  if (textField(application, 'health_check_type') === 'cmd' && command !== undefined && commandAllowed.test(command)) return command;
  const check = httpCheck(application, ports);
  if (check === undefined) return undefined;
  const url = `'${check.scheme}://${check.host}:${String(check.port)}${check.path}'`;
  return `curl -s -X '${check.method}' -f ${url} > /dev/null || wget -q -O- ${url} > /dev/null || exit 1`;
}

function httpCheck(application: JsonObject, ports: readonly number[]): HttpCheck | undefined {
  const port = numberField(application, 'health_check_port') ?? ports[0];
  if (port === undefined || port < 1) return undefined;
  return {
    scheme: textField(application, 'health_check_scheme') === 'https' ? 'https' : 'http', host: textField(application, 'health_check_host') ?? 'localhost', port,
    path: textField(application, 'health_check_path') ?? '/', method: textField(application, 'health_check_method') ?? 'GET',
  };
}

/** Coolify's check as a health check of the stack. The Dockerfile's own wins; it is read when the Dockerfile is Coolify's. */
export function applicationHealth(application: JsonObject, ports: readonly number[], findings: FindingList): HealthCheck | undefined {
  const inline = textField(application, 'dockerfile');
  const own = inline === undefined || textField(application, 'build_pack') === 'dockerimage' ? undefined : dockerfileHealthCheck(inline, findings.origin(['dockerfile']));
  if (own !== undefined) return own;
  if (flagField(application, 'custom_healthcheck_found')) {
    findings.add('healthCheck', 'approximated', ['custom_healthcheck_found'], 'The Dockerfile in the repository has a HEALTHCHECK, which Docker heeds before Coolify\'s; it is not read.', { fix: 'Set the same check in Coolify as a command.' });
  }
  const test = healthTest(application, ports);
  if (test === undefined) {
    if (flagField(application, 'health_check_enabled')) findings.add('healthCheck', 'ignored', ['health_check_enabled'], 'No port is known, so Coolify makes no check either.');
    return undefined;
  }
  // Docker takes its own default for a zero.
  const some = (field: string, usual: number, docker: number): number => { const value = numberField(application, field) ?? usual; return value === 0 ? docker : value; };
  const timing = {
    intervalSeconds: some('health_check_interval', 5, 30), timeoutSeconds: some('health_check_timeout', 5, 30), retries: some('health_check_retries', 10, 3),
    startPeriodSeconds: numberField(application, 'health_check_start_period') ?? 5, startIntervalSeconds: 5, origin: findings.origin(['health_check_enabled']),
  };
  const command = textField(application, 'health_check_type') === 'cmd' ? textField(application, 'health_check_command') : undefined;
  const check = command !== undefined && commandAllowed.test(command) ? undefined : httpCheck(application, ports);
  if (command !== undefined && check !== undefined) findings.add('healthCheck', 'ignored', ['health_check_command'], 'Coolify does not allow such a command, so it checks by HTTP.');
  // Asked from outside only where that asks the same: a GET to the container's own address. A program that listens on 127.0.0.1 alone would fail, so other hosts stay inside.
  const outside = check !== undefined && check.host === 'localhost' && check.method === 'GET' && /^\/[^\s]*$/.test(check.path);
  if (outside) findings.add('healthCheck', 'translated', ['health_check_type'], 'The node asks by HTTP; it needs no curl or wget in the image, as Docker does.');
  return { test: ['/bin/sh', '-c', test], ...timing, ...(outside ? { http: { scheme: check.scheme, path: check.path, port: check.port } } : {}) };
}
