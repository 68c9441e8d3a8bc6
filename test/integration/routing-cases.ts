import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { renderCompose } from '../../src/engine/docker/render';
import { defaultDestination } from '../../src/model/destination';
import type { KubernetesDestination } from '../../src/model/destination';
import type { Bundle } from '../../src/model/instance';
import { isObject } from '../../src/text/json';
import type { Json } from '../../src/text/json';
import { readYaml } from '../../src/text/yaml';
import { stackOfBundle, translateBundle, translateCompose } from '../../src/translate';
import { corpus, hasCorpus, readBundle, recorded } from '../unit/bundles';
import type { RoutedStack } from './routing-sides';

/** Where Coolify's own proxy is at work too. */
export const traefikDestination: KubernetesDestination = { ...defaultDestination, ingress: { kind: 'traefik' }, tls: { kind: 'secret' } };
const own = join(import.meta.dirname, '../fixtures/coolify');

/** The labels of a service as Docker gets them: Compose makes `$` of `$$`. */
function labelsOf(service: Json | undefined): string[] {
  const labels = isObject(service) ? service['labels'] : undefined;
  const list = isObject(labels) ? Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`) : Array.isArray(labels) ? labels.map(String) : [];
  return list.filter((label) => /^traefik\./i.test(label)).map((label) => label.replaceAll('$$', '$'));
}

function servicesOf(text: string): [string, Json][] {
  const yaml = readYaml(text);
  if ('kind' in yaml) throw new Error(yaml.message);
  const services = isObject(yaml.value) ? yaml.value['services'] : undefined;
  return isObject(services) ? Object.entries(services) : [];
}

const labelled = (services: readonly [string, Json][], nameOf: (key: string) => string = (key) => key): RoutedStack['containers'] =>
  services.map(([key, service]) => ({ name: nameOf(key), labels: labelsOf(service) })).filter(({ labels }) => labels.some((label) => /\.rule=/.test(label)));

function routed(bundle: Bundle, destination: KubernetesDestination, containers: RoutedStack['containers']): RoutedStack {
  const translation = translateBundle(bundle, destination);
  if (!('rendering' in translation)) throw new Error(translation.message);
  return { name: translation.stack.name, containers, manifests: translation.rendering.manifests };
}

/** What the labels of a stack come to without its names: stacks of one shape are treated alike. */
const shapeOf = (containers: RoutedStack['containers']): string =>
  containers.map(({ labels }) => labels.map((label) => label.replace(/[a-z0-9-]*[a-z0-9]{20,}[a-z0-9.-]*/g, '').replace(/Host\(`[^`]*`\)/, 'Host').replace(/=\d+$/, '=N')).sort().join()).join('\n');

/** At most so many of each shape. */
function few(most: number): (containers: RoutedStack['containers']) => boolean {
  const seen = new Map<string, number>();
  return (containers) => {
    const shape = shapeOf(containers);
    seen.set(shape, (seen.get(shape) ?? 0) + 1);
    return (seen.get(shape) ?? 0) <= most;
  };
}

/** Applications of a real Coolify, a few of each shape of labels, with the labels that it wrote itself. */
export function recordedApplications(destination = traefikDestination): RoutedStack[] {
  const [effective, root] = hasCorpus ? [join(corpus, 'coolify-recorded/effective'), recorded] : [join(own, 'effective'), join(own, 'root')];
  const isNew = few(3);
  return readdirSync(effective).filter((file) => file.startsWith('application__')).sort().flatMap((file) => {
    const { uuid, files } = JSON.parse(readFileSync(join(effective, file), 'utf8')) as { uuid: string; files: Record<string, string> };
    const text = Object.entries(files).find(([path]) => /docker-compose\.ya?ml$/.test(path))?.[1] ?? '';
    const bundle = readBundle('application', uuid, root);
    const stack = stackOfBundle(bundle);
    if (!('containers' in stack)) throw new Error(stack.message);
    // The container's name has the time of the deployment at its end.
    const containers = labelled(servicesOf(text), (key) => (stack.containers.length === 1 ? stack.containers[0]?.name ?? key : key.replace(/-\d{12}$/, '')));
    return containers.length === 0 || !isNew(containers) ? [] : [routed(bundle, destination, containers)];
  });
}

