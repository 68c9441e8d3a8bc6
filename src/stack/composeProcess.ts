import { isObject, scalarNumber, scalarText } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import { parseDuration } from '../text/quantities';
import { splitShellWords } from '../text/shellWords';
import type { Container, ContainerHook, Lifecycle } from '../model/stack';
import { environmentEntries } from './composeEnvironment';
import { readPlacement } from './composePlacement';
import { flag, text } from './composeValues';
import type { FindingList } from './findings';

/** What the process of a service is and how it ends: directory, host name, terminal, replicas, architecture, restart, hooks. */
export function readProcess(container: Container, service: JsonObject, deploy: JsonObject, path: string[], findings: FindingList): void {
  const set = <K extends keyof Container>(key: K, value: Container[K] | undefined): void => { if (value !== undefined) container[key] = value; };
  set('workingDir', text(service['working_dir']));
  set('hostname', text(service['hostname']));
  set('domainname', text(service['domainname']));
  set('user', text(service['user']));
  set('stopSignal', text(service['stop_signal']));
  set('tty', flag(service['tty']));
  set('stdin', flag(service['stdin_open']));
  set('init', flag(service['init']));
  const grace = service['stop_grace_period'];
  if (typeof grace === 'string' || typeof grace === 'number') set('stopGraceSeconds', Math.ceil(parseDuration(grace) ?? 10));
  const replicas = scalarNumber(deploy['replicas'] ?? service['scale']);
  if (Number.isInteger(replicas) && replicas >= 0) container.replicas = replicas;
  const mode = text(deploy['mode']);
  if (mode === 'global') container.everyNode = true;
  if (mode === 'replicated-job' || mode === 'global-job') findings.add('lifecycle', 'approximated', [...path, 'deploy', 'mode'], 'A Swarm job runs once per deployment here.');
  const platform = text(service['platform']);
  if (platform !== undefined) set('architecture', platform.includes('/') ? platform.split('/')[1] : /^(amd64|arm64|arm|386|s390x|ppc64le|riscv64)$/.test(platform) ? platform : undefined);
  readGpus(container, service['gpus'], deploy, path, findings);
  set('excludedFromStatus', flag(service['exclude_from_hc']));
  readPlacement(container, deploy['placement'], [...path, 'deploy', 'placement'], findings);
  container.lifecycle = mode?.endsWith('-job') === true ? { kind: 'job', retries: 3 } : lifecycle(service, deploy, path, findings);
  set('postStart', readHooks(service['post_start'], [...path, 'post_start'], findings));
  set('preStop', readHooks(service['pre_stop'], [...path, 'pre_stop'], findings));
  decideDeploy(deploy, path, findings);
}

/** `deploy` keys that Swarm alone knows. */
function decideDeploy(deploy: JsonObject, path: string[], findings: FindingList): void {
  const why: Record<string, string> = {
    update_config: 'Kubernetes replaces pods one by one, and only when the new ones are ready.', rollback_config: 'A failed deployment is rolled back by the run, not by the cluster.',
    endpoint_mode: 'A Service balances by itself.', labels: 'They are labels of a Swarm service, not of its containers.',
  };
  for (const key of Object.keys(deploy)) if (why[key] !== undefined) findings.add('key', 'ignored', [...path, 'deploy', key], why[key]);
}

/**
 * From `restart`, which `deploy.restart_policy` overrules (Docker Compose, getRestartPolicy). Without either Coolify adds `unless-stopped`.
 * What Swarm starts again after a failure only is a service all the same: its jobs have a mode of their own.
 */
