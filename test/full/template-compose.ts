import { isObject } from '../../src/text/json';
import type { Json, JsonObject } from '../../src/text/json';
import { readYaml } from '../../src/text/yaml';

export interface ComposedTemplate {
  compose: string;
  files: Record<string, string>;
  /** What Docker Compose gets instead: Coolify's own keys are none of its. */
  docker: { compose: string; files: Record<string, string> };
}

/** A template with a client beside it, and the variables that Coolify would have made in `.env`. */
export function composeOf(text: string, variables: Readonly<Record<string, string>>): ComposedTemplate {
  const yaml = readYaml(text);
  if ('kind' in yaml || !isObject(yaml.value) || !isObject(yaml.value['services'])) throw new Error('no compose file');
  const services: JsonObject = { ...yaml.value['services'], client: { image: 'nginx:1.27-alpine', command: ['sleep', '86400'], stop_grace_period: '1s' } };
  const env = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`).join('');
  const files: Record<string, string> = { '.env': env };
  const plain = (service: Json): Json => {
    if (!isObject(service) || !Array.isArray(service['volumes'])) return service;
    return { ...service, volumes: service['volumes'].map((volume): Json => {
      if (!isObject(volume) || typeof volume['content'] !== 'string') return volume;
      files[String(volume['source']).replace(/^\.\//, '')] = volume['content'];
      return `${String(volume['source'])}:${String(volume['target'])}`;
    }) };
  };
  // The client is only in the test's file, so a template's volumes that no one declares are declared for Docker here, as Coolify does.
  const named = Object.values(services).flatMap((service) => (isObject(service) && Array.isArray(service['volumes']) ? service['volumes'] : [])).flatMap((volume) => /^([a-zA-Z0-9][\w.-]*):\//.exec(String(volume))?.[1] ?? []);
  const docker: JsonObject = {
    ...yaml.value, services: Object.fromEntries(Object.entries(services).map(([name, service]) => [name, plain(service)])),
    volumes: { ...Object.fromEntries(named.map((name) => [name, {}])), ...(isObject(yaml.value['volumes']) ? yaml.value['volumes'] : {}) },
  };
  return { compose: JSON.stringify({ ...yaml.value, services }), files: { '.env': env }, docker: { compose: JSON.stringify(docker), files } };
}
