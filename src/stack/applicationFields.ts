import type { Json, JsonObject } from '../text/json';
import { flagField, textField } from './apiFields';
import { hasOldParser } from './applicationEnvironment';
import { decideLimits, decideOptions } from './limitFields';
import { coolify, same, unknown } from './fieldFindings';
import type { FieldDecision, FieldFindings } from './fieldFindings';
import type { ApplicationFacts } from './applicationService';
import { runOptionsOf } from './applicationService';

const inImage: FieldDecision = ['translated', 'It goes into the image that is built.'];
const unused = (why: string): FieldDecision => ['ignored', why];
const repository: FieldDecision = ['ignored', 'It concerns webhooks and deployments on a push; deploy from here or from your CI instead.'];

/** The default decision of each field; readers replace it where the value matters. */
const fields: Record<string, FieldDecision> = {
  uuid: same, name: same, status: same, settings: same, environment: same, destination: ['translated', 'Its network is the scope in which names are found.'], build_pack: same,
  fqdn: same, redirect: same, noindex_domains: same, ports_exposes: same, ports_mappings: same, custom_network_aliases: same, custom_docker_run_options: same, custom_labels: same,
  is_http_basic_auth_enabled: same, http_basic_auth_username: same, http_basic_auth_password: same,
  health_check_enabled: same, health_check_type: same, health_check_command: same, health_check_path: same, health_check_port: same, health_check_host: same, health_check_method: same, health_check_scheme: same,
  health_check_interval: same, health_check_timeout: same, health_check_retries: same, health_check_start_period: same, custom_healthcheck_found: same,
  health_check_return_code: unused('Coolify stores it and does not use it: every code below 400 passes.'), health_check_response_text: unused('Coolify stores it and does not use it.'),
  limits_memory: same, limits_memory_reservation: same, limits_cpus: same, limits_cpu_shares: same,
  limits_memory_swap: unused('Kubernetes does not limit swap per container.'), limits_memory_swappiness: unused('Kubernetes does not tune swapping per container.'), limits_cpuset: unused('Only the static CPU manager of a node can pin CPUs.'),
  docker_registry_image_name: same, docker_registry_image_tag: same, git_repository: inImage, git_branch: inImage, git_commit_sha: inImage, git_full_url: inImage, base_directory: inImage, publish_directory: inImage,
  install_command: inImage, build_command: inImage, start_command: inImage, static_image: inImage, custom_nginx_configuration: inImage, dockerfile: inImage, dockerfile_location: inImage, dockerfile_target_build: inImage,
  private_key_id: ['translated', 'The key fetches the code for a build.'], source_id: ['translated', 'The source fetches the code for a build.'], source_type: ['translated', 'The source fetches the code for a build.'],
  docker_compose_location: inImage, nixpkgsarchive: ['approximated', 'The build does not pin this archive of Nix packages; write it into nixpacks.toml (phases.setup.nixpkgsArchive).'], docker_compose_raw: same, docker_compose: same, docker_compose_domains: same, compose_parsing_version: same,
  docker_compose_custom_start_command: same, docker_compose_custom_build_command: same,
  pre_deployment_command: same, pre_deployment_command_container: same, post_deployment_command: same, post_deployment_command_container: same,
  swarm_replicas: same, swarm_placement_constraints: same, watch_paths: repository, preview_url_template: unused('It names preview deployments only.'),
  max_restart_count: unused('Kubernetes restarts a failing container with growing pauses and never gives up; Coolify would stop it.'),
  manual_webhook_secret_github: repository, manual_webhook_secret_gitlab: repository, manual_webhook_secret_bitbucket: repository, manual_webhook_secret_gitea: repository,
  additional_servers: same, additional_networks_count: coolify, additional_servers_count: coolify, description: coolify, config_hash: coolify,
  'settings.is_static': same, 'settings.is_spa': inImage, 'settings.is_force_https_enabled': same, 'settings.is_gzip_enabled': same, 'settings.is_stripprefix_enabled': same, 'settings.stop_grace_period': same,
  'settings.is_gpu_enabled': same, 'settings.gpu_count': same, 'settings.gpu_driver': same, 'settings.gpu_device_ids': same, 'settings.gpu_options': same,
  'settings.is_consistent_container_name_enabled': same, 'settings.custom_internal_name': same, 'settings.connect_to_docker_network': same, 'settings.is_env_sorting_enabled': same,
  'settings.is_container_label_escape_enabled': same, 'settings.is_container_label_readonly_enabled': same, 'settings.is_raw_compose_deployment_enabled': same,
  'settings.is_git_submodules_enabled': inImage, 'settings.is_git_lfs_enabled': inImage, 'settings.is_git_shallow_clone_enabled': inImage, 'settings.disable_build_cache': inImage, 'settings.use_build_secrets': inImage,
  'settings.inject_build_args_to_dockerfile': inImage, 'settings.include_source_commit_in_build': inImage, 'settings.is_build_server_enabled': ['ignored', 'The image is built where the deployment runs.'],
  'settings.is_auto_deploy_enabled': repository, 'settings.is_preview_deployments_enabled': repository, 'settings.is_pr_deployments_public_enabled': repository,
  'settings.is_log_drain_enabled': unused('The cluster collects what containers print.'), 'settings.is_include_timestamps': coolify, 'settings.is_debug_enabled': coolify, 'settings.docker_images_to_keep': coolify,
  'settings.is_preserve_repository_enabled': same, 'settings.is_swarm_only_worker_nodes': same,
};