function lifecycle(service: JsonObject, deploy: JsonObject, path: string[], findings: FindingList): Lifecycle {
  const policy = isObject(deploy['restart_policy']) ? deploy['restart_policy'] : {};
  const swarm = text(policy['condition']);
  if (swarm === 'on-failure') findings.add('lifecycle', 'approximated', [...path, 'deploy', 'restart_policy'], 'It is kept running: a pod is started again also when its process ends without an error.', { fix: 'If it is to end, write restart: on-failure instead.' });
  if (swarm === 'any' || swarm === 'on-failure') return { kind: 'service' };
  const restart = swarm === 'none' || service['restart'] === false ? 'no' : text(service['restart']);
  if (restart === 'no' || restart === 'none') return { kind: 'job', retries: 0 };
  const match = /^on-failure(?::(\d+))?$/.exec(restart ?? '');
  if (match === null) return { kind: 'service' };
  const attempts = Number(match[1] ?? 6);
  return { kind: 'job', retries: Number.isInteger(attempts) ? attempts : 6 };
}

const gpuResources: Record<string, string> = { amd: 'amd.com/gpu', intel: 'gpu.intel.com/i915' };

function readGpus(container: Container, value: Json | undefined, deploy: JsonObject, path: string[], findings: FindingList): void {
  const resources = isObject(deploy['resources']) ? deploy['resources'] : {};
  const reserved = isObject(resources['reservations']) ? resources['reservations']['devices'] : undefined;
  const items: Json[] = value === 'all' ? [{ count: 'all' }] : Array.isArray(value) ? value : Array.isArray(reserved) ? reserved : [];
  const at = value === undefined ? [...path, 'deploy', 'resources', 'reservations', 'devices'] : [...path, 'gpus'];
  const device = items.find((item) => isObject(item) && (value !== undefined || JSON.stringify(item['capabilities'] ?? '').includes('gpu')));
  if (items.length > 0 && device === undefined) findings.add('gpu', 'ignored', at, 'Only devices with the capability "gpu" can be asked for.');
  if (!isObject(device)) return;
  const driver = text(device['driver'])?.toLowerCase() ?? 'nvidia';
  if (gpuResources[driver] !== undefined) container.gpuResource = gpuResources[driver];
  const count = scalarNumber(device['count'] ?? 1);
  container.gpus = Array.isArray(device['device_ids']) ? device['device_ids'].length : Number.isInteger(count) && count > 0 ? count : 1;
  const resource = container.gpuResource ?? 'nvidia.com/gpu';
  if (Array.isArray(device['device_ids'])) findings.add('gpu', 'approximated', at, `Which GPUs cannot be chosen: it gets any ${String(container.gpus)} of ${resource}.`);
  else if (device['count'] === 'all' || device['count'] === -1) findings.add('gpu', 'approximated', at, `A pod cannot ask for all GPUs: it gets one ${resource}.`, { fix: 'Write the number of GPUs as count:.' });
  else findings.add('gpu', 'translated', at, `It asks for ${String(container.gpus)} of ${resource}; the cluster needs the device plugin for that.`);
}

function readHooks(value: Json | undefined, path: string[], findings: FindingList): ContainerHook[] | undefined {
  const hooks = (Array.isArray(value) ? value : []).flatMap((item, index): ContainerHook[] => {
    const command = isObject(item) ? item['command'] : undefined;
    const words = Array.isArray(command) ? command.map(scalarText) : typeof command === 'string' ? wordsOf(command) : undefined;
    if (!isObject(item) || words === undefined || words.length === 0) {
      findings.add('hook', 'refused', [...path, String(index)], 'This hook has no command that could be run.', { fix: 'Write the command as a list.' });
      return [];
    }
    const user = text(item['user']);
    const workingDir = text(item['working_dir']);
    return [{ command: words, ...(user === undefined ? {} : { user }), ...(workingDir === undefined ? {} : { workingDir }), env: environmentEntries(item['environment']).map(([name, given]) => ({ name, value: given ?? '' })) }];
  });
  return hooks.length === 0 ? undefined : hooks;
}

function wordsOf(command: string): string[] | undefined {
  try {
    return splitShellWords(command);
  } catch {
    return undefined;
  }
}
