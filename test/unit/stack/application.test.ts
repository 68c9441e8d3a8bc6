import { describe, expect, it } from 'vitest';
import { render } from '../../../src/engine/kubernetes/render';
import { defaultDestination } from '../../../src/model/destination';
import type { Bundle } from '../../../src/model/instance';
import type { Stack } from '../../../src/model/stack';
import { readApplicationBundle } from '../../../src/stack/application';
import { isObject } from '../../../src/text/json';
import { hasCorpus, readBundle, recordedBundles } from '../bundles';

function read(bundle: Bundle): Stack {
  const stack = readApplicationBundle(bundle);
  if (!('containers' in stack)) throw new Error(stack.message);
  return stack;
}

/** An application with the fields that a test speaks of. */
function application(resource: Record<string, unknown>, more: Partial<Bundle> = {}): Bundle {
  return {
    kind: 'application', resource: { uuid: 'abcdefghijklmnopqrstuvwx', name: 'shop', build_pack: 'dockerimage', docker_registry_image_name: 'nginx', docker_registry_image_tag: '1.27', ports_exposes: '3000', settings: {}, ...resource },
    envs: [], storages: {}, scheduledTasks: [], backups: [], ...more,
  };
}

const env = (stack: Stack, name: string): string | undefined => stack.containers[0]?.env.find((variable) => variable.name === name)?.value;
const row = (key: string, value: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({ key, value, is_runtime: true, is_buildtime: true, is_preview: false, is_literal: false, is_multiline: false, ...more });

/** Keys whose number of findings is not one, those of the back end counted too. */
function undecided(bundle: Bundle): string[] {
  const { findings } = render(read(bundle), defaultDestination, new Map());
  const resource = isObject(bundle.resource as never) ? (bundle.resource as Record<string, unknown>) : {};
  const settings = typeof resource['settings'] === 'object' && resource['settings'] !== null ? Object.keys(resource['settings']).map((key) => `settings.${key}`) : [];
  return [...Object.keys(resource), ...settings].filter((path) => findings.filter((finding) => finding.origin.source === 'application' && finding.origin.path === path).length !== 1);
}

describe('an application', () => {
  it('decides every field exactly once', () => {
    expect(undecided(readBundle('application', '85viaiw3m7q26jn7u6h95ibh'))).toEqual([]);
    expect(undecided(application({ fqdn: 'https://a.example.com,nonsense', custom_docker_run_options: '--user 1 --cap-add=NET_ADMIN', limits_cpuset: '0', new_field: 1, settings: { is_static: true, brand_new: true } }))).toEqual([]);
  });
  it('decides every field of every recorded one exactly once', (context) => {
    if (!hasCorpus) context.skip('skipped, because the recordings are not beside the repository');
    const bundles = recordedBundles().filter((bundle) => bundle.kind === 'application');
    expect(bundles.length).toBeGreaterThan(40);
    for (const bundle of bundles) expect(undecided(bundle)).toEqual([]);
  });
  it('has the environment that the process sees in Docker', () => {
    const stack = read(application({}, { envs: [
      row('PLAIN', 'plain value'), row('REFERS', '${PLAIN}/$PLAIN:${UNSET:-fallback}'), row('LATER', '$AFTER'), row('AFTER', 'x'), row('LITERAL', 'pa$$word $NOT', { is_literal: true }),
      row('LINES', 'a\n b', { is_multiline: true }), row('BROKEN', 'line1\nline2'), row('HASH', 'before # after'), row('QUOTES', 'say "hi"'), row('JSON', '{"a":"b c"}'), row('DOLLARS', '$$HOME'),
      row('SHARED', '{{team.HOST}}:1', { real_value: 'h\\"o:1' }), row('NIXPACKS_NODE_VERSION', '22'), row('BUILD', 'x', { is_runtime: false }), row('PREVIEW', 'x', { is_preview: true }),
    ] }));
    expect(Object.fromEntries((stack.containers[0]?.env ?? []).filter((variable) => variable.origin.source === 'envs').map((variable) => [variable.name, variable.value]))).toEqual({
      PLAIN: 'plain value', REFERS: 'plain value/plain value:fallback', LATER: 'x', AFTER: 'x', LITERAL: 'pa$$word $NOT', LINES: 'a\n b', BROKEN: 'line1', HASH: 'before', QUOTES: 'say \\"hi\\"', JSON: '{"a":"b c"}', DOLLARS: '$HOME', SHARED: 'h\\"o:1',
    });
    expect(env(stack, 'PORT')).toBe('3000');
    expect(env(stack, 'HOST')).toBe('0.0.0.0');
  });
  it('takes a value as entered where Compose could not read the line, and says so', () => {
    const stack = read(application({}, { envs: [row('ODD', 'it\'s literal', { is_literal: true }), row('NEXT', '1')] }));
    expect([env(stack, 'ODD'), env(stack, 'NEXT')]).toEqual(['it\'s literal', '1']);
    expect(stack.findings.find((finding) => finding.origin.path === 'envs.ODD')?.decision).toBe('approximated');
  });
  it('reads a locked value from its preview twin, else asks for it', () => {
    const locked = { key: 'KEY', is_shown_once: true, is_preview: false, is_runtime: true };
    expect(env(read(application({}, { envs: [locked, row('KEY', 'twin', { is_preview: true })] })), 'KEY')).toBe('twin');
    expect(read(application({}, { envs: [locked] })).findings.filter((finding) => finding.decision === 'refused').map((finding) => finding.origin.path)).toEqual(['envs.KEY']);
  });
  it.each(['nixpacks', 'railpack', 'static', 'dockerfile'])('names the image that a build of %s would push', (pack) => {
    const container = read(application({ build_pack: pack, docker_registry_image_name: null, git_repository: 'https://git.example.com/a/b', git_branch: 'main', git_commit_sha: '0123456789abcdef0123456789abcdef01234567', base_directory: '/app', settings: { is_git_lfs_enabled: false } }, { envs: [row('TOKEN', 's', { is_runtime: false })] })).containers[0];
    expect(container?.image).toMatch(/^abcdefghijklmnopqrstuvwx:0123456789ab-[0-9a-f]{8}$/);
    expect(container?.build).toMatchObject({ pack, baseDirectory: '/app', source: { kind: 'git', lfs: false, submodules: true }, variables: [{ name: 'TOKEN', value: 's', secret: true }] });
    expect(container?.alwaysPull).toBe(false);
  });
  it('builds a pasted Dockerfile without git, and reads its HEALTHCHECK and EXPOSE', () => {
    const container = read(application({ build_pack: 'dockerfile', docker_registry_image_name: null, dockerfile: 'FROM a AS b\nEXPOSE 1\nFROM nginx\nEXPOSE 8080 53/udp\nHEALTHCHECK --interval=10s --retries=2 \\\n  CMD wget -q http://localhost:8080/ || exit 1\n' })).containers[0];
    expect(container?.build).toMatchObject({ pack: 'dockerfile', source: { kind: 'inline' } });
    expect(container?.ports.map(({ port, protocol }) => `${String(port)}/${protocol}`)).toEqual(['3000/TCP', '8080/TCP', '53/UDP']);
    expect(container?.healthCheck).toMatchObject({ test: ['/bin/sh', '-c', 'wget -q http://localhost:8080/ || exit 1'], intervalSeconds: 10, retries: 2, timeoutSeconds: 30 });
  });
  it('serves a static site on 80 with nginx, whatever its ports say', () => {
    const container = read(application({ build_pack: 'nixpacks', settings: { is_static: true, is_spa: true }, publish_directory: '/dist' })).containers[0];
    expect(container?.ports.map(({ port }) => port)).toEqual([80]);
    expect(container?.build?.static?.configuration).toContain('try_files $uri $uri/ /index.html;');
  });
  it('reads Docker\'s run options as Coolify does, faults included', () => {
    const stack = read(application({ custom_docker_run_options: '--cap-add=SYS_ADMIN --cap-drop MKNOD --privileged --security-opt no-new-privileges:true --sysctl=net.core.somaxconn=1024 --device=/dev/fuse:/dev/fuse --ulimit nofile=1024:2048 --shm-size=256m --init --dns 1.1.1.1 --hostname=custom-host --entrypoint "sh -c \'sleep 10\'" --gpus device=0,1 --ip 10.0.0.5 --user 1000:1000 --memory 1g' }));
    const [container] = stack.containers;
    expect(container).toMatchObject({ capAdd: ['SYS_ADMIN'], capDrop: ['MKNOD'], privileged: true, sysctls: { 'net.core.somaxconn': '1024' }, devices: [{ host: '/dev/fuse', container: '/dev/fuse' }], init: true, dns: ['1.1.1.1'], hostname: 'custom-host', entrypoint: ['sh', '-c', 'sleep 10'], gpus: 2 });
    expect(container?.noNewPrivileges).toBeUndefined();
    expect(container?.user).toBeUndefined();
    expect(container?.mounts).toMatchObject([{ kind: 'tmpfs', target: '/dev/shm', sizeBytes: 256 * 1024 * 1024 }]);
    expect(stack.findings.find((finding) => finding.origin.path === 'custom_docker_run_options.dropped')?.message).toContain('--user, --memory');
  });
  it('is its own stack as a preview deployment', () => {
    const bundle = application({ fqdn: 'https://shop.example.com:3000/app', ports_mappings: '80:80', custom_docker_run_options: '--privileged' }, {
      preview: { pull_request_id: 7 }, envs: [row('A', 'production'), row('B', 'only there'), row('A', 'preview', { is_preview: true })],
      storages: { persistent_storages: [{ uuid: 's1', name: 'data', mount_path: '/data', host_path: null, is_preview_suffix_enabled: true }] },
    });
    const stack = read(bundle);
    expect(stack.uuid).toBe('abcdefghijklmnopqrstuvwx-pr-7');
    expect(stack.containers[0]?.routes).toMatchObject([{ host: '7.shop.example.com', path: '/app', port: 3000, noindex: true }]);
    expect([env(stack, 'A'), env(stack, 'B'), env(stack, 'COOLIFY_BRANCH')]).toEqual(['preview', 'only there', 'pull/7/head:pr-7-coolify']);
    expect(stack.volumes[0]?.dockerName).toBe('data-pr-7');
    expect(stack.containers[0]?.ports.some((port) => port.published !== undefined)).toBe(false);
    expect(stack.containers[0]?.privileged).toBeUndefined();
  });
  it('keeps commands around a deployment as one line, for the container they name', () => {
    expect(read(application({ pre_deployment_command: 'php artisan down\nphp artisan migrate', post_deployment_command: 'php artisan up' })).hooks).toMatchObject({ before: { command: 'php artisan down php artisan migrate', container: 'abcdefghijklmnopqrstuvwx' }, after: { command: 'php artisan up' } });
  });
});
