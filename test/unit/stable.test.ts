import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../src/model/instance';
import { defaultDestination } from '../../src/model/destination';
import type { Manifest } from '../../src/model/manifest';
import { translateBundle } from '../../src/translate';

const resource = { uuid: 'abcdefghijklmnopqrstuvwx', name: 'shop', build_pack: 'dockerimage', docker_registry_image_name: 'nginx', docker_registry_image_tag: '1.27', ports_exposes: '3000', fqdn: 'https://a.example.com', settings: {} };
const bundle = (edit: Record<string, unknown>, more: Partial<Bundle> = {}): Bundle => ({
  kind: 'application', resource: { ...resource, ...edit }, envs: [], scheduledTasks: [{ uuid: 't', name: 't', command: 'x', frequency: 'daily' }], backups: [],
  storages: { persistent_storages: [{ uuid: 's', name: 'abcdefghijklmnopqrstuvwx-data', mount_path: '/d' }] }, ...more,
});

/** What the API server does not let anybody change, and by what objects are found again. */
function fixed({ kind, metadata, ...rest }: Manifest): unknown[] {
  const spec = (rest as { spec?: Record<string, unknown> }).spec ?? {};
  return [kind, metadata.name, spec['selector'], spec['serviceName'], spec['podManagementPolicy'], spec['clusterIP'], ...(kind === 'PersistentVolumeClaim' ? [spec] : [])];
}

function identities(of: Bundle): string[] {
  const made = translateBundle(of, defaultDestination);
  if (!('rendering' in made)) throw new Error(made.message);
  return made.rendering.manifests.filter(({ kind }) => kind !== 'Job').map((manifest) => JSON.stringify(fixed(manifest)));
}

describe('what cannot be changed in a cluster', () => {
  it.each([
    { description: 'new' }, { fqdn: 'https://b.example.com:8080/x' }, { ports_exposes: '9999' }, { docker_registry_image_tag: '1.28' }, { limits_memory: '1g', limits_cpus: '2' }, { health_check_enabled: true }, { status: 'exited' }, { custom_docker_run_options: '--init --privileged' },
  ])('stays when somebody edits %o', (edit) => {
    expect(identities(bundle(edit))).toEqual(identities(bundle({})));
  });
  it('and a Job is a new one when what it runs is another thing', () => {
    const job = (image: string): string[] => {
      const made = translateBundle(bundle({ build_pack: 'dockercompose', docker_compose_raw: `services:\n  once: {image: "${image}", restart: "no"}\n` }, { scheduledTasks: [] }), defaultDestination);
      return 'rendering' in made ? made.rendering.manifests.filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.name) : [];
    };
    expect(job('a:1')).toHaveLength(1);
    expect(job('a:1')).toEqual(job('a:1'));
    expect(job('a:2')).not.toEqual(job('a:1'));
  });
});
