import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { containerLabel, objectName } from '../../src/engine/kubernetes/naming';
import { defaultDestination } from '../../src/model/destination';
import { translateCompose } from '../../src/translate';
import type { TestServer } from '../harness/server.ts';
import { runOf } from './deployer';
import type { Deployer } from './deployer';

/** A stack where it runs: in Docker through Compose, or in the cluster through the translator. What is asked of one is asked of the other. */
export interface Side {
  name: 'Docker' | 'Kubernetes';
  /** Runs a program in a service's container and gives what it prints. */
  exec(service: string, ...argv: string[]): string;
  /** Stops the service's container and starts a new one, with the same volumes. */
  renew(service: string): void;
  /** What a service that has ended printed. */
  logs(service: string): string;
  down(): void;
}

export interface ParityStack {
  name: string;
  compose: string;
  /** Files beside the compose file. */
  files?: Readonly<Record<string, string>>;
}

export function dockerSide(server: TestServer, stack: ParityStack): Side {
  const run = runOf(server);
  const folder = join(server.dir, 'compose', stack.name);
  for (const [name, text] of Object.entries({ 'docker-compose.yaml': stack.compose, ...stack.files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    // A script among them is run as a file.
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
  const compose = (...argv: string[]): string => run(['docker-compose', '-p', stack.name, '--project-directory', folder, '-f', join(folder, 'docker-compose.yaml'), ...argv]);
  compose('up', '-d');
  return {
    name: 'Docker',
    exec: (service, ...argv) => compose('exec', '-T', service, ...argv),
    renew: (service) => { compose('rm', '-sf', service); compose('up', '-d', '--no-deps', service); },
    logs: (service) => compose('logs', '--no-color', '--no-log-prefix', service),
    down: () => { compose('down', '-v', '-t', '1'); },
  };
}

export async function kubernetesSide(server: TestServer, deployer: Deployer, stack: ParityStack): Promise<Side> {
  const run = runOf(server);
  const translation = translateCompose(stack.compose, {
    name: stack.name, source: 'docker-compose.yaml', seed: '1', destination: { ...defaultDestination, storage: { sizeGi: 1 } },
    readFile: (path) => stack.files?.[path.replace(/^\.\//, '')], ...(stack.files?.['.env'] === undefined ? {} : { dotEnv: stack.files['.env'] }),
  });
  if (!('rendering' in translation)) throw new Error(translation.message);
  const { rendering } = translation;
  const { state, events } = await deployer.deploy(rendering, { uuid: stack.name, name: stack.name });
  if (state.kind !== 'done' || state.exit !== 0) throw new Error(events.map((event) => (event.type === 'output' ? event.text : '')).join('\n'));
  const kubectl = (...argv: string[]): string => run(['kubectl', '-n', rendering.namespace, ...argv]);
  const selector = (service: string): string => `${containerLabel}=${objectName(service)}`;
  const podOf = (service: string): string => {
    const [pod] = kubectl('get', 'pods', '-l', selector(service), '--field-selector=status.phase=Running', '-o', 'jsonpath={.items[*].metadata.name}').split(' ');
    if (pod === undefined || pod === '') throw new Error(`no pod of ${service} runs`);
    return pod;
  };
  return {
    name: 'Kubernetes',
    exec: (service, ...argv) => kubectl('exec', podOf(service), '--', ...argv),
    renew: (service) => {
      kubectl('delete', 'pod', '-l', selector(service), '--timeout=120s');
      kubectl('wait', 'pod', '-l', selector(service), '--for=condition=Ready', '--timeout=180s');
    },
    logs: (service) => kubectl('logs', '-l', selector(service), '--tail=-1'),
    down: () => { kubectl('delete', 'namespace', rendering.namespace, '--wait=false'); },
  };
}
