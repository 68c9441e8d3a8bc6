import { describe, expect, it } from 'vitest';
import { render } from '../../../src/engine/kubernetes/render';
import { defaultDestination } from '../../../src/model/destination';
import type { Bundle } from '../../../src/model/instance';
import type { Stack } from '../../../src/model/stack';
import { readApplicationBundle } from '../../../src/stack/application';

const composeText = `
services:
  web: {image: "nginx:1.27", environment: [SERVICE_FQDN_WEB_8080], volumes: ["data:/d"]}
  api: {image: "node:22", environment: {SELF: $SERVICE_NAME_API}}
  migrate: {image: "node:22", restart: "no"}
volumes: {data: {}}
`;

function read(resource: Record<string, unknown>, more: Partial<Bundle> = {}): Stack {
  const stack = readApplicationBundle({
    kind: 'application', envs: [], storages: {}, scheduledTasks: [], backups: [], ...more,
    resource: { uuid: 'abcdefghijklmnopqrstuvwx', name: 'shop', build_pack: 'dockerimage', docker_registry_image_name: 'nginx', docker_registry_image_tag: '1.27', ports_exposes: '3000', settings: {}, ...resource },
  });
  if (!('containers' in stack)) throw new Error(stack.message);
  return stack;
}

const compose = (resource: Record<string, unknown> = {}, more: Partial<Bundle> = {}): Stack => read({ build_pack: 'dockercompose', docker_compose_raw: composeText, docker_compose: composeText, docker_compose_domains: '{"web":{"domain":"https://a.example.com:8080/x,http://b.example.com"}}', ...resource }, more);
const decision = (stack: Stack, path: string): string | undefined => stack.findings.find(({ origin }) => origin.path === path)?.decision;
const row = (key: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({ key, value: '1', is_runtime: true, is_buildtime: true, is_preview: false, ...more });

describe('fields that the build pack does not use', () => {
  it('are said to be without effect, as they are in Coolify', () => {
    const stack = compose({ limits_memory: '512m', ports_mappings: '80:80', custom_docker_run_options: '--privileged', health_check_enabled: true, is_http_basic_auth_enabled: true, settings: { is_gpu_enabled: true, stop_grace_period: 77, connect_to_docker_network: true } });
    for (const path of ['limits_memory', 'ports_mappings', 'custom_docker_run_options', 'health_check_enabled', 'is_http_basic_auth_enabled', 'settings.is_gpu_enabled']) expect([path, decision(stack, path)]).toEqual([path, 'ignored']);
    expect(stack.containers.map(({ stopGraceSeconds }) => stopGraceSeconds)).toEqual([77, 77, 77]);
    expect(stack.containers[0]?.hostNames).toEqual(['web', 'web-abcdefghijklmnopqrstuvwx']);
    const pasted = read({ build_pack: 'dockerfile', dockerfile: 'FROM nginx', git_repository: 'coollabsio/coolify', start_command: 'x' });
    expect([decision(pasted, 'git_repository'), decision(pasted, 'start_command'), decision(pasted, 'dockerfile')]).toEqual(['ignored', 'ignored', 'translated']);
    expect(decision(read({ build_command: 'npm run build' }), 'build_command')).toBe('ignored');
  });
  it('and amounts that Docker would refuse are refused', () => {
    const stack = read({ limits_memory: '12x', limits_cpus: 'many' });
    expect([decision(stack, 'limits_memory'), decision(stack, 'limits_cpus')]).toEqual(['refused', 'refused']);
  });
});

describe('what runs inside a container', () => {
  const task = (more: Record<string, unknown>): Record<string, unknown> => ({ uuid: 't', name: 'nightly', command: 'x', frequency: 'daily', ...more });
  it('runs in the one that is named, or the only one', () => {
    expect(compose({}, { scheduledTasks: [task({ container: 'api' })] }).scheduledTasks).toMatchObject([{ container: 'api' }]);
    expect(read({}, { scheduledTasks: [task({ container: 'whatever' })] }).scheduledTasks).toMatchObject([{ container: 'abcdefghijklmnopqrstuvwx' }]);
  });
  it.each([undefined, 'gone', 'migrate'])('is refused, not guessed, where Coolify finds no container either: %s', (container) => {
    const stack = compose({ pre_deployment_command: 'x', pre_deployment_command_container: container }, { scheduledTasks: [task({ container })] });
    expect(stack.scheduledTasks).toEqual([]);
    expect(stack.hooks).toBeUndefined();
    expect([decision(stack, 'scheduledTasks.t'), decision(stack, 'pre_deployment_command')]).toEqual(['refused', 'refused']);
  });
});

describe('a Swarm application', () => {
  const deploy = (yaml: string): string => Buffer.from(yaml).toString('base64');
  it('keeps what it merges into deploy, but not the rule that would leave a cluster of one node without a place', () => {
    const stack = read({ destination_type: 'App\\Models\\SwarmDocker', swarm_replicas: 3, ports_mappings: '8080:3000', settings: { is_swarm_only_worker_nodes: true }, swarm_placement_constraints: deploy('placement:\n  constraints: ["node.labels.zone == eu", "engine.labels.x == y"]\n  preferences: [{spread: node.labels.rack}]\n') });
    expect(stack.containers[0]).toMatchObject({ replicas: 3, placement: [{ label: 'zone', value: 'eu', equal: true }], spreadOver: ['rack'] });
    expect(stack.containers[0]?.ports.find(({ published }) => published !== undefined)).toMatchObject({ port: 3000, published: { port: 8080 } });
    expect(decision(stack, 'settings.is_swarm_only_worker_nodes')).toBe('approximated');
    expect(decision(stack, 'swarm_placement_constraints.deploy.placement.constraints.1')).toBe('approximated');
  });
});

describe('a scheduled task', () => {
  it('runs on the nodes that its container may run on, and where its claim is', () => {
    const stack = read({ destination_type: 'App\\Models\\SwarmDocker', swarm_placement_constraints: Buffer.from('placement:\n  constraints: ["node.labels.zone == eu"]\n  max_replicas_per_node: 1\n').toString('base64') }, {
      scheduledTasks: [{ uuid: 't', name: 't', command: 'x', frequency: 'daily' }], storages: { persistent_storages: [{ uuid: 's', name: 'data', mount_path: '/data' }] },
    });
    const { manifests } = render(stack, { ...defaultDestination, scale: { nodeSelector: { pool: 'web' } } }, new Map());
    const job = JSON.stringify(manifests.find(({ kind }) => kind === 'CronJob'));
    for (const part of ['"nodeSelector":{"pool":"web"}', '"key":"zone","operator":"In","values":["eu"]', '"podAffinity"']) expect(job).toContain(part);
    expect(job).not.toContain('podAntiAffinity');
  });
});

describe('run options and GPUs', () => {
  it('say what the reader of the service that Coolify writes could not carry over', () => {
    const stack = read({ custom_docker_run_options: '--security-opt no-new-privileges:true --ulimit nofile=1:2 --init' , settings: { is_gpu_enabled: true, gpu_count: 'all' } });
    expect([decision(stack, 'custom_docker_run_options.security_opt'), decision(stack, 'custom_docker_run_options.ulimits'), decision(stack, 'custom_docker_run_options.init')]).toEqual(['ignored', 'ignored', 'ignored']);
    expect(decision(stack, 'settings.is_gpu_enabled.deploy.resources.reservations.devices')).toBe('approximated');
  });
});

describe('rows that no container receives', () => {
  it('are told, each with its reason', () => {
    const envs = [row('BUILD', { is_runtime: false }), row('NIXPACKS_PKGS'), row('NEITHER', { is_runtime: false, is_buildtime: false }), row('A', { is_preview: true }), row('A')];
    expect(['envs.BUILD', 'envs.NIXPACKS_PKGS', 'envs.NEITHER', 'envs'].map((path) => decision(read({ build_pack: 'nixpacks', git_repository: 'https://git.example.com/a' }, { envs }), path))).toEqual(['translated', 'translated', 'ignored', 'ignored']);
    expect(decision(read({}, { envs }), 'envs.BUILD')).toBe('ignored');
  });
});

describe('a preview of an application with a compose file', () => {
  const stack = compose({ preview_url_template: 'pr{{pr_id}}-{{domain}}', source_type: 'App\\Models\\GitlabApp' }, { preview: { pull_request_id: 5 }, envs: [row('A', { value: 'preview', is_preview: true })] });
  it('has domains of its own, never those of production', () => {
    expect(stack.containers[0]?.routes).toMatchObject([{ host: 'pr5-a.example.com', path: '/x', port: 8080, noindex: true }, { scheme: 'http', host: 'pr5-b.example.com' }]);
  });
  it('answers to the names, and has the variables and volumes, that Coolify gives it', () => {
    const api = stack.containers[1];
    expect(api?.hostNames).toEqual(['api', 'api-pr-5']);
    const env = Object.fromEntries([...stack.sharedEnv, ...api?.env ?? []].map(({ name, value }) => [name, value]));
    expect(env).toMatchObject({ SELF: 'api-pr-5', SERVICE_NAME_WEB: 'web-pr-5', A: 'preview', COOLIFY_BRANCH: '"merge-requests/5/head:pr-5-coolify"', COOLIFY_RESOURCE_UUID: 'abcdefghijklmnopqrstuvwx' });
    expect(stack.volumes[0]?.dockerName).toBe('abcdefghijklmnopqrstuvwx_data-pr-5');
    const services = render(stack, defaultDestination, new Map()).manifests.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name);
    expect(services).toEqual(expect.arrayContaining(['api', 'api-pr-5', 'web', 'web-pr-5']));
  });
});

