import schema from '../../schemas/destination.schema.json';
import { isObject, type Json, type JsonObject } from '../text/json';
import { shapeFaults, type Shape, type ShapeFault } from '../text/jsonShape';
import { defaultDestination, type KubernetesDestination, type Scale } from './destination';

const shape: Shape = schema;

/** Everything wrong with a destination as settings and files have it (schemas/destination.schema.json), and with what its parts say together. */
export function destinationFaults(value: Json): ShapeFault[] {
  const faults = shapeFaults(value, shape);
  return faults.length > 0 || !isObject(value) ? faults : togetherFaults(readDestination(value));
}

function togetherFaults({ tls, scale }: KubernetesDestination): ShapeFault[] {
  const faults: ShapeFault[] = [];
  if (tls.kind === 'cert-manager' && tls.issuer === undefined) faults.push({ path: 'tls.issuer', message: 'tls.issuer is missing: cert-manager needs the name of a ClusterIssuer' });
  if (tls.kind === 'secret' && tls.secretName === undefined) faults.push({ path: 'tls.secretName', message: 'tls.secretName is missing: it names the TLS Secret' });
  if (scale?.autoscale !== undefined && scale.autoscale.maximum < scale.autoscale.minimum) faults.push({ path: 'scale.autoscale.maximum', message: 'scale.autoscale.maximum must be at least its minimum' });
  return faults;
}

/** A destination without faults; what is absent has its default. */
export function readDestination(from: JsonObject): KubernetesDestination {
  const [ssh, ingress, tls, storage, registry] = [part(from, 'ssh'), part(from, 'ingress'), part(from, 'tls'), part(from, 'storage'), part(from, 'registry')];
  const { host: sshHost } = texts(ssh, ['host']);
  const { host: registryHost } = texts(registry, ['host']);
  const { id = 'destination', name } = texts(from, ['id', 'name']);
  return {
    kind: 'kubernetes', id, name: name ?? id,
    applyWith: oneOf(from['applyWith'], ['server', 'kubeconfig', 'preview'], 'preview'),
    ...texts(from, ['instance', 'server', 'kubeconfigPath', 'namespace']), ...(from['sudo'] === true && { sudo: true }),
    ...(sshHost !== undefined && { ssh: { host: sshHost, port: whole(ssh['port']) ?? 22, user: 'root', ...texts(ssh, ['user', 'identityFile']), ...(ssh['coolifyKey'] === true && { coolifyKey: true }) } }),
    ingress: { kind: oneOf(ingress['kind'], ['ingress', 'traefik', 'gateway', 'none'], 'ingress'), ...texts(ingress, ['className']), ...gateway(part(ingress, 'gateway')) },
    tls: { kind: oneOf(tls['kind'], ['cert-manager', 'secret', 'none'], 'none'), ...texts(tls, ['issuer', 'secretName']) },
    storage: { sizeGi: whole(storage['sizeGi']) ?? defaultDestination.storage.sizeGi, ...texts(storage, ['className', 'sharedClassName']) },
    ...(registryHost !== undefined && { registry: { host: registryHost, ...texts(registry, ['pullSecret']) } }),
    ...(isObject(from['scale']) && { scale: scale(from['scale']) }), ...(from['onFailure'] === 'goBack' && { onFailure: 'goBack' }),
  };
}

function gateway(from: JsonObject): Pick<KubernetesDestination['ingress'], 'gateway'> {
  const { name, namespace } = texts(from, ['name', 'namespace']);
  return name === undefined ? {} : { gateway: { name, ...(namespace !== undefined && { namespace }) } };
}

function scale(from: JsonObject): Scale {
  const autoscale = part(from, 'autoscale');
  const maximum = whole(autoscale['maximum']);
  const [cpuPercent, memoryPercent] = [whole(autoscale['cpuPercent']), whole(autoscale['memoryPercent'])];
  return {
    ...(maximum !== undefined && { autoscale: { minimum: whole(autoscale['minimum']) ?? 1, maximum, ...(cpuPercent !== undefined && { cpuPercent }), ...(memoryPercent !== undefined && { memoryPercent }) } }),
    ...(typeof from['disruptionBudget'] === 'boolean' && { disruptionBudget: from['disruptionBudget'] }),
    ...(isObject(from['nodeSelector']) && { nodeSelector: Object.fromEntries(Object.entries(from['nodeSelector']).map(([label, value]) => [label, String(value)])) }),
  };
}

function part(from: JsonObject, key: string): JsonObject {
  const value = from[key];
  return isObject(value) ? value : {};
}

const whole = (value: Json | undefined): number | undefined => (Number.isInteger(value) ? Number(value) : undefined);

function oneOf<T extends string>(value: Json | undefined, allowed: readonly T[], otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}

function texts<K extends string>(from: JsonObject, keys: readonly K[]): { [P in K]?: string } {
  const result: { [P in K]?: string } = {};
  for (const key of keys) {
    const value = from[key];
    if (typeof value === 'string' && value !== '') result[key] = value;
  }
  return result;
}
