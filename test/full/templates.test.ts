import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultDestination } from '../../src/model/destination';
import { translateCompose } from '../../src/translate';
import type { Run } from '../harness/images.ts';
import { missingForPrograms, pushProgramImages } from '../harness/images-programs.ts';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { deployerOf, eventually, runOf } from '../integration/deployer';
import type { Deployer } from '../integration/deployer';

const images = ['rabbitmq:3-management', 'eclipse-mosquitto:latest', 'registry:3', 'nginx:1.27-alpine'];

interface Template {
  name: string;
  service: string;
  /** Whether the template's program does what it is for, asked from another pod. It must hold before and after a restart; `first` is true before. */
  works: (ask: Asker, first: boolean) => void;
}

interface Asker {
  host: string;
  /** Runs a program in a pod of its own that has curl. */
  client(...argv: string[]): string;
  exec(...argv: string[]): string;
  env(name: string): string;
}

const curl = (ask: Asker, ...args: string[]): string => ask.client('curl', '-s', '-m', '20', '-w', '\n%{http_code}', ...args);

/** Coolify's own templates, as they are, with the real program in them. */
const templates: Template[] = [
  {
    name: 'docker-registry', service: 'registry',
    works: (ask, first) => {
      const url = `http://${ask.host}:5000/v2/`;
      const user = ['-u', `${ask.env('USERNAME')}:${ask.env('PASSWORD')}`];
      expect(curl(ask, url)).toMatch(/\n401$/);
      expect(curl(ask, ...user, url)).toMatch(/\n200$/);
      const digest = 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
      if (first) {
        const location = /^location: (\S+)/im.exec(curl(ask, ...user, '-i', '-X', 'POST', `${url}kept/blobs/uploads/`))?.[1] ?? '';
        expect(curl(ask, ...user, '-X', 'PUT', '-H', 'Content-Type: application/octet-stream', '-d', 'hello', `${location}&digest=${digest}`)).toMatch(/\n201$/);
      }
      expect(curl(ask, ...user, '-L', `${url}kept/blobs/${digest}`)).toBe('hello\n200');
    },
  },
  {
    name: 'mosquitto', service: 'mosquitto',
    works: (ask) => {
      const at = ['-h', ask.host, '-t', 'news'];
      const as = (password: string): string[] => ['-u', ask.env('MQTT_USERNAME'), '-P', password];
      ask.exec('mosquitto_pub', ...at, ...as(ask.env('MQTT_PASSWORD')), '-r', '-m', 'retained');
      expect(ask.exec('mosquitto_sub', ...at, ...as(ask.env('MQTT_PASSWORD')), '-C', '1', '-W', '20')).toBe('retained\n');
      expect(() => ask.exec('mosquitto_pub', ...at, ...as('wrong'), '-m', 'no')).toThrow(/not authorised/i);
    },
  },
  {
    name: 'rabbitmq', service: 'rabbitmq',
    works: (ask, first) => {
      const user = ['-u', `${ask.env('RABBITMQ_DEFAULT_USER')}:${ask.env('RABBITMQ_DEFAULT_PASS')}`];
      const url = `http://${ask.host}:15672/api/`;
      expect(curl(ask, ...user, `${url}whoami`)).toMatch(/administrator[^]*\n200$/);
      if (first) expect(curl(ask, ...user, '-X', 'PUT', `${url}queues/%2F/kept`, '-H', 'Content-Type: application/json', '-d', '{"durable":true}')).toMatch(/\n20[14]$/);
      expect(curl(ask, ...user, `${url}queues/%2F/kept`)).toMatch(/"name":"kept"[^]*\n200$/);
    },
  },
];

describe('Coolify\'s own templates with their real programs', () => {
  const reason = missingForServer() ?? missingForPrograms(images);
  const dir = mkdtempSync(join(tmpdir(), 'templates-'));
  let server: TestServer | undefined;
  let deployer: Deployer | undefined;
  let run: Run = () => '';

  beforeAll(async () => {
    if (reason !== undefined) return;
    server = await startServer({ dir });
    run = runOf(server);
    pushProgramImages(run, images, (line) => { console.log(line); });
    deployer = await deployerOf(server);
    run(['kubectl', 'create', 'namespace', 'client']);
    run(['kubectl', '-n', 'client', 'run', 'client', '--image=nginx:1.27-alpine', '--command', '--', 'sleep', '86400']);
    run(['kubectl', '-n', 'client', 'wait', '--for=condition=Ready', 'pod/client', '--timeout=180s']);
  });
  afterAll(async () => {
    deployer?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it.for(templates)('$name works, and still does after a restart', { timeout: 900_000 }, async ({ name, service, works }, context) => {
    if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`);
    if (deployer === undefined) throw new Error(reason);
    const text = readFileSync(join(import.meta.dirname, '../fixtures/templates', `${name}.yaml`), 'utf8');
    const translation = translateCompose(text, { name, source: `${name}.yaml`, seed: '1', destination: { ...defaultDestination, storage: { sizeGi: 1 } } });
    if (!('rendering' in translation)) throw new Error(translation.message);
    const { rendering } = translation;
    const { state, events, seconds } = await deployer.deploy(rendering, { uuid: name, name }, 400);
    console.log(`${name} was ready after ${seconds} s`);
    expect(state, JSON.stringify(events)).toEqual({ kind: 'done', exit: 0 });
    const kubectl = (...argv: string[]): string => run(['kubectl', '-n', rendering.namespace, ...argv]);
    const kind = rendering.manifests.find((manifest) => manifest.metadata.name === service && /^(StatefulSet|Deployment)$/.test(manifest.kind))?.kind.toLowerCase() ?? '';
    const exec = (...argv: string[]): string => kubectl('exec', `${kind}/${service}`, '--', ...argv);
    const ask: Asker = {
      host: `${service}.${rendering.namespace}`, exec, env: (variable) => exec('printenv', variable).trim(),
      client: (...argv) => run(['kubectl', '-n', 'client', 'exec', 'client', '--', ...argv]),
    };
    await eventually(() => { works(ask, true); }, 180);
    kubectl('rollout', 'restart', `${kind}/${service}`);
    kubectl('rollout', 'status', `${kind}/${service}`, '--timeout=240s');
    await eventually(() => { works(ask, false); }, 180);
  });
});
