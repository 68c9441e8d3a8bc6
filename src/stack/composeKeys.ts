import type { Decision } from '../model/finding';

type KeyDecision = [Decision, string];
const done: KeyDecision = ['translated', ''];
const unsupported = (why: string): KeyDecision => ['ignored', why];
const notYet = (why: string): KeyDecision => ['approximated', `Not yet carried over: ${why}`];

/** One decision for each service key of the Compose specification and for Coolify's own. Keys that need more than one word say it where they are read. */
export const serviceKeys: Record<string, KeyDecision> = {
  annotations: done, attach: unsupported('It only chooses whose output `docker compose up` shows.'),
  blkio_config: unsupported('Kubernetes has no field for block I/O weights.'), build: done, cap_add: done, cap_drop: done,
  cgroup: unsupported('The container runtime decides on cgroup namespaces.'), cgroup_parent: unsupported('The kubelet decides on cgroups.'),
  command: done, configs: done, container_name: done,
  cpu_count: unsupported('Windows only.'), cpu_percent: unsupported('Windows only.'), cpu_shares: done,
  cpu_period: unsupported('Use a CPU limit.'), cpu_quota: unsupported('Use a CPU limit.'), cpu_rt_period: unsupported('Kubernetes has no real-time scheduling.'),
  cpu_rt_runtime: unsupported('Kubernetes has no real-time scheduling.'), cpus: done, cpuset: unsupported('Only the static CPU manager of a node can pin CPUs.'),
  credential_spec: unsupported('Windows only.'), depends_on: done, deploy: done, develop: unsupported('For development on a laptop only.'),
  device_cgroup_rules: ['approximated', 'Rules for devices have no field; name the devices under devices:.'], devices: done, dns: done, dns_opt: done, dns_search: done, domainname: done,
  driver_opts: unsupported('Options of a Docker network driver.'), entrypoint: done, env_file: done, environment: done, expose: done, extends: done,
  external_links: ['approximated', 'A container outside of the stack is reached by its own name, if what it belongs to is translated too; another name for it is not made.'], extra_hosts: done, gpus: done, group_add: done, healthcheck: done, hostname: done, image: done,
  init: ['ignored', 'The pod keeps its own first process.'], ipc: done, isolation: unsupported('Windows only.'),
  label_file: done, labels: done, links: done, logging: unsupported('The cluster collects what containers print.'), mac_address: unsupported('Pods have no fixed MAC address.'),
  mem_limit: done, mem_reservation: done, mem_swappiness: unsupported('Kubernetes does not tune swapping per container.'), memswap_limit: unsupported('Kubernetes does not limit swap per container.'),
  models: ['refused', 'Docker\'s model runner has no counterpart; run a model server as a service and give its address in variables.'], network_mode: done, networks: ['ignored', 'Every service of the stack can reach every other, as after Coolify\'s own rewriting.'],
  oom_kill_disable: unsupported('The kernel may always kill.'), oom_score_adj: unsupported('The kubelet decides from requests and limits.'), pid: done,
  pids_limit: unsupported('The kubelet limits processes per pod.'), platform: done, ports: done, post_start: done, pre_stop: done, pre_start: notYet('a command before the container starts; write it as a service that others wait for.'),
  privileged: done, profiles: done, provider: done, pull_policy: done, pull_refresh_after: unsupported('Kubernetes pulls when a pod starts.'),
  read_only: done, restart: done, runtime: ['approximated', 'The node\'s default runtime runs it; another one needs a RuntimeClass of the cluster.'], scale: done, secrets: done, security_opt: done, shm_size: done,
  stdin_open: done, stop_grace_period: done, stop_signal: done, storage_opt: unsupported('Kubernetes limits ephemeral storage differently.'), sysctls: done, tmpfs: done, tty: done,
  ulimits: unsupported('Kubernetes has no field for ulimits; the node\'s container runtime sets them.'), use_api_socket: ['refused', 'There is no Docker API in a pod.'],
  user: done, userns_mode: unsupported('Pods run in the node\'s user namespace.'), uts: unsupported('A pod has its own host name.'),
  volumes: done, volumes_from: done, working_dir: done,
  exclude_from_hc: done, content: done, is_directory: done, isDirectory: done,
};

/** One decision for each top-level element. */
export const topLevelKeys: Record<string, KeyDecision> = {
  version: ['ignored', 'Compose itself ignores it.'], name: ['ignored', 'Objects are named after Coolify\'s uuid.'], services: done, volumes: done, configs: done, secrets: done,
  networks: ['ignored', 'Pods of one namespace reach each other; isolation is not kept by Coolify either.'],
  include: done, models: ['refused', 'Model runners have no counterpart.'],
};