/** Services of a real Coolify, one or two of each shape of domain; their labels are in the compose file that its API gives. */
export function recordedServices(destination = traefikDestination): RoutedStack[] {
  if (!hasCorpus || !existsSync(recorded)) return [];
  const isNew = few(2);
  return readdirSync(recorded).sort().flatMap((file) => {
    const uuid = /^services__([a-z0-9]+)\.json$/.exec(file)?.[1];
    const bundle = uuid === undefined ? undefined : readBundle('service', uuid, recorded);
    const text: unknown = typeof bundle?.resource === 'object' && bundle.resource !== null && 'docker_compose' in bundle.resource ? bundle.resource.docker_compose : undefined;
    if (bundle === undefined || typeof text !== 'string') return [];
    const containers = labelled(servicesOf(text));
    if (containers.length === 0 || containers.length > 4 || isStale(bundle, containers) || !isNew(containers)) return [];
    return [routed(bundle, destination, containers)];
  });
}

/** A service's file is only written anew when it starts: its labels may be of older domains and settings than those of its applications. */
function isStale({ resource }: Bundle, containers: RoutedStack['containers']): boolean {
  const applications: unknown = typeof resource === 'object' && resource !== null && 'applications' in resource ? resource.applications : [];
  const text = JSON.stringify(applications);
  const hosts = containers.flatMap(({ labels }) => labels.flatMap((label) => /Host\(`([^`]+)`\)/.exec(label)?.[1] ?? []));
  return hosts.some((host) => !text.includes(host)) || (text.includes('"is_stripprefix_enabled":false') && JSON.stringify(containers).includes('stripprefix'));
}

/** The recorded application of the project's own fixtures with other settings, under the labels that Coolify's rules give for them. */
export function variedApplications(destination = traefikDestination): RoutedStack[] {
  const variants: [string, Record<string, unknown>, Record<string, boolean>?][] = [
    ['www', { fqdn: 'https://brand.example.org,https://www.brand.example.org', redirect: 'www' }],
    ['non-www', { fqdn: 'https://plain.example.org,https://www.plain.example.org', redirect: 'non-www' }],
    ['www-http', { fqdn: 'http://slow.example.org,http://www.slow.example.org', redirect: 'www' }],
    ['unforced', { fqdn: 'https://both.example.org/deep/path' }, { is_force_https_enabled: false }],
    ['kept-prefix', { fqdn: 'https://kept.example.org/app,https://kept.example.org:9000/other' }, { is_stripprefix_enabled: false, is_gzip_enabled: false }],
    ['many', { fqdn: 'https://many.example.org,https://many.example.org:9000/api,http://many.example.org:9001/api/v2,https://other.example.org/v1/' }],
    ['noindex', { fqdn: 'https://hidden.example.org' }, { is_preview_deployments_noindex_enabled: true }],
  ];
  const base = readBundle('application', '85viaiw3m7q26jn7u6h95ibh');
  if (typeof base.resource !== 'object' || base.resource === null || !('settings' in base.resource)) throw new Error('the fixture has no settings');
  const { resource } = base;
  return variants.map(([name, fields, settings]) => {
    const uuid = `${name.replaceAll(/[^a-z]/g, '')}aaaaaaaaaaaaaaaaaaaaaaaa`.slice(0, 24);
    const bundle: Bundle = { ...base, resource: { ...resource, uuid, name, custom_labels: null, ...fields, settings: { ...(resource.settings as object), ...settings } } };
    const stack = stackOfBundle(bundle);
    if (!('containers' in stack)) throw new Error(stack.message);
    const compose = renderCompose(stack);
    return routed(bundle, destination, labelled(isObject(compose['services']) ? Object.entries(compose['services']) : []));
  });
}

/** Compose files whose labels a user wrote; what stands in them is what Docker gets. */
export function writtenLabels(destination = traefikDestination): RoutedStack[] {
  const text = readFileSync(join(import.meta.dirname, '../fixtures/compose/routing.yaml'), 'utf8');
  return servicesOf(text).map(([name, service]) => {
    const compose = JSON.stringify({ services: { [name]: service } });
    const translation = translateCompose(compose, { name: `written-${name}`, source: 'compose.yaml', seed: '1', destination });
    if (!('rendering' in translation)) throw new Error(translation.message);
    return { name: `written-${name}`, containers: labelled([[name, service]]), manifests: translation.rendering.manifests };
  });
}
