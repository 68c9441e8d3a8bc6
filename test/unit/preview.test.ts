import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { translateBundle } from '../../src/core';
import { defaultDestination } from '../../src/model/destination';
import type { ResourceKind } from '../../src/model/instance';
import { stackOfBundle } from '../../src/translate';
import { readBundle } from './bundles';

const resources: [string, ResourceKind, string][] = [
  ['rabbitmq', 'service', 'lxfqj3enhnrybtrsndoijzpc'], ['image-basic', 'application', '85viaiw3m7q26jn7u6h95ibh'], ['postgresql-default', 'database', 'slpsrvzxg8zxfnkuvjzd1aqm'],
];

describe('what a preview shows of recorded resources', () => {
  it.each(resources)('%s', async (name, kind, uuid) => {
    const bundle = readBundle(kind, uuid);
    const { preview } = translateBundle(bundle, defaultDestination);
    const text = [...preview.today.map((file) => `# today: ${file.name}\n${file.text}`), ...preview.files.map((file) => `# Kubernetes: ${file.name}, beside ${file.left}\n${file.text}`)].join('\n');
    await expect(text).toMatchFileSnapshot(path.join(import.meta.dirname, `../golden/${name}.yaml`));
    const stack = stackOfBundle(bundle);
    const secrets = 'containers' in stack ? [...stack.sharedEnv, ...stack.containers.flatMap((container) => container.env)].filter((variable) => variable.secret) : [];
    expect(secrets.length > 0 || kind === 'application').toBe(true);
    for (const secret of secrets) {
      expect(text).not.toContain(secret.value);
      expect(text).not.toContain(Buffer.from(secret.value).toString('base64'));
    }
  });
  it('says in one finding why nothing can be shown', () => {
    const { preview } = translateBundle({ kind: 'service', resource: { uuid: 'x' }, envs: [], storages: {}, scheduledTasks: [], backups: [] }, defaultDestination);
    expect(preview.findings.map((finding) => finding.message)).toEqual(['the API did not give docker_compose_raw; the token may lack read:sensitive.']);
  });
});
