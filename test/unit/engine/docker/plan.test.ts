import { describe, expect, it } from 'vitest';
import { plan } from '../../../../src/engine/docker/plan';
import type { Bundle } from '../../../../src/model/instance';
import type { Plan } from '../../../../src/model/plan';
import { stackOfBundle } from '../../../../src/translate';
import { readBundle } from '../../bundles';

function planned(bundle: Bundle): Plan {
  const stack = stackOfBundle(bundle);
  if (!('containers' in stack)) throw new Error(stack.message);
  return plan(stack);
}
const application = (more: Record<string, unknown>): Bundle => ({
  kind: 'application', envs: [], storages: {}, scheduledTasks: [], backups: [],
  resource: { uuid: 'abcdefghijklmnopqrstuvwx', name: 'shop', build_pack: 'dockerimage', docker_registry_image_name: 'nginx', docker_registry_image_tag: '1.27', ports_exposes: '80', settings: {}, ...more },
});
const titles = (made: Plan): string[] => made.steps.map((step) => step.title);
const words = (made: Plan, title: string): string => made.steps.find((step) => step.title === title)?.argv.map(String).join(' ') ?? '';

describe('what Coolify itself would do', () => {
  it('pulls an image, and starts the new container before the old one goes', () => {
    const made = planned(application({ health_check_enabled: true, pre_deployment_command: 'down', post_deployment_command: 'up' }));
    expect(titles(made)).toEqual([
      'Look up the addresses of the network', 'Start the helper container', 'Run the command before the deployment in the old container', 'Write the environment', 'Write the compose file', 'Pull the image', 'Start the new container', 'Wait until it is healthy',
      'Stop the old container', 'Remove the old container', 'Run the command after the deployment in the new container', 'Remove the helper container',
    ]);
    expect(new Set(made.steps.map((step) => step.id)).size).toBe(made.steps.length);
  });
  it('stops the old container first where a port or a name is fixed', () => {
    const made = titles(planned(application({ ports_mappings: '80:80' })));
    expect(made.indexOf('Stop the old container')).toBeLessThan(made.indexOf('Start the new container'));
  });
  it('clones, builds and pushes with the words of the build pack', () => {
    const made = planned(application({ build_pack: 'nixpacks', git_repository: 'https://git.example.com/a/b', git_branch: 'main', base_directory: '/app', docker_registry_image_name: 'registry.example.com/a', build_command: 'make', settings: { is_git_shallow_clone_enabled: true } }));
    expect(words(made, 'Clone')).toBe('git clone --depth=1 --recurse-submodules -b main https://git.example.com/a/b /artifacts/<deployment>');
    expect(words(made, 'Plan the build')).toBe('nixpacks plan -f json --build-cmd make /artifacts/<deployment>/app');
    expect(titles(made)).toContain('Push the image');
    expect(titles(made)).not.toContain('Pull the image');
  });
  it('takes a database down before it comes up again', () => {
    expect(titles(planned(readBundle('database', 'slpsrvzxg8zxfnkuvjzd1aqm')))).toEqual(['Make the folder', 'Write the compose file', 'Pull the image', 'Stop the old container', 'Remove the old container', 'Start the container']);
  });
});