type Usage = (pack: string, application: JsonObject, settings: JsonObject) => boolean;
const packs = (...names: string[]): Usage => (pack) => names.includes(pack);
const inGit: Usage = (pack, application) => pack !== 'dockerimage' && (pack === 'dockercompose' || textField(application, 'dockerfile') === undefined);
const servedByNginx: Usage = (pack, _application, settings) => pack === 'static' || (flagField(settings, 'is_static') && (pack === 'nixpacks' || pack === 'railpack'));
const notCompose: Usage = (pack) => pack !== 'dockercompose';
const built: Usage = (pack) => pack !== 'dockerimage';

/** Fields that Coolify heeds only with some build packs (facts §2.1, §2.2); with the others a value in them has no effect there either. */
const uses: Record<string, Usage> = {
  ...each(packs('nixpacks', 'railpack'), ['install_command', 'build_command', 'start_command']), nixpkgsarchive: packs('nixpacks'),
  ...each(packs('dockercompose'), ['docker_compose_location', 'docker_compose_raw', 'docker_compose', 'docker_compose_domains', 'docker_compose_custom_start_command', 'docker_compose_custom_build_command', 'settings.is_raw_compose_deployment_enabled', 'settings.connect_to_docker_network']),
  ...each(packs('dockerfile'), ['dockerfile_location', 'dockerfile_target_build']), dockerfile: (pack) => pack !== 'dockerimage' && pack !== 'dockercompose',
  ...each(servedByNginx, ['publish_directory', 'static_image', 'custom_nginx_configuration', 'settings.is_spa']),
  ...each(inGit, ['git_repository', 'git_branch', 'git_commit_sha', 'git_full_url', 'base_directory', 'private_key_id', 'source_id', 'source_type', 'settings.is_git_submodules_enabled', 'settings.is_git_lfs_enabled', 'settings.is_git_shallow_clone_enabled', 'settings.is_preserve_repository_enabled']),
  ...each(built, ['settings.disable_build_cache', 'settings.use_build_secrets', 'settings.inject_build_args_to_dockerfile', 'settings.include_source_commit_in_build', 'settings.is_build_server_enabled']),
  ...each(notCompose, [
    'redirect', 'ports_exposes', 'ports_mappings', 'custom_network_aliases', 'custom_docker_run_options', 'custom_labels', 'is_http_basic_auth_enabled', 'http_basic_auth_username', 'http_basic_auth_password',
    'health_check_enabled', 'health_check_type', 'health_check_command', 'health_check_path', 'health_check_port', 'health_check_host', 'health_check_method', 'health_check_scheme', 'health_check_interval', 'health_check_timeout', 'health_check_retries', 'health_check_start_period', 'custom_healthcheck_found',
    'limits_memory', 'limits_memory_reservation', 'limits_memory_swap', 'limits_memory_swappiness', 'limits_cpus', 'limits_cpuset', 'limits_cpu_shares', 'docker_registry_image_name', 'docker_registry_image_tag', 'swarm_replicas', 'swarm_placement_constraints',
    'settings.is_static', 'settings.is_gpu_enabled', 'settings.gpu_count', 'settings.gpu_driver', 'settings.gpu_device_ids', 'settings.gpu_options', 'settings.is_consistent_container_name_enabled', 'settings.custom_internal_name', 'settings.is_swarm_only_worker_nodes', 'settings.is_container_label_readonly_enabled',
  ]),
};

function each(usage: Usage, fields: readonly string[]): Record<string, Usage> {
  return Object.fromEntries(fields.map((field) => [field, usage]));
}

