import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import { readYaml } from '../text/yaml';
import type { Build } from '../model/build';
import type { Container, Route, Stack } from '../model/stack';
import { asJson, flagField, numberField, onUnlessOff, readDomains, readFileStorages, textField } from './apiFields';
import { networkOf, proxiesOf, stackFrame } from './application';
import type { ApplicationInput } from './application';
import { buildSettings, gitSource } from './applicationBuild';
import { applicationEnvironment } from './applicationEnvironment';
import { previewBranch, previewDomains } from './applicationPreview';
import { readCompose } from './compose';
import type { ComposeError } from './compose';
import { environmentEntries, environmentName } from './composeEnvironment';
import { composeRoot, servicesIn } from './composeRoot';
import type { EnvLine } from './coolifyEnvironment';
import { imageName } from './imageTag';
import { interpolate } from './interpolation';
import { seededSource } from './magicVariables';
import { looksSecret } from './secretNames';
import { decideEffectiveKeys } from './effectiveKeys';
import { effectiveEnvironment, noindexList } from './service';

/** An application with a compose file of its own: the structure from `docker_compose_raw`, the environment as Coolify itself says it runs it. */
export function readComposeApplication(input: ApplicationInput): Stack | ComposeError {
  const { application, settings, uuid, findings } = input;
  const raw = textField(application, 'docker_compose_raw') ?? textField(application, 'docker_compose');
  if (raw === undefined) return { kind: 'not-compose', message: 'the API did not give docker_compose_raw; the token may lack read:sensitive, or the compose file was never loaded in Coolify' };
  const written = composeRoot(raw);
  const services = servicesOf(written);
  const effectiveFile = composeRoot(textField(application, 'docker_compose'));
  const domains = domainsOf(input, Object.keys(services));
  const asIs = flagField(settings, 'is_raw_compose_deployment_enabled');
  const environment = applicationEnvironment(input, [], '', domainLines(Object.keys(services), domains, suffixOf(input)));
  const effective = effectiveEnvironment(asIs || input.pull !== undefined ? null : effectiveFile, (name) => domains.get(name)?.text);
  const routes = (name: string): Route[] => readDomains(domains.get(name)?.text, {
    field: 'docker_compose_domains', forceHttps: onUnlessOff(settings, 'is_force_https_enabled'), stripPrefix: onUnlessOff(settings, 'is_stripprefix_enabled'), gzip: onUnlessOff(settings, 'is_gzip_enabled'),
    redirect: domains.get(name)?.redirect, noindex: input.pull === undefined ? noindexList(application['noindex_domains']) : (domains.get(name)?.text ?? '').split(','),
  }, findings);
  const stack = readCompose({
    text: raw, source: 'docker_compose_raw', kind: 'application', uuid, name: input.name, variables: environment.project, secrets: seededSource(uuid), wildcardDomain: 'http://127.0.0.1.sslip.io',
    fileAt: readFileStorages(asJson(input.bundle.storages), () => undefined), routesOf: (name) => routes(name), environmentOf: (name) => effective(name), extraHostNames: (name) => extraNames(name, input),
  });
  if (!('containers' in stack)) return stack;
  const base = textField(application, 'uuid') ?? uuid;
  for (const volume of stack.volumes) volume.dockerName ??= `${base}_${asIs ? volume.name : volume.name.toLowerCase().replaceAll('_', '-')}${suffixOf(input)}`;
  // Coolify attaches its `.env` to every service; a compose file that is used as it is gets none.
  if (!asIs) stack.sharedEnv = environment.variables;
  const grace = numberField(settings, 'stop_grace_period');
  for (const container of stack.containers) {
    // Coolify stops them itself (`docker stop -t`) before it starts the new ones.
    if (grace !== undefined) container.stopGraceSeconds = grace;
    buildContainer(container, services[container.name], input, environment.project);
    if (!asIs && (input.pull !== undefined || textField(application, 'docker_compose') === undefined)) injectEnvironment(container, input, domains.get(container.name)?.text);
  }
  const builtPaths = new Set(stack.containers.filter((container) => container.build !== undefined).map((container) => `services.${container.name}.build`));
  stack.findings = stack.findings.filter((finding) => !(finding.decision === 'refused' && builtPaths.has(finding.origin.path)));
  for (const field of ['docker_compose_custom_start_command', 'docker_compose_custom_build_command']) {
    if (textField(application, field) !== undefined) findings.add('field', 'approximated', [field], 'Kubernetes has no use for a command of Docker Compose; options in it (files, profiles) are not carried over.');
  }
  decideEffectiveKeys(effectiveFile, written, findings);
  if (asIs) findings.add('field', 'translated', ['settings.is_raw_compose_deployment_enabled'], 'The compose file is taken as it is, as Coolify runs it.');
  return {
    ...stack, ...stackFrame(input), findings: stack.findings,
    docker: { network: networkOf(application), proxies: proxiesOf(application), directory: `/data/coolify/applications/${uuid}`, envFile: environment.text, services: {} },
  };
}

function servicesOf(root: Json): Record<string, JsonObject> {
  return Object.fromEntries(Object.entries(servicesIn(root)).map(([name, service]) => [name, isObject(service) ? service : {}]));
}

interface Domain { text: string; redirect?: string }

/** In a preview Compose's services carry the number of the pull request; on the destination's network they have the resource's uuid too. */
function extraNames(name: string, input: ApplicationInput): string[] {
  const own = `${name}${suffixOf(input)}`;
  return [...(own === name ? [] : [own]), ...(flagField(input.settings, 'connect_to_docker_network') ? [`${name}-${input.uuid}`] : [])];
}

