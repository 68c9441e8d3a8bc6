import type { JsonObject } from '../text/json';
import type { Decision } from '../model/finding';
import type { FindingList } from './findings';

const read = ['uuid', 'name', 'build_pack', 'docker_registry_image_name', 'docker_registry_image_tag', 'fqdn', 'redirect', 'noindex_domains', 'ports_exposes', 'ports_mappings', 'status', 'settings',
  'health_check_enabled', 'health_check_type', 'health_check_command', 'health_check_path', 'health_check_port', 'health_check_host', 'health_check_method', 'health_check_scheme', 'health_check_interval',
  'health_check_timeout', 'health_check_retries', 'health_check_start_period', 'limits_memory', 'limits_memory_reservation', 'limits_cpus', 'limits_cpu_shares', 'custom_network_aliases',
  'is_http_basic_auth_enabled', 'http_basic_auth_username', 'http_basic_auth_password'];

/** Fields that change what runs and are not carried over yet: said when they are set. */
const notYet: Record<string, string> = {
  custom_docker_run_options: 'Docker run options', pre_deployment_command: 'the command before a deployment', post_deployment_command: 'the command after a deployment', swarm_placement_constraints: 'Swarm placement',
  limits_memory_swap: 'a swap limit', limits_cpuset: 'CPU pinning', docker_compose_raw: 'the compose build pack', custom_nginx_configuration: 'a configuration for nginx',
};

/** One finding for every field of an application. */
export function decideFields(application: JsonObject, findings: FindingList): void {
  for (const [key, value] of Object.entries(application)) {
    const empty = value === null || value === '' || value === '0' || value === 0 || value === false;
    const what = notYet[key];
    const decision: Decision = read.includes(key) ? 'translated' : what !== undefined && !empty ? 'approximated' : 'ignored';
    findings.add(decision === 'approximated' ? 'notYet' : 'field', decision, [key], decision === 'translated' ? 'Same behaviour.' : decision === 'approximated' ? `Not yet carried over: ${what ?? key}.` : 'It does not change what runs.');
  }
}
