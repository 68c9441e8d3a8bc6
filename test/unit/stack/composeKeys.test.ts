import { describe, expect, it } from 'vitest';
import { serviceKeys, topLevelKeys } from '../../../src/stack/composeKeys';

/** The keys of a service in the Compose specification's schema (compose-go v2.9.1, schema/compose-spec.json). */
const specified = `annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset
credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname driver_opts entrypoint env_file environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc
isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged
profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts
volumes volumes_from working_dir`.split(/\s+/);
const topLevel = ['configs', 'include', 'models', 'name', 'networks', 'secrets', 'services', 'version', 'volumes'];
const coolify = ['exclude_from_hc', 'content', 'is_directory', 'isDirectory'];

describe('keys of the Compose specification', () => {
  it('are all decided', () => { expect([...specified, ...coolify].filter((key) => serviceKeys[key] === undefined)).toEqual([]); });
  it('of the top level are all decided', () => { expect(topLevel.filter((key) => topLevelKeys[key] === undefined)).toEqual([]); });
  it('say why when they are not carried over', () => {
    for (const [key, [decision, why]] of Object.entries({ ...serviceKeys, ...topLevelKeys })) expect(decision === 'translated' || why.length > 10, key).toBe(true);
  });
});
