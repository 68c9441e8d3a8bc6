import type { JsonObject } from '../text/json';
import { textField } from './apiFields';

/** What Coolify runs for one kind of database (facts §6.2: `StartPostgresql` and its siblings). */
export interface DatabaseType {
  port: number;
  /** Container variables by name, from the fields of the API object. */
  env: (d: JsonObject) => Record<string, string | undefined>;
  mountPath: (image: string) => string[];
  health: (d: JsonObject, value: (name: string) => string) => string[];
  command?: (d: JsonObject, value: (name: string) => string) => string[] | undefined;
  /** Field with a configuration file, and where it is mounted. */
  conf?: { field: string; target: string };
}

/** The major version in a tag, for what changed with it. */
function major(image: string): number {
  return Number(/:(\d+)/.exec(image)?.[1] ?? 0);
}

const mysqlPath = (): string[] => ['/var/lib/mysql'];

export const databaseTypes: Record<string, DatabaseType> = {
  'standalone-postgresql': {
    port: 5432,
    env: (d) => ({ POSTGRES_USER: textField(d, 'postgres_user'), PGUSER: textField(d, 'postgres_user'), POSTGRES_PASSWORD: textField(d, 'postgres_password'), POSTGRES_DB: textField(d, 'postgres_db') }),
    // From 18 on the image keeps its data one folder up.
    mountPath: (image) => [major(image) >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data'],
    health: (d) => ['psql', '-U', textField(d, 'postgres_user') ?? 'postgres', '-d', textField(d, 'postgres_db') ?? 'postgres', '-c', 'SELECT 1'],
    command: (d) => (textField(d, 'postgres_conf') === undefined ? undefined : ['postgres', '-c', 'config_file=/etc/postgresql/postgresql.conf']),
    conf: { field: 'postgres_conf', target: '/etc/postgresql/postgresql.conf' },
  },
  'standalone-mysql': {
    port: 3306,
    env: (d) => ({ MYSQL_ROOT_PASSWORD: textField(d, 'mysql_root_password'), MYSQL_DATABASE: textField(d, 'mysql_database'), MYSQL_USER: textField(d, 'mysql_user'), MYSQL_PASSWORD: textField(d, 'mysql_password') }),
    mountPath: mysqlPath, health: (d) => ['mysqladmin', 'ping', '-h', 'localhost', '-u', 'root', `-p${textField(d, 'mysql_root_password') ?? ''}`],
    conf: { field: 'mysql_conf', target: '/etc/mysql/conf.d/custom-config.cnf' },
  },
  'standalone-mariadb': {
    port: 3306,
    env: (d) => ({ MARIADB_ROOT_PASSWORD: textField(d, 'mariadb_root_password'), MARIADB_DATABASE: textField(d, 'mariadb_database'), MARIADB_USER: textField(d, 'mariadb_user'), MARIADB_PASSWORD: textField(d, 'mariadb_password') }),
    mountPath: mysqlPath, health: () => ['healthcheck.sh', '--connect', '--innodb_initialized'],
    conf: { field: 'mariadb_conf', target: '/etc/mysql/conf.d/custom-config.cnf' },
  },
  'standalone-mongodb': {
    port: 27017,
    env: (d) => ({ MONGO_INITDB_ROOT_USERNAME: textField(d, 'mongo_initdb_root_username'), MONGO_INITDB_ROOT_PASSWORD: textField(d, 'mongo_initdb_root_password'), MONGO_INITDB_DATABASE: textField(d, 'mongo_initdb_database') }),
    mountPath: () => ['/data/configdb', '/data/db'], health: () => ['echo', 'ok'],
    command: (d) => (textField(d, 'mongo_conf') === undefined ? undefined : ['mongod', '--config', '/etc/mongo/mongod.conf']),
    conf: { field: 'mongo_conf', target: '/etc/mongo/mongod.conf' },
  },
  'standalone-redis': {
    port: 6379, env: (d) => ({ REDIS_PASSWORD: textField(d, 'redis_password') }), mountPath: () => ['/data'],
    // Coolify's CMD-SHELL with a list runs the first word alone.
    health: () => ['/bin/sh', '-c', 'redis-cli', 'ping'],
    command: (d, value) => redisCommand('redis-server', textField(d, 'redis_conf'), '/usr/local/etc/redis/redis.conf', value('REDIS_PASSWORD')),
    conf: { field: 'redis_conf', target: '/usr/local/etc/redis/redis.conf' },
  },
  'standalone-keydb': {
    port: 6379, env: (d) => ({ REDIS_PASSWORD: textField(d, 'keydb_password') }), mountPath: () => ['/data'],
    health: (d) => ['keydb-cli', '--pass', textField(d, 'keydb_password') ?? '', 'ping'],
    command: (d, value) => redisCommand('keydb-server', textField(d, 'keydb_conf'), '/etc/keydb/keydb.conf', value('REDIS_PASSWORD')),
    conf: { field: 'keydb_conf', target: '/etc/keydb/keydb.conf' },
  },
  'standalone-dragonfly': {
    port: 6379, env: (d) => ({ REDIS_PASSWORD: textField(d, 'dragonfly_password') }), mountPath: () => ['/data'],
    health: (d) => ['redis-cli', '-a', textField(d, 'dragonfly_password') ?? '', 'ping'], command: (_d, value) => ['dragonfly', '--requirepass', value('REDIS_PASSWORD')],
  },
  'standalone-clickhouse': {
    port: 9000,
    env: (d) => ({ CLICKHOUSE_USER: textField(d, 'clickhouse_admin_user'), CLICKHOUSE_PASSWORD: textField(d, 'clickhouse_admin_password'), CLICKHOUSE_DB: textField(d, 'clickhouse_db') }),
    mountPath: () => ['/var/lib/clickhouse'],
    health: (d) => ['clickhouse-client', '--user', textField(d, 'clickhouse_admin_user') ?? 'default', '--password', textField(d, 'clickhouse_admin_password') ?? '', '--query', 'SELECT 1'],
  },
};

function redisCommand(server: string, conf: string | undefined, target: string, password: string): string[] {
  if (conf === undefined) return [server, '--requirepass', password, '--appendonly', 'yes'];
  return /^\s*requirepass\s/m.test(conf) ? [server, target] : [server, target, '--requirepass', password];
}

/** The type of an API object; KeyDB's carry none and are known by their fields (facts §14.6). */
export function databaseTypeOf(database: JsonObject): string | undefined {
  return textField(database, 'database_type') ?? textField(database, 'type') ?? (['keydb_password', 'keydb_conf'].some((key) => key in database) ? 'standalone-keydb' : undefined);
}
