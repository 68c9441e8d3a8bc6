import { isObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { defaultDestination, type KubernetesDestination } from '../model/destination';
import { destinationFaults, readDestination } from '../model/destinationReader';
import { readText } from './textFile';

/** Reads a destination from JSON or YAML (schemas/destination.schema.json); what is absent has the default. A string says what is wrong. */
export function readDestinationFile(file: string | undefined): KubernetesDestination | string {
  if (file === undefined) return defaultDestination;
  const text = readText(file);
  if (typeof text === 'object') return `${file}: ${text.problem}`;
  const yaml = readYaml(text);
  if ('kind' in yaml) return `${file}: not YAML: ${yaml.message}.`;
  if (!isObject(yaml.value)) return `${file}: a destination is a mapping.`;
  // A misspelt key would be a wish that nobody hears.
  const [fault] = destinationFaults(yaml.value);
  if (fault !== undefined) return `${file}: ${fault.message}.`;
  const name = typeof yaml.value['name'] === 'string' ? yaml.value['name'] : 'Destination';
  return { ...readDestination(yaml.value), name };
}
