import { isObject } from '../text/json';
import type { JsonObject } from '../text/json';
import type { Container } from '../model/stack';
import type { FindingList } from './findings';

/**
 * Settles which containers run to their end. Whoever is waited for with `service_completed_successfully` does; `restart: no`
 * and `on-failure` only say so unless the container plainly serves (a domain, a published port, a health check others wait for).
 */
export function applyDependencies(containers: Container[], services: JsonObject, findings: FindingList): void {
  const waits = containers.flatMap((container) => container.dependsOn);
  for (const container of containers) {
    const path = ['services', container.name];
    const completed = waits.some((wait) => wait.container === container.name && wait.condition === 'completed');
    const restart = restartOf(services[container.name]);
    if (completed && container.lifecycle.kind === 'service') container.lifecycle = { kind: 'job', retries: 3 };
    if (completed || container.lifecycle.kind === 'service') continue;
    const healthWait = waits.some((wait) => wait.container === container.name && wait.condition === 'healthy');
    const serves = container.routes.length > 0 || container.ports.length > 0 || healthWait || (restart.startsWith('on-failure') && (container.healthCheck !== undefined || isWorker(container)));
    if (!serves) continue;
    container.lifecycle = { kind: 'service' };
    findings.add('lifecycle', 'approximated', [...path, 'restart'], `It serves others or works on and on, so it is kept running although "restart: ${restart}" would let it end.`);
  }
  dropUnknownDependencies(containers, findings);
}

/** A worker that is started again after a failure only: as a Job it would never be done, and whoever waits for it neither. */
function isWorker(container: Container): boolean {
  const words = [container.name, ...container.entrypoint ?? [], ...container.command ?? []].join(' ');
  return /(^|[^a-z])(worker|celery|beat|scheduler|consumer|listener|daemon|serve|server|watch|horizon|supervisord|crond?|bot)s?([^a-z]|$)/i.test(words) && !/migrat|init|setup|seed|bootstrap|creat|import|install|backup|provision|config|wait/i.test(words);
}

function restartOf(service: unknown): string {
  return isObject(service) && typeof service['restart'] === 'string' ? service['restart'] : 'no';
}

function dropUnknownDependencies(containers: Container[], findings: FindingList): void {
  const names = new Set(containers.map((container) => container.name));
  for (const container of containers) {
    for (const wait of container.dependsOn.filter((dependency) => !names.has(dependency.container))) {
      findings.add('dependency', 'ignored', ['services', container.name, 'depends_on', wait.container], `"${wait.container}" is not started in this stack.`);
    }
    container.dependsOn = container.dependsOn.filter((dependency) => names.has(dependency.container));
  }
}
