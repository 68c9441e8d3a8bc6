import { isObject } from '../text/json';
import type { JsonObject } from '../text/json';
import type { Container } from '../model/stack';
import type { FindingList } from './findings';

/**
 * Settles which containers run to their end. Whoever is waited for with `service_completed_successfully` does; `restart: no`
 * and `on-failure` only say so unless the container plainly serves (a domain, a published port, a health check others wait for).
 * @param restarts whether who says nothing is started again, as Coolify does and Docker does not
 */
export function applyDependencies(containers: Container[], services: JsonObject, findings: FindingList, restarts: boolean): void {
  const waits = containers.flatMap((container) => container.dependsOn);
  for (const container of containers) {
    const path = ['services', container.name];
    const completed = waits.some((wait) => wait.container === container.name && wait.condition === 'completed');
    const restart = restartOf(services[container.name]);
    if (completed && container.lifecycle.kind === 'service') container.lifecycle = { kind: 'job', retries: 3 };
    if (!completed && !restarts && container.lifecycle.kind === 'service' && endsByItself(container, services[container.name])) {
      container.lifecycle = { kind: 'job', retries: 3 };
      findings.add('lifecycle', 'inferred', path, 'It has no "restart" and its command does its work and ends, so it runs once, as a Job.', { fix: 'Write restart: always if it is to be kept running.' });
    }
    if (completed || container.lifecycle.kind === 'service') continue;
    const healthWait = waits.some((wait) => wait.container === container.name && wait.condition === 'healthy');
    const serves = container.routes.length > 0 || container.ports.length > 0 || healthWait || (restart.startsWith('on-failure') && container.healthCheck !== undefined)
      || (!isSetUp(container) && (restart.startsWith('on-failure') ? restart === 'on-failure' && container.command === undefined || isWorker(container) || isAskedFor(container, containers) || waits.some((wait) => wait.container === container.name) : isAskedFor(container, containers)));
    if (!serves) continue;
    container.lifecycle = { kind: 'service' };
    findings.add('lifecycle', 'approximated', [...path, 'restart'], `It serves others or works on and on, so it is kept running although "restart: ${restart}" would let it end.`);
  }
  dropUnknownDependencies(containers, findings);
}

/**
 * Docker starts nothing again without `restart`, but most servers are written so. Only who is asked for by nobody and whose
 * command is known to end (a migration, a set-up of buckets, `exit 0`) is taken for a program that runs once.
 */
function endsByItself(container: Container, service: unknown): boolean {
  if (!isObject(service) || service['restart'] !== undefined || (isObject(service['deploy']) && (service['deploy']['restart_policy'] !== undefined || service['deploy']['replicas'] !== undefined))) return false;
  if (container.routes.length > 0 || container.ports.length > 0 || container.healthCheck !== undefined) return false;
  const text = [...container.entrypoint ?? [], ...container.command ?? []].join(' ').trim();
  if (text === '' || /(^|[\s;&|])(tail|sleep\s+(infinity|\d+[dh])|while\s+(true|:)|crond?|gunicorn|uvicorn|runserver|nginx|watch|serve|start)([\s;]|$)|--(watch|daemon|foreground)/.test(text)) return false;
  return /(^|[;&|]|then)\s*exit 0\s*;?\s*(fi;?)?["']?$/.test(text) || (/(^|\/)minio\/mc(:|@|$)/.test(container.image) && /\bmc\b|\bmb\b|alias|config host/.test(text))
    || /(^|\s)((npx |pnpm |yarn |bunx? )?prisma (migrate deploy|db push)|alembic upgrade \S+|(python3? )?(\.\/)?manage\.py migrate|(bundle exec |bin\/)?(rails|rake) db:(migrate|prepare|setup|seed)|(php )?artisan migrate|migrate sql|goose up|flyway migrate)(\s+-\S+)*$/.test(text);
}

/** What it is called or does says that it prepares something and ends. */
function isSetUp(container: Container): boolean {
  if (container.excludedFromStatus === true || /migrat|init|setup|seed|bootstrap|creat|import|install|backup|provision|config|wait/i.test(container.name)) return true;
  return [...container.entrypoint ?? [], ...container.command ?? []].some((word) => !word.startsWith('-') && /migrat|init|setup|seed|bootstrap|creat|provision/i.test(word.replaceAll(/\S*(config|entrypoint-initdb)\S*/gi, '')));
}

/** A worker that is started again after a failure only: as a Job it would never be done, and whoever waits for it neither. */
function isWorker(container: Container): boolean {
  return /(^|[^a-z])(worker|celery|beat|scheduler|consumer|listener|daemon|serve|server|watch|horizon|sidekiq|supervisord|crond?|bot)s?([^a-z]|$)/i.test(words(container));
}

function words(container: Container): string {
  return [container.name, ...container.entrypoint ?? [], ...container.command ?? []].join(' ');
}

const servers = /(^|\/)(postgres|postgis|pgvector|timescaledb|mysql|mariadb|percona|redis|valkey|keydb|dragonfly|mongo|rabbitmq|memcached|minio|elasticsearch|opensearch|clickhouse-server|meilisearch|typesense|qdrant|nats|gotenberg|nginx)(:|@|$)/;

/** Others connect to it, or its image is that of a server and nothing else was asked of it. */
function isAskedFor(container: Container, containers: readonly Container[]): boolean {
  if (servers.test(container.image) && container.entrypoint === undefined && /^$|^(server|postgres|mysqld|mariadbd|redis-server|valkey-server|mongod)\b|^-/.test(container.command?.[0] ?? '')) return true;
  const names = container.hostNames.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  if (names === '') return false;
  const address = new RegExp(`^(${names})$|(//|@)(${names})(?![\\w.-])|(^|[\\s,;=])(${names}):\\d`);
  return containers.some((other) => other !== container && [...other.env.map(({ value }) => value), ...other.command ?? [], ...other.entrypoint ?? []].some((text) => address.test(text)));
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