describe('domains', () => {
  it('that are listed twice count once, and are told', () => {
    const stack = read({ fqdn: 'https://A.example.com:8080,https://a.example.com,http://a.example.com', noindex_domains: ['https://a.EXAMPLE.com:8080'] });
    expect(stack.containers[0]?.routes.map(({ scheme, port, noindex }) => [scheme, port, noindex])).toEqual([['https', 8080, true], ['http', 3000, false]]);
    expect(decision(stack, 'fqdn.1')).toBe('approximated');
  });
  it('redirect, strip and compress where an older Coolify does not say so, since they are on there', () => {
    expect(read({ fqdn: 'https://a.example.com/x' }).containers[0]?.routes).toMatchObject([{ forceHttps: true, stripPrefix: true, gzip: true }]);
  });
  it('that two services claim are told', () => {
    const stack = compose({ docker_compose_domains: '{"web":{"domain":"https://a.example.com"},"api":{"domain":"https://a.example.com"}}' });
    expect(render(stack, defaultDestination, new Map()).findings.some(({ message }) => message.includes('belongs to web and to api'))).toBe(true);
  });
});

describe('what must not stand outside of a Secret', () => {
  it('are locked values, keys, tokens and shared variables that are no plain words', () => {
    const envs = [
      row('LOCKED', { value: 'open sesame', is_shown_once: true }), row('PEM', { value: '-----BEGIN PRIVATE KEY-----\nx', is_multiline: true }), row('GH', { value: `ghp_${'a'.repeat(36)}` }),
      row('SHARED', { value: '{{team.X}}', real_value: 't0ps-ecret' }), row('STAGE', { value: '{{team.Y}}', real_value: 'production' }), row('PLAIN', { value: 'hello there' }),
    ];
    const secrets = (stack: Stack): string[] => (stack.containers[0]?.env ?? []).filter(({ secret }) => secret).map(({ name }) => name);
    expect(secrets(read({}, { envs }))).toEqual(['LOCKED', 'PEM', 'GH', 'SHARED']);
  });
  it('are files that hold a password', () => {
    const stack = read({}, { storages: { file_storages: [{ uuid: 'f', fs_path: '/x', mount_path: '/etc/app.conf', content: 'password: hunter22\n' }] } });
    expect(stack.containers[0]?.mounts).toMatchObject([{ kind: 'file', secret: true }]);
  });
});

