import { Placeholders } from './diff/mask';
import { shown } from './diff/clusterDiff';
import { renderCompose } from './engine/docker/render';
import { isObject } from './text/json';
import type { Json } from './text/json';
import { readYaml, writeYaml } from './text/yaml';
import { asJson, textField } from './stack/apiFields';
import type { Finding } from './model/finding';
import type { Bundle } from './model/instance';
import type { Manifest } from './model/manifest';
import type { Stack } from './model/stack';
import { problemsIn, type Problem } from './problems';
import { secretsOf } from './secretValues';
import type { Translation } from './translate';

/** What a preview shows; every secret is a numbered placeholder. */
export interface Preview {
  /** What Coolify runs today, part by part. */
  today: { name: string; text: string }[];
  /** What would be applied. `left` names the part of today that it replaces; empty when there is none. */
  files: { name: string; left: string; text: string }[];
  findings: Finding[];
  /** Findings to look at, placed in the texts of today. */
  problems: Problem[];
}

/** What Coolify runs today beside the objects made from it, container by container. */
export function preview(bundle: Bundle, { stack, rendering }: Translation): Preview {
  const placeholders = new Placeholders();
  const secrets = secretsOf(stack);
  const mask = (text: string): string => placeholders.text(text, secrets);
  const parts = todayParts(bundle, stack);
  const today = parts.map(({ name, value }) => ({ name: `${name}.yaml`, text: `${mask(writeYaml(value))}${dotEnv(stack, mask)}` }));
  return {
    today, problems: problemsIn(today, rendering.findings),
    files: grouped(stack, rendering.manifests).map(({ name, manifests }) => ({
      name: `${name}.yaml`, left: parts.some((part) => part.name === name) ? `${name}.yaml` : '', text: mask(manifests.map((manifest) => writeYaml(shown(manifest, placeholders))).join('---\n')),
    })),
    findings: rendering.findings,
  };
}

/** `docker_compose` as the API gives it, service by service; applications and databases are reconstructed. */
function todayParts(bundle: Bundle, stack: Stack): { name: string; value: Json }[] {
  const resource = asJson(bundle.resource);
  const text = isObject(resource) && bundle.kind !== 'database' ? textField(resource, 'docker_compose') ?? textField(resource, 'docker_compose_raw') : undefined;
  const yaml = text === undefined ? undefined : readYaml(text);
  const root = yaml !== undefined && !('kind' in yaml) && isObject(yaml.value) ? yaml.value : renderCompose(stack);
  const services = isObject(root['services']) ? root['services'] : {};
  return Object.entries(services).map(([name, value]) => ({ name, value: { services: { [name]: value } } }));
}

/** Coolify's `.env`, which every container of an application receives, as comments below its compose file. */
function dotEnv({ docker }: Stack, mask: (text: string) => string): string {
  return docker?.envFile === undefined ? '' : mask(docker.envFile).split('\n').map((line) => `# ${line}\n`).join('').replace(/^/, '# .env\n');
}

/** Objects by the container they were made from; what belongs to none comes first under the resource's own name. */
function grouped(stack: Stack, manifests: readonly Manifest[]): { name: string; manifests: Manifest[] }[] {
  const label = 'app.kubernetes.io/name';
  const owner = (manifest: Manifest): string | undefined => manifest.metadata.labels?.[label];
  const groups = new Map<string, Manifest[]>();
  for (const manifest of manifests) groups.set(owner(manifest) ?? '', [...(groups.get(owner(manifest) ?? '') ?? []), manifest]);
  const nameOf = (key: string): string => stack.containers.find((container) => container.name === key || container.name.toLowerCase().replace(/[^a-z0-9]+/g, '-') === key.replace(/^s-(?=\d)/, ''))?.name ?? (key === '' ? 'resource' : key);
  return [...groups].map(([key, items]) => ({ name: nameOf(key), manifests: items }));
}
