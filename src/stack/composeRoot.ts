import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import { readYaml } from '../text/yaml';

/** A compose file that Coolify gave; null when there is none that can be read. */
export function composeRoot(text: string | undefined): Json {
  const yaml = text === undefined ? undefined : readYaml(text);
  return yaml === undefined || 'kind' in yaml ? null : yaml.value;
}

/** The `services` of a compose file. */
export function servicesIn(root: Json): JsonObject {
  return isObject(root) && isObject(root['services']) ? root['services'] : {};
}
