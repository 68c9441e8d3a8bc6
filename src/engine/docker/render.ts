import type { Json, JsonObject } from '../../text/json';
import type { Container, Mount, Stack } from '../../model/stack';
import { caddyLabels, traefikLabels } from './proxyLabels';

/**
 * A stack as the compose file that Coolify's engine would run. For applications and databases only: of a service the API gives the
 * file itself. Coolify's own labels (`coolify.*`) hold numeric ids that the API hides, so they are left out.
 */
export function renderCompose(stack: Stack): JsonObject {
  const { docker } = stack;
  const services = stack.containers.map((container): [string, JsonObject] => [container.name, withLabels(stack, container, docker?.services[container.name] ?? service(container))]);
  return {
    services: Object.fromEntries(services), ...(docker === undefined ? {} : { networks: { [docker.network]: { external: true, name: docker.network, attachable: true } } }), ...volumes(stack),
  };
}

/** Labels are generated at the deployment when nothing is stored for them. */
function withLabels({ docker, uuid }: Stack, container: Container, written: JsonObject): JsonObject {
  if (docker === undefined || docker.swarm === true || written['labels'] !== undefined || container.routes.length === 0) return written;
  const { proxies } = docker;
  const labels = [...(proxies.includes('traefik') ? traefikLabels(container, uuid) : []), ...(proxies.includes('caddy') ? caddyLabels(container, docker.network) : [])];
  return labels.length === 0 ? written : { ...written, labels };
}

function service(container: Container): JsonObject {
  const { memoryLimit, cpuLimit } = container.resources;
  const check = container.healthCheck;
  return {
    image: container.image,
    restart: container.lifecycle.kind === 'service' ? 'unless-stopped' : 'no',
    ...(container.entrypoint === undefined ? {} : { entrypoint: container.entrypoint }), ...(container.command === undefined ? {} : { command: container.command }),
    ...(container.env.length === 0 ? {} : { environment: Object.fromEntries(container.env.map((variable) => [variable.name, variable.value])) }),
    ...(container.ports.length === 0 ? {} : { expose: container.ports.map((port) => String(port.port)) }),
    ...(container.mounts.length === 0 ? {} : { volumes: container.mounts.map(mount) }),
    ...(check === undefined ? {} : { healthcheck: { test: ['CMD', ...check.test], interval: `${String(check.intervalSeconds)}s`, timeout: `${String(check.timeoutSeconds)}s`, retries: check.retries, start_period: `${String(check.startPeriodSeconds)}s` } }),
    ...(memoryLimit === undefined ? {} : { mem_limit: memoryLimit }), ...(cpuLimit === undefined ? {} : { cpus: cpuLimit / 1000 }),
  };
}

function mount(item: Mount): Json {
  const mode = item.readOnly ? ':ro' : '';
  switch (item.kind) {
    case 'volume': return `${item.volume}:${item.target}${mode}`;
    case 'directory': return `${item.hostPath}:${item.target}${mode}`;
    case 'hostPath': return `${item.path}:${item.target}${mode}`;
    case 'file': return { type: 'bind', target: item.target, content: item.content };
    case 'tmpfs': return { type: 'tmpfs', target: item.target };
  }
}

function volumes(stack: Stack): JsonObject {
  return stack.volumes.length === 0 ? {} : { volumes: Object.fromEntries(stack.volumes.map(({ name, dockerName, external }) => [dockerName ?? name, { name: dockerName ?? name, external: external === true }])) };
}
