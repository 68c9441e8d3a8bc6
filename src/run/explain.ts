import { isObject, type Json, type JsonObject } from '../text/json';

export interface Explanation {
  /** The object it is about: `pod/web-abc`. */
  subject: string;
  /** Kubernetes' own reason. */
  reason: string;
  /** One sentence: what is wrong. */
  message: string;
  /** What to do about it. */
  nextStep: string;
}

const field = (value: Json | undefined, ...path: string[]): Json | undefined =>
  path.reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), value);
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const objects = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/**
 * Says why workloads do not become ready, from the answer of `kubectl get pods,events -o json`. The worst causes first; empty when nothing is wrong.
 * Reasons are the kubelet's and the scheduler's own words (pkg/kubelet/events, container waiting reasons).
 */
export function explain(list: Json): Explanation[] {
  const items = objects(field(list, 'items'));
  const pods = items.filter((item) => item['kind'] === 'Pod');
  const events = items.filter((item) => item['kind'] === 'Event' && item['type'] !== 'Normal');
  const found = pods.flatMap((pod) => explainPod(pod, events));
  const names = new Set(pods.map((pod) => text(field(pod, 'metadata', 'name'))));
  const others = events.filter((event) => !names.has(text(field(event, 'involvedObject', 'name')))).flatMap(explainEvent);
  const seen = new Set<string>();
  return [...found, ...others].filter(({ message }) => !seen.has(message) && seen.add(message));
}

function explainPod(pod: JsonObject, events: JsonObject[]): Explanation[] {
  const name = text(field(pod, 'metadata', 'name'));
  const subject = `pod/${name}`;
  const own = events.filter((event) => text(field(event, 'involvedObject', 'name')) === name);
  const statuses = [...objects(field(pod, 'status', 'initContainerStatuses')), ...objects(field(pod, 'status', 'containerStatuses'))];
  const containers = statuses.flatMap((status) => explainContainer(subject, status, own));
  if (containers.length > 0) return containers;
  const scheduled = objects(field(pod, 'status', 'conditions')).find((c) => c['type'] === 'PodScheduled' && c['status'] === 'False');
  if (scheduled !== undefined) return [explainScheduling(subject, text(scheduled['message']))];
  if (text(field(pod, 'status', 'reason')) === 'Evicted') {
    return [{ subject, reason: 'Evicted', message: `The node ran out of a resource and evicted the pod: ${text(field(pod, 'status', 'message'))}`, nextStep: 'Free space or memory on the node, or set requests and limits.' }];
  }
  return own.flatMap(explainEvent);
}

function explainContainer(subject: string, status: JsonObject, events: JsonObject[]): Explanation[] {
  const container = text(status['name']);
  const waiting = field(status, 'state', 'waiting');
  const reason = text(field(waiting, 'reason'));
  const detail = text(field(waiting, 'message'));
  const ended = [field(status, 'state', 'terminated'), field(status, 'lastState', 'terminated')].find(isObject);
  if (text(ended?.['reason']) === 'OOMKilled') {
    return [{ subject, reason: 'OOMKilled', message: `${container} used more memory than its limit and was killed.`, nextStep: 'Raise the memory limit of the resource in Coolify.' }];
  }
  if (/^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|RegistryUnavailable)$/.test(reason)) {
    return [explainPull(subject, container, text(status['image']), reason, [detail, ...events.map((e) => text(e['message']))].join('\n'))];
  }
  if (reason === 'CreateContainerConfigError') {
    return [{ subject, reason, message: `${container} cannot be configured: ${detail}.`, nextStep: 'The named Secret, ConfigMap or key is missing, or the image runs as root where that is forbidden.' }];
  }
  if (/^(CreateContainerError|RunContainerError|StartError|PostStartHookError)$/.test(reason)) {
    return [{ subject, reason, message: `${container} cannot be started: ${detail}.`, nextStep: 'Check the command, the working directory and the mounts.' }];
  }
  if (ended !== undefined && (reason === 'CrashLoopBackOff' || ended['exitCode'] !== 0)) return [explainCrash(subject, container, ended['exitCode'], events)];
  const running = field(status, 'state', 'running') !== undefined;
  return running && status['ready'] === false ? explainUnready(subject, container, events) : [];
}

