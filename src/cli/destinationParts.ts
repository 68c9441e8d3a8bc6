import { isObject } from '../text/json';
import type { Json } from '../text/json';
import type { KubernetesDestination, Scale } from '../model/destination';

/** `ingress.gateway`; a string says what is wrong. */
export function readGateway(value: Json | undefined): KubernetesDestination['ingress']['gateway'] | string {
  if (value === undefined) return undefined;
  if (!isObject(value) || typeof value['name'] !== 'string' || value['name'] === '') return 'ingress.gateway.name is missing';
  const unknown = Object.keys(value).find((key) => key !== 'name' && key !== 'namespace');
  if (unknown !== undefined) return `there is no key "ingress.gateway.${unknown}" in a destination`;
  return { name: value['name'], ...(typeof value['namespace'] === 'string' ? { namespace: value['namespace'] } : {}) };
}

/** `scale`; a string says what is wrong. */
export function readScale(value: Json | undefined): Scale | string | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) return 'scale is no mapping';
  const scale: Scale = {};
  const autoscale = readAutoscale(value['autoscale']);
  if (typeof autoscale === 'string') return autoscale;
  if (autoscale !== undefined) scale.autoscale = autoscale;
  if (value['disruptionBudget'] !== undefined) {
    if (typeof value['disruptionBudget'] !== 'boolean') return 'scale.disruptionBudget is true or false';
    scale.disruptionBudget = value['disruptionBudget'];
  }
  const labels = value['nodeSelector'];
  if (labels !== undefined) {
    if (!isObject(labels) || !Object.values(labels).every((label) => typeof label === 'string')) return 'scale.nodeSelector maps labels to texts';
    scale.nodeSelector = Object.fromEntries(Object.entries(labels).map(([key, label]) => [key, String(label)]));
  }
  return scale;
}

function readAutoscale(value: Json | undefined): Scale['autoscale'] | string {
  if (value === undefined) return undefined;
  if (!isObject(value)) return 'scale.autoscale is no mapping';
  const unknown = Object.keys(value).find((key) => !['minimum', 'maximum', 'cpuPercent', 'memoryPercent'].includes(key));
  if (unknown !== undefined) return `there is no key "scale.autoscale.${unknown}" in a destination`;
  const { minimum = 1, maximum, cpuPercent, memoryPercent } = value;
  const whole = (item: Json | undefined): item is number => typeof item === 'number' && Number.isInteger(item) && item > 0;
  if (!whole(minimum) || !whole(maximum) || maximum < minimum) return 'scale.autoscale has a minimum of at least 1 and a maximum that is not below it';
  if ((cpuPercent !== undefined && !whole(cpuPercent)) || (memoryPercent !== undefined && !whole(memoryPercent))) return 'scale.autoscale.cpuPercent and memoryPercent are whole numbers above 0';
  return { minimum, maximum, ...(whole(cpuPercent) ? { cpuPercent } : {}), ...(whole(memoryPercent) ? { memoryPercent } : {}) };
}