/** The decision on a field that no reader spoke of. Fields that the API adds later are said to be unknown, not passed over. */
export function fieldDefaults(application: JsonObject, settings: JsonObject): (field: string, value: Json) => FieldDecision {
  const pack = textField(application, 'build_pack') ?? 'nixpacks';
  return (field, value) => {
    if (uses[field]?.(pack, application, settings) === false) {
      if (field.startsWith('git_') || field === 'base_directory') return ['ignored', pack === 'dockerimage' ? 'The image is pulled, not built.' : 'The Dockerfile is pasted into Coolify; no code is fetched.'];
      return ['ignored', pack === 'dockercompose' ? 'Coolify does not use it for a compose file: there the file says it.' : `Coolify does not use it with the build pack ${pack}.`];
    }
    const known = fields[field];
    if (known !== undefined && (value === null || value === '')) return ['ignored', 'It is not set.'];
    if (known !== undefined) return known;
    return /^(id|.*_id|.*_at|.*_count|last_.*|server_status|destination_type|repository_project_id)$/.test(field) ? coolify : unknown;
  };
}

/** What the value of a field decides for every build pack, beyond the defaults. */
export function decideSharedFields({ application, settings, findings }: { application: JsonObject; settings: JsonObject; findings: FieldFindings }): void {
  if (textField(application, 'build_pack') === 'dockercompose') findings.add('field', 'translated', ['fqdn'], 'It stands in COOLIFY_URL and COOLIFY_FQDN alone, as in Coolify: applications with a compose file have domains by service (docker_compose_domains).');
  if (hasOldParser(application)) findings.add('field', 'approximated', ['compose_parsing_version'], 'An old parser of Coolify made this application: COOLIFY_URL and COOLIFY_FQDN are the other way round, as there; what else it wrote into a compose file is read as the present one would.', { fix: 'Compare the environment with that of the running container.' });
  if (flagField(settings, 'is_preserve_repository_enabled')) findings.add('field', 'approximated', ['settings.is_preserve_repository_enabled'], 'Files of the repository that are mounted from the server are not in the cluster.', { fix: 'Put them into the image, or into Coolify\'s storages.' });
  if (Array.isArray(application['additional_servers']) && application['additional_servers'].length > 0) findings.add('field', 'approximated', ['additional_servers'], 'The application also runs on other servers of Coolify; it is deployed to this destination only.', { fix: 'Deploy it to a destination there too.' });
}

/** What the value of a field decides for an application without a compose file. */
export function decideFields(facts: ApplicationFacts, findings: FieldFindings): void {
  const { application, settings, swarm } = facts;
  const set = (field: string): boolean => textField(application, field) !== undefined && textField(application, field) !== '0';
  decideLimits(application, findings);
  if (!swarm && (set('swarm_placement_constraints') || textField(application, 'swarm_replicas') !== '1')) {
    for (const field of ['swarm_placement_constraints', 'swarm_replicas']) findings.add('field', 'ignored', [field], 'It counts on a Swarm destination only, and this is none.');
  }
  findings.add('field', swarm && flagField(settings, 'is_swarm_only_worker_nodes') ? 'approximated' : 'ignored', ['settings.is_swarm_only_worker_nodes'], swarm ? 'Which nodes take pods is up to the cluster: most keep them off the control plane, one of a single node does not.' : 'It counts on a Swarm destination only, and this is none.');
  if (flagField(settings, 'is_gpu_enabled')) decideGpu(settings, findings);
  else for (const field of ['gpu_driver', 'gpu_count', 'gpu_device_ids', 'gpu_options']) findings.add('field', 'ignored', [`settings.${field}`], 'It counts only where GPUs are enabled.');
  decideRunOptions(facts, findings);
}

function decideGpu(settings: JsonObject, findings: FieldFindings): void {
  const count = textField(settings, 'gpu_count');
  if (count === undefined && textField(settings, 'gpu_device_ids') !== undefined) findings.add('field', 'approximated', ['settings.gpu_device_ids'], 'A pod asks for a number of GPUs; it cannot choose which.');
  if (count !== undefined && textField(settings, 'gpu_device_ids') !== undefined) findings.add('field', 'ignored', ['settings.gpu_device_ids'], 'Coolify does not use it where a number is set.');
  if (textField(settings, 'gpu_options') !== undefined) findings.add('field', 'approximated', ['settings.gpu_options'], 'Options of the GPU driver are left to the node\'s device plugin.');
}

function decideRunOptions(facts: ApplicationFacts, findings: FieldFindings): void {
  if (textField(facts.application, 'custom_docker_run_options') === undefined) return;
  const options = runOptionsOf(facts);
  if (options === undefined) findings.add('runOptions', 'ignored', ['custom_docker_run_options'], 'Coolify ignores them here.');
  else decideOptions(options, findings);
}