function suffixOf({ pull }: ApplicationInput): string {
  return pull === undefined ? '' : `-pr-${String(pull.id)}`;
}

/** `docker_compose_domains`, a JSON text or object by service; older keys have `-` and `.` written `_`. */
function domainsOf({ application, pull, findings }: ApplicationInput, names: readonly string[]): Map<string, Domain> {
  const value = pull?.domains ?? application['docker_compose_domains'];
  const parsed = typeof value === 'string' ? readYaml(value) : undefined;
  const object: Json = parsed === undefined ? value ?? null : 'kind' in parsed ? null : parsed.value;
  const domains = new Map<string, Domain>();
  if (!isObject(object)) return domains;
  for (const [key, entry] of Object.entries(object)) {
    const text = isObject(entry) ? textField(entry, 'domain') : typeof entry === 'string' ? entry : undefined;
    const name = names.find((service) => service === key) ?? names.find((service) => service.replace(/[-.]/g, '_') === key);
    if (text === undefined) continue;
    if (name === undefined) { findings.add('domain', 'ignored', ['docker_compose_domains', key], `The compose file has no service "${key}".`); continue; }
    const redirect = isObject(entry) ? textField(entry, 'redirect') : undefined;
    domains.set(name, { text: pull === undefined || pull.domains !== undefined ? text : previewDomains(text, application, pull), ...(redirect === undefined ? {} : { redirect }) });
  }
  return domains;
}

/** `SERVICE_URL_…` and `SERVICE_FQDN_…` of each first domain without its port, then `SERVICE_NAME_…` of every service. */
function domainLines(names: readonly string[], domains: ReadonlyMap<string, Domain>, suffix: string): EnvLine[] {
  const line = (key: string, value: string): EnvLine => ({ key, value, literal: false, injected: true });
  const urls = [...domains].flatMap(([name, { text }]) => {
    const url = (text.split(',')[0] ?? '').trim().replace(/^(https?:\/\/[^/:]+):\d+/, '$1');
    return [line(`SERVICE_URL_${environmentName(name)}`, url), line(`SERVICE_FQDN_${environmentName(name)}`, url.replace(/^https?:\/\//, ''))];
  });
  return [...urls, ...names.map((name) => line(`SERVICE_NAME_${environmentName(name)}`, `${name}${suffix}`))];
}

/** What Coolify would put into `environment` at the first deployment. */
function injectEnvironment(container: Container, { application, uuid, pull }: ApplicationInput, domain: string | undefined): void {
  const own = new Set(container.env.map((variable) => variable.name));
  const urls = (domain ?? '').split(',').map((url) => url.trim().replace(/^(https?:\/\/[^/:]+):\d+/, '$1'));
  const values: Record<string, string> = {
    COOLIFY_BRANCH: `"${pull === undefined ? textField(application, 'git_branch') ?? '' : previewBranch(application, pull)}"`, COOLIFY_RESOURCE_UUID: textField(application, 'uuid') ?? uuid, COOLIFY_CONTAINER_NAME: `${container.name}-${uuid}`,
    ...(domain === undefined ? {} : { COOLIFY_URL: urls.join(','), COOLIFY_FQDN: urls.map((url) => url.replace(/^https?:\/\//, '')).join(',') }),
  };
  for (const [name, value] of Object.entries(values)) if (!own.has(name)) container.env.push({ name, value, secret: false, origin: { source: 'injected', path: name } });
}

/** `build:` of a compose service. Coolify names the image `<uuid>_<service>`. */
function buildContainer(container: Container, service: JsonObject | undefined, input: ApplicationInput, project: ReadonlyMap<string, string>): void {
  const raw = service?.['build'];
  if (service === undefined || raw === undefined || raw === null) return;
  const { application, settings, findings } = input;
  const definition: JsonObject = isObject(raw) ? raw : { context: String(raw) };
  const text = (key: string): string | undefined => {
    const value = textField(definition, key);
    return value === undefined ? undefined : interpolate(value, (name) => project.get(name));
  };
  const inline = text('dockerfile_inline');
  const shared = buildSettings(settings, input.rows);
  const args = environmentEntries(definition['args']).map(([name, value]) => ({ name, value: value === null ? project.get(name) ?? '' : interpolate(value, (key) => project.get(key)), literal: true, multiline: false }));
  const build: Build = {
    pack: 'compose', source: inline === undefined ? gitSource(application, settings) : { kind: 'inline', dockerfile: inline }, repository: `${textField(application, 'uuid') ?? input.uuid}_${container.name}`.toLowerCase().replace(/[^a-z0-9._-]+/g, '-'), named: false,
    baseDirectory: textField(application, 'base_directory') ?? '/', context: text('context') ?? '.', ...shared,
    variables: [...shared.variables.filter((row) => !args.some((arg) => arg.name === row.name)), ...args.map((arg) => ({ ...arg, secret: looksSecret(arg.name, arg.value) }))],
  };
  const dockerfile = text('dockerfile');
  const target = text('target');
  if (dockerfile !== undefined) build.dockerfile = dockerfile;
  if (target !== undefined) build.target = target;
  if (container.architecture !== undefined) build.platform = `linux/${container.architecture}`;
  container.build = build;
  container.image = imageName(build);
  container.alwaysPull = false;
  findings.add('build', 'translated', ['build_pack'], 'Images with a build: are built before the deployment and tagged by commit and configuration.');
}
