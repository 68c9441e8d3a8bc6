import type { Manifest } from '../../../../src/model/manifest';
import type { Rendering } from '../../../../src/model/rendering';
import type { Container, EnvVar, Stack } from '../../../../src/model/stack';

export const origin = { source: 'compose.yaml', path: 'services.web' };

export function variable(name: string, value: string, secret = false): EnvVar {
  return { name, value, secret, origin };
}

export function container(name: string, more: Partial<Container> = {}): Container {
  return {
    name, origin, image: `example/${name}:1`, alwaysPull: false, env: [], ports: [], mounts: [], dependsOn: [], lifecycle: { kind: 'service' }, routes: [], hostNames: [name],
    groupAdd: [], capAdd: [], capDrop: [], extraHosts: [], dns: [], dnsSearch: [], dnsOptions: [], sysctls: {}, devices: [], resources: {}, labels: {}, ...more,
  };
}

export function stack(containers: Container[], more: Partial<Stack> = {}): Stack {
  return { kind: 'service', uuid: '0kw8abc', name: 'My App', containers, volumes: [], sharedEnv: [], scheduledTasks: [], findings: [], ...more };
}

export function object(rendering: Rendering, kind: string, name?: string): Manifest {
  const found = rendering.manifests.find((manifest) => manifest.kind === kind && (name === undefined || manifest.metadata.name === name));
  if (found === undefined) throw new Error(`There is no ${kind} ${name ?? ''}`);
  return found;
}
