import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../../src/model/instance';
import type { Stack } from '../../../src/model/stack';
import { readServiceBundle } from '../../../src/stack/service';

const uuid = 'svabcdefghijklmnopqrstuv';
const raw = 'services:\n  web: {image: "nginx:1"}\n  db: {image: "mysql:8", volumes: ["data:/var/lib/mysql"]}\n  files: {image: "busybox:1"}\n';
const effective = `services:
  web: {image: "nginx:1", container_name: web-${uuid}, restart: unless-stopped, labels: [coolify.managed=true], networks: {${uuid}: null}, env_file: [.env], logging: {driver: fluentd}}
  db: {image: "mysql:8", volumes: ["${uuid}_data:/var/lib/mysql"], environment: {COOLIFY_RESOURCE_UUID: ${uuid}}}
  files: {image: "busybox:1"}
volumes: {${uuid}_data: {name: ${uuid}_data}}
networks: {${uuid}: {external: true}}
`;

function service(databases: object[] = []): Stack {
  const resource = { uuid, name: 'shop', description: null, future: 1, docker_compose_raw: raw, docker_compose: effective, applications: [{ name: 'web', fqdn: null, exclude_from_status: true, surprise: 1 }], databases };
  const bundle: Bundle = { kind: 'service', resource, envs: [], storages: {}, scheduledTasks: [], backups: [] };
  const stack = readServiceBundle(bundle);
  if (!('containers' in stack)) throw new Error(stack.message);
  return stack;
}
const said = (stack: Stack, path: string): string | undefined => stack.findings.find(({ origin }) => origin.path === path)?.decision;

describe('a service', () => {
  it('has a decision for every key that Coolify writes into the compose file it runs', () => {
    const stack = service();
    expect(['container_name', 'restart', 'labels', 'networks', 'env_file', 'logging'].map((key) => said(stack, `services.web.${key}`))).toEqual(['translated', 'translated', 'translated', 'ignored', 'translated', 'inferred']);
    expect([said(stack, 'services.db.environment'), said(stack, 'volumes'), said(stack, 'networks')]).toEqual(['translated', 'translated', 'ignored']);
  });
  it('has one for every field of the answer and of its parts, also for those that nobody knows yet', () => {
    const stack = service([{ name: 'db', is_public: false, public_port: null }]);
    expect(['uuid', 'description', 'future', 'applications.web.exclude_from_status', 'applications.web.surprise', 'databases.db.is_public', 'databases.db.public_port'].map((path) => said(stack, path))).toEqual(['translated', 'ignored', 'ignored', 'ignored', 'ignored', 'translated', 'ignored']);
  });
});
