import type { JsonObject } from '../text/json';
import { flagField, numberField, textField } from './apiFields';
import { readRunOptions } from './dockerRunOptions';
import { decideLimits, decideOptions } from './limitFields';
import { coolify, same, unknown } from './fieldFindings';
import type { FieldDecision, FieldFindings } from './fieldFindings';

const unpassed: FieldDecision = ['ignored', 'Coolify stores it and does not pass it to the container.'];

const fields: Record<string, FieldDecision> = {
  limits_memory_swap: ['ignored', 'Kubernetes does not limit swap per container.'], limits_memory_swappiness: ['ignored', 'Kubernetes does not tune swapping per container.'], limits_cpuset: ['ignored', 'No CPUs are pinned.'],
  postgres_initdb_args: unpassed, postgres_host_auth_method: unpassed, is_log_drain_enabled: ['ignored', 'The cluster collects what containers print.'], destination: ['translated', 'Its network is the scope in which names are found.'],
  internal_db_url: ['ignored', 'It is made of the other fields.'], external_db_url: ['ignored', 'It is made of the other fields.'], description: coolify, config_hash: coolify, is_include_timestamps: coolify, backup_configs: ['translated', 'Schedules are read from the backups.'],
};

/** The decision on a field of a database that no reader spoke of. */
export function databaseFieldDefault(field: string): FieldDecision {
  const known = fields[field];
  if (known !== undefined) return known;
  if (/^(uuid|name|status|environment|image|database_type|type|is_public|public_port|public_port_timeout|ports_mappings|enable_ssl|ssl_mode|init_scripts|custom_docker_run_options|(limits|health_check)_\w+|\w+_conf|(postgres|mysql|mariadb|mongo|redis|keydb|dragonfly|clickhouse)_\w+)$/.test(field)) return same;
  return /^(id|.*_id|.*_at|.*_count|last_.*|server_status|destination_type)$/.test(field) ? coolify : unknown;
}

/** What the value of a field decides. */
export function decideDatabaseFields(database: JsonObject, tls: boolean, findings: FieldFindings): void {
  const set = (field: string): boolean => textField(database, field) !== undefined && textField(database, field) !== '0';
  decideLimits(database, findings);
  const options = textField(database, 'custom_docker_run_options');
  if (options !== undefined) decideOptions(readRunOptions(options), findings);
  if (!tls && flagField(database, 'enable_ssl')) findings.add('field', 'ignored', ['enable_ssl'], 'Coolify runs this kind of database without TLS.');
  if (set('ssl_mode')) findings.add('field', flagField(database, 'enable_ssl') && tls ? 'translated' : 'ignored', ['ssl_mode'], flagField(database, 'enable_ssl') && tls ? 'It is what clients ask for, and for MongoDB what the server insists on.' : 'TLS is off.');
  if (!flagField(database, 'is_public')) {
    for (const field of ['public_port', 'public_port_timeout']) findings.add('field', 'ignored', [field], 'The database is not public.');
    return;
  }
  if (numberField(database, 'public_port') === undefined) findings.add('field', 'ignored', ['is_public'], 'No public port is set.');
  findings.add('field', 'approximated', ['public_port_timeout'], 'A LoadBalancer closes idle connections at its own time, not after this one.');
  if (flagField(database, 'enable_ssl') && set('dragonfly_password')) findings.add('field', 'translated', ['public_port'], 'Coolify\'s proxy asks port 6380, where Dragonfly does not listen; here the public port leads to 6379.');
}
