import type { JsonObject } from '../text/json';
import { textField } from './apiFields';

/** What Coolify runs for one kind of database (facts §6.2: `StartPostgresql` and its siblings). */
export interface DatabaseType {
  /** Class name of the model, by which backups are joined. */
  model: string;
  port: number;
  /** Volume names and where they are mounted. */
  volumes: (image: string) => { prefix: string; target: string }[];
  /** Container variables by name, from the fields of the API object. */
  env: (d: JsonObject) => Record<string, string | undefined>;
  health: (d: JsonObject, value: (name: string) => string) => string[];
  /** `ssl` when it is on and a certificate can be had. */
  command?: (d: JsonObject, value: (name: string) => string, ssl: boolean) => string | string[] | undefined;
  /** Field with a configuration file, and where it is mounted. */
  conf?: { field: string; target: string };
  certificate?: Certificates;
  /** A second port once TLS is on; otherwise the usual one speaks TLS. */
  tlsPort?: number;
  ulimits?: JsonObject;
}

/** Where a server expects its certificate, and the primary group of the user it runs as. */
export interface Certificates { certificate?: string; key?: string; authority?: string; combined?: string; group: (image: string) => number }

/** The major version in a tag, for what changed with it. */
function major(image: string): number {
  return Number(/:(?:pg)?(\d+)/.exec(image)?.[1] ?? 0);
}

const text = (d: JsonObject, key: string): string => textField(d, key) ?? '';
/** Debian's images give the server's user the group 999; Alpine's differ. */
const group = (alpine: number) => (image: string): number => (/alpine/.test(image) ? alpine : 999);
const certificates = (folder: string, alpine = 999): Certificates => ({ certificate: `${folder}/server.crt`, key: `${folder}/server.key`, authority: `${folder}/coolify-ca.crt`, group: group(alpine) });
const sqlSsl = (server: string): string[] => [server, '--ssl-cert=/etc/mysql/certs/server.crt', '--ssl-key=/etc/mysql/certs/server.key', '--ssl-ca=/etc/mysql/certs/coolify-ca.crt', '--require-secure-transport=1'];
const mongoModes: Record<string, string> = { allow: 'allowTLS', prefer: 'preferTLS', require: 'requireTLS', 'verify-ca': 'requireTLS', 'verify-full': 'requireTLS' };

