import type { Container } from '../../model/stack';

/** Programs that only images with a shell have: not `node` or `python3`, which stand alone in distroless images too. */
const shellCompanions = new Set([
  'sh', 'bash', 'ash', 'dash', 'curl', 'wget', 'nc', 'ncat', 'cat', 'test', '[', 'ls', 'grep', 'pgrep', 'pidof', 'ps', 'stat', 'timeout', 'true', 'echo', 'bundle', 'pg_isready', 'psql', 'mysqladmin', 'mysql', 'mariadb-admin', 'mariadb',
  'healthcheck.sh', 'redis-cli', 'valkey-cli', 'keydb-cli', 'mongosh', 'mongo', 'rabbitmq-diagnostics', 'rabbitmqctl', 'supervisorctl', 'php-fpm-healthcheck', 'clickhouse-client', 'mc', 'perl', 'php',
]);
const shellImages = /^(postgres|postgis|pgvector|timescaledb|timescaledb-ha|supabase-postgres|postgresql|mysql|mysql-server|mariadb|percona|redis|redis-stack.*|valkey|keydb|mongo|mongodb|rabbitmq|nginx|httpd|wordpress|ghost|nextcloud|drupal|joomla|mediawiki|node|python|php|ruby|golang|rust|openjdk|eclipse-temurin|tomcat|jetty|grafana|n8n|node-red|directus|metabase|clickhouse-server|elasticsearch|kibana|logstash|opensearch|meilisearch|influxdb|memcached|caddy|haproxy|jenkins|gitea|forgejo|verdaccio|alpine|debian|ubuntu|fedora|rockylinux|almalinux|busybox|adminer|phpmyadmin|matomo|redmine|sonarqube|solr|zookeeper|cassandra|couchdb|neo4j|varnish|mosquitto|eclipse-mosquitto|emqx|code-server|phpmyadmin|mautic|moodle|odoo|rocketchat)$/;
const shellTags = /(^|[-._])(alpine|debian|ubuntu|bookworm|bullseye|buster|trixie|stretch|jammy|noble|focal|slim|apache|fpm)/i;

/** What tells that an image has `/bin/sh`; undefined when nothing does. An init container without a shell would keep the pod from ever starting. */
export function shellEvidence(container: Container): string | undefined {
  const [check] = container.healthCheck?.test ?? [];
  if (check !== undefined && isCompanion(check)) return 'its health check runs a shell or one of its programs';
  for (const word of [container.entrypoint?.[0], container.entrypoint === undefined ? container.command?.[0] : undefined]) {
    if (word !== undefined && (isCompanion(word) || word.endsWith('.sh'))) return 'its command runs in a shell';
  }
  if (container.mounts.some((mount) => mount.kind === 'file' && (mount.target.endsWith('.sh') || mount.target.startsWith('/docker-entrypoint')))) return 'a shell script is mounted';
  const [path = ''] = container.image.split('@');
  const last = path.split('/').at(-1) ?? '';
  const [name = '', tag = ''] = last.split(':');
  if (/(^|\/)(linuxserver|bitnami|bitnamilegacy)\//.test(path)) return 'its publisher builds on a distribution';
  if (shellImages.test(name) && !/distroless|scratch|chainguard/i.test(path)) return `the image ${name} has one`;
  return shellTags.test(tag) && !/distroless|scratch/i.test(path) ? `the tag ${tag} names a distribution` : undefined;
}

function isCompanion(word: string): boolean {
  return shellCompanions.has(word.split('/').at(-1) ?? '');
}