function explainPull(subject: string, container: string, image: string, reason: string, detail: string): Explanation {
  const about = { subject, reason };
  if (/unauthorized|authentication required|denied|forbidden|no basic auth/i.test(detail) && !/not found|manifest unknown/i.test(detail)) {
    return { ...about, message: `The registry does not let the cluster pull ${image} for ${container}.`, nextStep: 'Add a pull secret for this registry to the destination, and check that the image name is right.' };
  }
  if (/not found|manifest unknown|does not exist/i.test(detail)) {
    return { ...about, message: `The image ${image} of ${container} does not exist in the registry.`, nextStep: 'Check name and tag; an image built by Coolify on its server must be pushed to a registry first.' };
  }
  if (/no match for platform|no matching manifest|exec format/i.test(detail)) {
    return { ...about, message: `The image ${image} has no variant for the node's architecture.`, nextStep: 'Use an image for that architecture, or set the platform.' };
  }
  if (/toomanyrequests|rate limit/i.test(detail)) {
    return { ...about, message: `The registry limits how often ${image} may be pulled.`, nextStep: 'Wait, or sign in to the registry with a pull secret.' };
  }
  if (/no such host|timeout|connection refused|x509|dial tcp/i.test(detail)) {
    return { ...about, message: `The nodes cannot reach the registry of ${image}.`, nextStep: 'Check DNS, firewall and the certificate of the registry as seen from the nodes.' };
  }
  if (reason === 'InvalidImageName') return { ...about, message: `${image} is no valid image name.`, nextStep: 'Correct the image name.' };
  return { ...about, message: `The image ${image} of ${container} cannot be pulled.`, nextStep: 'Read the events of the pod for what the registry answered.' };
}

function explainCrash(subject: string, container: string, code: Json | undefined, events: JsonObject[]): Explanation {
  const about = { subject, reason: 'CrashLoopBackOff' };
  const killed = events.some((event) => /Liveness probe failed|Startup probe failed/.test(text(event['message'])));
  if (killed) return { ...about, message: `${container} is restarted because its health check fails.`, nextStep: 'Check the path, port and start period of the health check; the log shows whether the program is up.' };
  const meanings: Record<string, string> = { 126: ' (the command is not executable)', 127: ' (the command was not found in the image)', 137: ' (killed)', 139: ' (segmentation fault)' };
  return { ...about, message: `${container} ends with exit code ${String(code)}${meanings[String(code)] ?? ''} right after it starts.`, nextStep: 'Read the last log lines; often a variable or another service is missing.' };
}

function explainUnready(subject: string, container: string, events: JsonObject[]): Explanation[] {
  const probe = events.map((event) => text(event['message'])).findLast((message) => /probe (failed|errored)/i.test(message));
  if (probe === undefined) return [];
  return [{ subject, reason: 'Unhealthy', message: `${container} runs, but is not ready: ${probe.split('\n')[0] ?? ''}.`, nextStep: 'Check the path and port of the health check, and that the program listens on 0.0.0.0.' }];
}

function explainScheduling(subject: string, detail: string): Explanation {
  const about = { subject, reason: 'FailedScheduling' };
  if (/Insufficient (cpu|memory|ephemeral-storage|nvidia)/.test(detail)) return { ...about, message: `No node has enough free resources: ${detail}`, nextStep: 'Lower the requests of the resource, or add a node.' };
  if (/unbound immediate PersistentVolumeClaims|persistentvolumeclaim/i.test(detail)) return { ...about, message: `The pod waits for its volume: ${detail}`, nextStep: 'Check that the cluster has a default storage class, or name one in the destination.' };
  if (/volume node affinity conflict/.test(detail)) return { ...about, message: `The volume lies on a node that cannot run the pod: ${detail}`, nextStep: 'Make that node available again, or use storage that any node can mount.' };
  if (/free ports/.test(detail)) return { ...about, message: `The host port is taken on every node: ${detail}`, nextStep: 'Choose another published port.' };
  if (/taint|node affinity|node selector/.test(detail)) return { ...about, message: `No node accepts the pod: ${detail}`, nextStep: 'Check taints, node selectors and the platform of the image.' };
  return { ...about, message: `The pod cannot be placed on a node: ${detail}`, nextStep: 'Read the events of the pod.' };
}

const eventSteps: Record<string, [string, string]> = {
  FailedMount: ['A volume cannot be mounted', 'Check that the named claim, Secret or ConfigMap exists and that the storage answers.'],
  FailedAttachVolume: ['A volume cannot be attached', 'It may still be attached to another node; wait, or end the pod that holds it.'],
  FailedCreate: ['The pods cannot be created', 'Check quotas, limits and the pod security level of the namespace.'],
  ProvisioningFailed: ['A volume cannot be provisioned', 'Check the storage class of the destination and its provisioner.'],
  FailedBinding: ['A claim finds no volume', 'Name a storage class in the destination, or make one the default.'],
  FailedCreatePodSandBox: ['The pod network cannot be set up', 'Check the network plug-in of the cluster.'],
  BackoffLimitExceeded: ['The job failed as often as it may', 'Read the log of its last pod.'],
  DeadlineExceeded: ['The job took longer than it may', 'Raise its deadline, or read its log for what it waits for.'],
};

function explainEvent(event: JsonObject): Explanation[] {
  const reason = text(event['reason']);
  const known = eventSteps[reason];
  const subject = `${text(field(event, 'involvedObject', 'kind')).toLowerCase()}/${text(field(event, 'involvedObject', 'name'))}`;
  if (reason === 'FailedScheduling') return [explainScheduling(subject, text(event['message']))];
  return known === undefined ? [] : [{ subject, reason, message: `${known[0]}: ${text(event['message'])}`, nextStep: known[1] }];
}