export const databaseTypes: Record<string, DatabaseType> = {
  'standalone-postgresql': {
    model: 'StandalonePostgresql', port: 5432,
    env: (d) => ({ POSTGRES_USER: textField(d, 'postgres_user'), PGUSER: textField(d, 'postgres_user'), POSTGRES_PASSWORD: textField(d, 'postgres_password'), POSTGRES_DB: textField(d, 'postgres_db') }),
    // From 18 on the image keeps its data one folder up.
    volumes: (image) => [{ prefix: 'postgres-data', target: major(image) >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data' }],
    health: (d) => ['psql', '-U', textField(d, 'postgres_user') ?? 'postgres', '-d', textField(d, 'postgres_db') ?? 'postgres', '-c', 'SELECT 1'],
    command: (d, _value, ssl) => {
      const options = [...(textField(d, 'postgres_conf') === undefined ? [] : ['config_file=/etc/postgresql/postgresql.conf']), ...(ssl ? ['ssl=on', 'ssl_cert_file=/var/lib/postgresql/certs/server.crt', 'ssl_key_file=/var/lib/postgresql/certs/server.key'] : [])];
      return options.length === 0 ? undefined : ['postgres', ...options.flatMap((option) => ['-c', option])];
    },
    conf: { field: 'postgres_conf', target: '/etc/postgresql/postgresql.conf' },
    certificate: { certificate: '/var/lib/postgresql/certs/server.crt', key: '/var/lib/postgresql/certs/server.key', group: group(70) },
  },
  'standalone-mysql': {
    model: 'StandaloneMysql', port: 3306,
    env: (d) => ({ MYSQL_ROOT_PASSWORD: textField(d, 'mysql_root_password'), MYSQL_DATABASE: textField(d, 'mysql_database'), MYSQL_USER: textField(d, 'mysql_user'), MYSQL_PASSWORD: textField(d, 'mysql_password') }),
    volumes: () => [{ prefix: 'mysql-data', target: '/var/lib/mysql' }], health: (d) => ['mysqladmin', 'ping', '-h', 'localhost', '-u', 'root', `-p${text(d, 'mysql_root_password')}`],
    command: (_d, _value, ssl) => (ssl ? sqlSsl('mysqld') : undefined), conf: { field: 'mysql_conf', target: '/etc/mysql/conf.d/custom-config.cnf' }, certificate: certificates('/etc/mysql/certs'),
  },
  'standalone-mariadb': {
    model: 'StandaloneMariadb', port: 3306,
    env: (d) => ({ MARIADB_ROOT_PASSWORD: textField(d, 'mariadb_root_password'), MARIADB_DATABASE: textField(d, 'mariadb_database'), MARIADB_USER: textField(d, 'mariadb_user'), MARIADB_PASSWORD: textField(d, 'mariadb_password') }),
    volumes: () => [{ prefix: 'mariadb-data', target: '/var/lib/mysql' }], health: () => ['healthcheck.sh', '--connect', '--innodb_initialized'],
    command: (_d, _value, ssl) => (ssl ? sqlSsl('mariadbd') : undefined), conf: { field: 'mariadb_conf', target: '/etc/mysql/conf.d/custom-config.cnf' }, certificate: certificates('/etc/mysql/certs'),
  },
  'standalone-mongodb': {
    model: 'StandaloneMongodb', port: 27017,
    env: (d) => ({ MONGO_INITDB_ROOT_USERNAME: textField(d, 'mongo_initdb_root_username'), MONGO_INITDB_ROOT_PASSWORD: textField(d, 'mongo_initdb_root_password'), MONGO_INITDB_DATABASE: textField(d, 'mongo_initdb_database') }),
    volumes: () => [{ prefix: 'mongodb-configdb', target: '/data/configdb' }, { prefix: 'mongodb-db', target: '/data/db' }], health: () => ['echo', 'ok'],
    command: (d, _value, ssl) => {
      const conf = textField(d, 'mongo_conf') === undefined ? [] : ['--config', '/etc/mongo/mongod.conf'];
      const tls = ssl ? [`--tlsMode=${mongoModes[textField(d, 'ssl_mode') ?? 'require'] ?? 'requireTLS'}`, '--tlsAllowConnectionsWithoutCertificates', '--tlsAllowInvalidHostnames', '--tlsCAFile', '/etc/mongo/certs/ca.pem', '--tlsCertificateKeyFile', '/etc/mongo/certs/server.pem'] : [];
      return conf.length + tls.length === 0 ? 'mongod' : ['mongod', ...conf, ...tls];
    },
    conf: { field: 'mongo_conf', target: '/etc/mongo/mongod.conf' }, certificate: { combined: '/etc/mongo/certs/server.pem', authority: '/etc/mongo/certs/ca.pem', group: group(999) },
  },
  'standalone-redis': {
    model: 'StandaloneRedis', port: 6379, tlsPort: 6380, volumes: () => [{ prefix: 'redis-data', target: '/data' }],
    env: (d) => ({ REDIS_PASSWORD: textField(d, 'redis_password') }), health: () => ['CMD-SHELL', 'redis-cli', 'ping'],
    command: (d, value, ssl) => redisCommand('redis-server', textField(d, 'redis_conf'), '/usr/local/etc/redis/redis.conf', value('REDIS_PASSWORD'), ssl ? '/etc/redis/certs' : undefined),
    conf: { field: 'redis_conf', target: '/usr/local/etc/redis/redis.conf' }, certificate: certificates('/etc/redis/certs', 1000),
  },
  'standalone-keydb': {
    model: 'StandaloneKeydb', port: 6379, tlsPort: 6380, volumes: () => [{ prefix: 'keydb-data', target: '/data' }],
    env: (d) => ({ REDIS_PASSWORD: textField(d, 'keydb_password') }), health: (d) => ['keydb-cli', '--pass', text(d, 'keydb_password'), 'ping'],
    command: (d, value, ssl) => redisCommand('keydb-server', textField(d, 'keydb_conf'), '/etc/keydb/keydb.conf', value('REDIS_PASSWORD'), ssl ? '/etc/keydb/certs' : undefined),
    conf: { field: 'keydb_conf', target: '/etc/keydb/keydb.conf' }, certificate: certificates('/etc/keydb/certs'),
  },
  'standalone-dragonfly': {
    model: 'StandaloneDragonfly', port: 6379, volumes: () => [{ prefix: 'dragonfly-data', target: '/data' }],
    env: (d) => ({ REDIS_PASSWORD: textField(d, 'dragonfly_password') }), health: (d) => ['redis-cli', '-a', text(d, 'dragonfly_password'), 'ping'],
    command: (_d, value, ssl) => `dragonfly --requirepass ${value('REDIS_PASSWORD')}${ssl ? ' --tls --tls_cert_file /etc/dragonfly/certs/server.crt --tls_key_file /etc/dragonfly/certs/server.key --tls_ca_cert_file /etc/dragonfly/certs/coolify-ca.crt' : ''}`,
    certificate: certificates('/etc/dragonfly/certs'),
  },
  'standalone-clickhouse': {
    model: 'StandaloneClickhouse', port: 9000, volumes: () => [{ prefix: 'clickhouse-data', target: '/var/lib/clickhouse' }], ulimits: { nofile: { soft: 262_144, hard: 262_144 } },
    env: (d) => ({ CLICKHOUSE_USER: textField(d, 'clickhouse_admin_user'), CLICKHOUSE_PASSWORD: textField(d, 'clickhouse_admin_password'), CLICKHOUSE_DB: textField(d, 'clickhouse_db') ?? 'default' }),
    health: (d) => ['clickhouse-client', '--user', textField(d, 'clickhouse_admin_user') ?? 'default', '--password', text(d, 'clickhouse_admin_password'), '--query', 'SELECT 1'],
  },
};

function redisCommand(server: string, conf: string | undefined, target: string, password: string, certs: string | undefined): string {
  const start = conf === undefined ? `${server} --requirepass ${password} --appendonly yes` : /^\s*requirepass\s/m.test(conf) ? `${server} ${target}` : `${server} ${target} --requirepass ${password}`;
  return certs === undefined ? start : `${start} --tls-port 6380 --tls-cert-file ${certs}/server.crt --tls-key-file ${certs}/server.key --tls-ca-cert-file ${certs}/coolify-ca.crt --tls-auth-clients optional`;
}

/** The type of an API object; KeyDB's carry none and are known by their fields (facts §14.6). */
export function databaseTypeOf(database: JsonObject): string | undefined {
  return textField(database, 'database_type') ?? textField(database, 'type') ?? (['keydb_password', 'keydb_conf'].some((key) => key in database) ? 'standalone-keydb' : undefined);
}
