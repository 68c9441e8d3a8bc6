import type { Json, JsonObject } from '../../text/json';
import type { Container, ContainerPort, HealthCheck } from '../../model/stack';
import type { RenderContext } from './context';
import { lifecycleSpec } from './hooks';
import { portName } from './ports';
import { containerSecurity } from './security';
import type { ContainerSecrets } from './secrets';

/** One container of a pod. `sharedEnv` names the Secret with the resource's own variables, when there are any. */
export function containerSpec(context: RenderContext, container: Container, parts: { secrets: ContainerSecrets; mounts: Json[]; ports: ContainerPort[]; sharedEnv?: string }): JsonObject {
  const { secrets, mounts, ports, sharedEnv } = parts;
  const command = container.entrypoint === undefined ? undefined : secrets.words(container.entrypoint);
  const args = container.command === undefined ? undefined : secrets.words(container.command);
  const probes = container.lifecycle.kind === 'job' || container.healthCheck === undefined ? {} : probeSpecs(container.healthCheck, secrets);
  const env = secrets.env();
  const security = containerSecurity(context, container);
  const resources = resourceSpec(container);
  return {
    name: context.nameOf(container.name),
    image: container.image,
    imagePullPolicy: container.alwaysPull ? 'Always' : 'IfNotPresent',
    ...(command === undefined ? {} : { command }), ...(args === undefined ? {} : { args }),
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    ...(ports.length === 0 ? {} : { ports: ports.map((port) => ({ name: portName(port), containerPort: port.port, protocol: port.protocol })) }),
    ...(sharedEnv === undefined ? {} : { envFrom: [{ secretRef: { name: sharedEnv } }] }),
    ...(env.length === 0 ? {} : { env }),
    ...(Object.keys(resources).length === 0 ? {} : { resources }),
    ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
    ...probes, ...lifecycleSpec(context, container, secrets),
    ...(Object.keys(security).length === 0 ? {} : { securityContext: security }),
    ...(container.stdin === true ? { stdin: true } : {}), ...(container.tty === true ? { tty: true } : {}),
  };
}

/** A startup probe that fails as often kills the container, as a liveness probe does; this many times is never (the greatest int32). */
const never = 2_147_483_647;

/**
 * Docker never restarts what is unhealthy, so the check gates traffic only. Docker asks more often within the start period (`start_interval`), and what
 * fails there does not count; a startup probe does that, and never gives up: a database killed while it fills its volume for the first time stays broken.
 */
function probeSpecs(health: HealthCheck, secrets: ContainerSecrets): JsonObject {
  const period = Math.max(1, Math.ceil(health.intervalSeconds));
  const retries = Math.max(1, health.retries);
  const starting = Math.min(period, Math.max(1, Math.ceil(health.startIntervalSeconds)));
  const action: JsonObject = health.http === undefined ? { exec: { command: secrets.probe(health.test) } } : { httpGet: { path: health.http.path, port: health.http.port, scheme: health.http.scheme.toUpperCase() } };
  const timeoutSeconds = Math.max(1, Math.ceil(health.timeoutSeconds));
  return {
    ...(health.startPeriodSeconds > 0 ? { startupProbe: { ...action, periodSeconds: starting, timeoutSeconds, failureThreshold: never } } : {}),
    readinessProbe: { ...action, periodSeconds: period, timeoutSeconds, failureThreshold: retries },
  };
}

function resourceSpec(container: Container): JsonObject {
  const { memoryLimit, memoryRequest, cpuLimit, cpuRequest } = container.resources;
  const gpus = container.gpus === undefined ? {} : { [container.gpuResource ?? 'nvidia.com/gpu']: container.gpus };
  const limits: JsonObject = { ...(memoryLimit === undefined ? {} : { memory: String(memoryLimit) }), ...(cpuLimit === undefined ? {} : { cpu: `${String(cpuLimit)}m` }), ...gpus };
  // Without a request the limit would be one, and a server full of limited apps would not schedule.
  const memory = memoryRequest ?? (memoryLimit === undefined ? undefined : Math.min(memoryLimit, 64 * 1024 * 1024));
  const cpu = cpuRequest ?? (cpuLimit === undefined ? undefined : Math.min(cpuLimit, 10));
  const requests: JsonObject = {
    ...(memory === undefined ? {} : { memory: String(memoryLimit === undefined ? memory : Math.min(memory, memoryLimit)) }),
    ...(cpu === undefined ? {} : { cpu: `${String(cpuLimit === undefined ? cpu : Math.min(cpu, cpuLimit))}m` }),
  };
  return { ...(Object.keys(limits).length === 0 ? {} : { limits }), ...(Object.keys(requests).length === 0 ? {} : { requests }) };
}