describe('a health check', () => {
  const check = (more: Record<string, unknown>): Stack => read({ health_check_enabled: true, ...more });
  it('takes Docker\'s defaults for zeros', () => {
    expect(check({ health_check_interval: 0, health_check_timeout: 0, health_check_retries: 0 }).containers[0]?.healthCheck).toMatchObject({ intervalSeconds: 30, timeoutSeconds: 30, retries: 3 });
  });
  it('asks by HTTP, and says so, where Coolify does not allow the command', () => {
    const stack = check({ health_check_type: 'cmd', health_check_command: 'a && b' });
    expect(stack.containers[0]?.healthCheck?.http).toMatchObject({ port: 3000 });
    expect(decision(stack, 'health_check_command')).toBe('ignored');
  });
});

it('tells that a volume whose name another resource may have is no longer shared', () => {
  const stack = read({}, { storages: { persistent_storages: [{ uuid: 'a', name: 'abcdefghijklmnopqrstuvwx-data', mount_path: '/a' }, { uuid: 'b', name: 'shared', mount_path: '/b' }] } });
  expect([decision(stack, 'storages.a'), decision(stack, 'storages.b')]).toEqual(['translated', 'approximated']);
});

it('runs a preview whatever became of production', () => {
  expect(read({ status: 'exited' }, { preview: { pull_request_id: 1 } }).running).toBe(true);
  expect(read({ status: 'running' }, { preview: { pull_request_id: 1, status: 'exited' } }).running).toBe(false);
});

it('has URL and FQDN the other way round for an application of an old parser, as Coolify does', () => {
  const env = (version: string): unknown[] => ['COOLIFY_URL', 'COOLIFY_FQDN'].map((name) => read({ fqdn: 'https://a.example.com', compose_parsing_version: version }).containers[0]?.env.find((variable) => variable.name === name)?.value);
  expect(env('5')).toEqual(['https://a.example.com', 'a.example.com']);
  expect(env('1')).toEqual(['a.example.com', 'https://a.example.com']);
});
