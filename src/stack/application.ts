import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import type { Bundle } from '../model/instance';
import type { Container, ContainerPort, Hook, Route, Stack } from '../model/stack';
import { asJson, flagField, numberField, onUnlessOff, readDomains, readEnvRows, textField } from './apiFields';
import type { EnvRow } from './apiFields';
import { applicationBuild } from './applicationBuild';
import { readComposeApplication } from './applicationCompose';
import { applicationEnvironment, decideRows } from './applicationEnvironment';
import { decideFields, decideSharedFields, fieldDefaults } from './applicationFields';
import { applicationHealth } from './applicationHealth';
import { previewDomain, previewRows, readPullRequest } from './applicationPreview';
import type { PullRequest } from './applicationPreview';
import { applicationService, runOptionsOf, serverSettings, swarmPlacement } from './applicationService';
import type { ApplicationFacts } from './applicationService';
import { chosenContainer } from './chosenContainer';
import type { ComposeError } from './compose';
import { Variables } from './composeEnvironment';
import { movesTag, readService } from './composeService';
import type { CoolifyEnvironment } from './coolifyEnvironment';
import { exposedPorts } from './dockerfile';
import { FieldFindings, passOn } from './fieldFindings';
import { FindingList } from './findings';
import { imageName } from './imageTag';
import { interpolate } from './interpolation';
import { seededSource } from './magicVariables';
import { customRouting, decodeLabels } from './proxyLabels';
import { noindexList } from './service';
import { readScheduledTasks } from './scheduledTasks';
import { readStorages } from './storages';

/** What the parts of an application's reading share. */
export interface ApplicationInput {
  application: JsonObject;
  settings: JsonObject;
  bundle: Bundle;
  uuid: string;
  name: string;
  /** Production rows, or those of the preview. */
  rows: EnvRow[];
  pull?: PullRequest;
  findings: FieldFindings;
}

/** An application as the API describes it, for all of Coolify's build packs. Images that are built have the name a build would push. */
export function readApplicationBundle(bundle: Bundle): Stack | ComposeError {
  const resource = asJson(bundle.resource);
  const application: JsonObject = isObject(resource) ? resource : {};
  const settings = isObject(application['settings']) ? application['settings'] : {};
  const findings = new FieldFindings('application');
  const preview = asJson(bundle.preview);
  const pull = isObject(preview) ? readPullRequest(preview) : undefined;
  const suffix = pull === undefined ? '' : `-pr-${String(pull.id)}`;
  const production = readEnvRows(asJson(bundle.envs), findings);
  const uuid = `${textField(application, 'uuid') ?? 'application'}${suffix}`;
  const input: ApplicationInput = {
    application, settings, bundle, uuid, name: `${textField(application, 'name') ?? uuid}${suffix}`, findings,
    rows: pull === undefined ? production : previewRows(readEnvRows(asJson(bundle.envs), findings, true), production), ...(pull === undefined ? {} : { pull }),
  };
  const stack = textField(application, 'build_pack') === 'dockercompose' ? readComposeApplication(input) : readPlainApplication(input);
  if (!('containers' in stack)) return stack;
  Object.assign(stack, hooksOf(input, stack.containers));
  if (pull === undefined) stack.scheduledTasks = readScheduledTasks(asJson(bundle.scheduledTasks), stack.containers, findings, textField(serverSettings(application), 'server_timezone'));
  if (stack.containers.some(({ build }) => build?.source.kind === 'git' && build.source.credentials.kind === 'app')) {
    findings.add('build', 'approximated', ['source_id'], 'The code is fetched through a GitHub or GitLab App, whose key never leaves Coolify: a deployment from here cannot build it.', { fix: 'Give the application a deploy key, or name an image that is built elsewhere.' });
  }
  decideSharedFields(input);
  decideRows(input);
  const defaults = fieldDefaults(application, settings);
  findings.finish(application, defaults);
  findings.finish(settings, defaults, ['settings']);
  findings.finishRest();
  stack.findings = [...stack.findings, ...findings.all];
  return stack;
}

/** Names and states that every application has, whatever it is built from. */
export function stackFrame(input: ApplicationInput): Pick<Stack, 'kind' | 'uuid' | 'name' | 'projectName' | 'environmentName' | 'running'> {
  const { application } = input;
  const environment = isObject(application['environment']) ? application['environment'] : {};
  const project = isObject(environment['project']) ? environment['project'] : {};
  const environmentName = textField(environment, 'name');
  const projectName = textField(project, 'name');
  return {
    kind: 'application', uuid: input.uuid, name: input.name, ...(environmentName === undefined ? {} : { environmentName }), ...(projectName === undefined ? {} : { projectName }),
    running: /^(running|starting|degraded|restarting)/.test((input.pull === undefined ? textField(application, 'status') : input.pull.status) ?? 'running'),
  };
}

export function networkOf(resource: JsonObject): string {
  const destination = isObject(resource['destination']) ? resource['destination'] : {};
  return textField(destination, 'network') ?? 'coolify';
}

/** Both proxies' labels are written unless the server asks for those of its own proxy only. */
export function proxiesOf(resource: JsonObject): ('traefik' | 'caddy')[] {
  if (!flagField(serverSettings(resource), 'generate_exact_labels')) return ['traefik', 'caddy'];
  const type = proxyTypeOf(resource);
  return type === 'CADDY' ? ['caddy'] : type === 'NONE' ? [] : ['traefik'];
}

/** The server's proxy, where the API shows it. */
export function proxyTypeOf(resource: JsonObject): string | undefined {
  const destination = isObject(resource['destination']) ? resource['destination'] : {};
  const server = isObject(destination['server']) ? destination['server'] : {};
  return isObject(server['proxy']) ? textField(server['proxy'], 'type')?.toUpperCase() : undefined;
}

function readPlainApplication(input: ApplicationInput): Stack {
  const { application, settings, uuid, findings, pull } = input;
  const aliases = aliasesOf(application['custom_network_aliases']);
  const facts: ApplicationFacts = {
    application, settings, network: networkOf(application), ports: portNumbers(input), aliases, swarm: (textField(application, 'destination_type') ?? '').endsWith('SwarmDocker'), preview: pull !== undefined,
    containerName: pull !== undefined || flagField(settings, 'is_consistent_container_name_enabled') ? uuid : textField(settings, 'custom_internal_name') ?? uuid,
  };
  decideFields(facts, findings);
  const environment = applicationEnvironment(input, facts.ports, facts.containerName);
  const service = applicationService(facts);
  const storages = readStorages(asJson(input.bundle.storages), textField(application, 'uuid') ?? uuid, findings, pull === undefined ? '' : `-pr-${String(pull.id)}`);
  const container = readContainer(input, facts, environment, service);
  container.mounts = [...storages.mounts, ...container.mounts];
  const labels = decodeLabels(textField(application, 'custom_labels'));
  const docker: JsonObject = { image: container.image, ...service, ...(storages.compose.length === 0 ? {} : { volumes: storages.compose }) };
  const escaped = onUnlessOff(settings, 'is_container_label_escape_enabled') ? labels.map((label) => label.replaceAll('$', '$$$$')) : labels;
  if (escaped.length > 0 && pull === undefined) {
    if (facts.swarm) docker['deploy'] = { ...(isObject(docker['deploy']) ? docker['deploy'] : {}), labels: escaped };
    else docker['labels'] = escaped;
  }
  return {
    ...stackFrame(input), containers: [container], volumes: storages.volumes, sharedEnv: [], scheduledTasks: [], findings: [], secretValues: [...new Set(container.routes.flatMap(({ basicAuth }) => (basicAuth === undefined ? [] : [basicAuth.password, ...(basicAuth.hash === undefined ? [] : [basicAuth.hash, basicAuth.hash.replaceAll('$', '$$$$')])])).filter((value) => value !== ''))],
    docker: { network: facts.network, directory: `/data/coolify/applications/${uuid}`, swarm: facts.swarm, proxies: proxiesOf(application), envFile: environment.text, services: { [uuid]: docker } },
  };
}

function readContainer(input: ApplicationInput, facts: ApplicationFacts, environment: CoolifyEnvironment, service: JsonObject): Container {
  const { application, settings, uuid, findings } = input;
  const build = applicationBuild(application, settings, input.rows);
  const image = build === undefined ? pulledImage(application, findings) : imageName(build);
  // The service that Coolify writes goes through the compose reader, as it goes through Compose in Docker.
  const neutral: JsonObject = interpolated({ ...withoutWorkerNodes(facts, service), image, env_file: [], networks: null, healthcheck: null }, environment.project);
  const reading = new FindingList('application');
  const container = readService(uuid, neutral, {
    service: uuid, variables: new Variables({ known: environment.project, secrets: seededSource(uuid), services: [], urlOf: () => undefined }), findings: reading,
    routes: [], environment: undefined, envFile: () => undefined, hostNames: [...new Set([uuid, facts.containerName, ...facts.aliases])], fileAt: () => undefined, containsSecret: () => false, imageForBuild: image,
  });
  const options = runOptionsOf(facts)?.service ?? {};
  passOn(reading, findings, (key, [first]) => (key === 'deploy' && first !== 'resources' ? 'swarm_placement_constraints' : key in options ? 'custom_docker_run_options' : key === 'deploy' ? 'settings.is_gpu_enabled' : key === 'ports' ? 'ports_mappings' : undefined));
  container.env = environment.variables;
  container.alwaysPull = build === undefined && movesTag(image);
  container.stopGraceSeconds = numberField(settings, 'stop_grace_period') ?? 30;
  container.origin = findings.origin(['container']);
  container.ports = portsOf(container.ports, input);
  container.mounts = container.mounts.map((mount) => ({ ...mount, origin: findings.origin(['custom_docker_run_options', 'shm_size']) }));
  if (build !== undefined) describeBuild(container, build, findings);
  const health = applicationHealth(application, facts.ports, findings);
  if (health === undefined) delete container.healthCheck; else container.healthCheck = health;
  routeContainer(container, input, facts);
  return container;
}

function describeBuild(container: Container, build: NonNullable<Container['build']>, findings: FieldFindings): void {
  container.build = build;
  const head = build.source.kind === 'git' && build.source.commit === 'HEAD' ? ' The newest commit is looked up before a deployment; until then the branch stands in the tag.' : '';
  findings.add('build', 'translated', ['build_pack'], `The image is built before the deployment and tagged by commit and configuration.${head}`);
}

/** Name and tag of an image that is pulled; `sha256-<hex>` and a name ending in `@sha256` mean a digest. */
function pulledImage(application: JsonObject, findings: FindingList): string {
  const name = textField(application, 'docker_registry_image_name');
  const tag = textField(application, 'docker_registry_image_tag') ?? 'latest';
  if (name === undefined) {
    findings.add('field', 'refused', ['docker_registry_image_name'], 'No image is named.', { fix: 'Name the image in Coolify.' });
    return `${textField(application, 'uuid') ?? 'application'}:latest`;
  }
  if (name.endsWith('@sha256')) return `${name}:${tag}`;
  return tag.startsWith('sha256-') ? `${name}@sha256:${tag.slice('sha256-'.length)}` : `${name}:${tag}`;
}

/** `ports_exposes`; a static site listens on 80 whatever it says. */
function portNumbers({ application, settings }: ApplicationInput): number[] {
  if (flagField(settings, 'is_static')) return [80];
  return (textField(application, 'ports_exposes') ?? '').split(',').map((item) => Number(item.trim())).filter((port) => Number.isInteger(port) && port > 0 && port < 65_536);
}

function portsOf(ports: ContainerPort[], { application, findings }: ApplicationInput): ContainerPort[] {
  const known = ports.map((port): ContainerPort => {
    const field = port.published === undefined ? 'ports_exposes' : 'ports_mappings';
    return { ...port, evidence: field, origin: findings.origin([field, String(port.port)]) };
  });
  const inline = textField(application, 'dockerfile');
  if (inline === undefined || textField(application, 'build_pack') === 'dockerimage') return known;
  const more = exposedPorts(inline).filter((port) => !known.some((other) => other.port === port.port && other.protocol === port.protocol));
  return [...known, ...more.map((port): ContainerPort => ({ ...port, evidence: 'EXPOSE in the Dockerfile', origin: findings.origin(['dockerfile', String(port.port)]) }))];
}

export function aliasesOf(value: Json | undefined): string[] {
  const list = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value.split(',') : [];
  return list.map((alias) => alias.trim()).filter((alias) => alias !== '');
}

/** Domains from `fqdn`, unless the user's own labels say otherwise. */
function routeContainer(container: Container, input: ApplicationInput, facts: ApplicationFacts): void {
  const { application, settings, findings, pull } = input;
  const username = textField(application, 'http_basic_auth_username');
  const password = textField(application, 'http_basic_auth_password');
  const auth = flagField(application, 'is_http_basic_auth_enabled');
  if (auth && (username === undefined || password === undefined)) findings.add('field', 'refused', ['http_basic_auth_password'], 'Basic authentication is on, and its user or password is hidden from the token.', { fix: 'Use a token with read:sensitive.' });
  const fqdn = pull === undefined ? textField(application, 'fqdn') : previewDomain(application, pull);
  const [defaultPort] = facts.ports;
  const routes: Route[] = readDomains(fqdn, {
    field: 'fqdn', forceHttps: onUnlessOff(settings, 'is_force_https_enabled'), stripPrefix: onUnlessOff(settings, 'is_stripprefix_enabled'), gzip: onUnlessOff(settings, 'is_gzip_enabled'), redirect: textField(application, 'redirect'),
    noindex: pull === undefined ? noindexList(application['noindex_domains']) : [fqdn ?? ''], ...(defaultPort === undefined ? {} : { defaultPort }),
    ...(auth && username !== undefined && password !== undefined ? { basicAuth: { username, password } } : {}),
  }, findings);
  const labels = pull === undefined ? decodeLabels(textField(application, 'custom_labels')) : [];
  const custom = customRouting(labels, routes, findings, 'custom_labels', proxyTypeOf(application) === 'CADDY' ? 'CADDY' : 'TRAEFIK');
  container.routes = custom.routes;
  container.proxyLabels = labels;
  container.labels = { ...container.labels, ...custom.labels };
  if (Object.keys(custom.middlewares).length > 0) container.middlewares = custom.middlewares;
}

/** `node.role == worker` would leave a cluster of one node without any place for the pods. */
function withoutWorkerNodes({ swarm, application }: ApplicationFacts, service: JsonObject): JsonObject {
  if (!swarm || !isObject(service['deploy'])) return service;
  const placement = swarmPlacement(application)['placement'];
  const { placement: _all, ...deploy } = service['deploy'];
  return { ...service, deploy: { ...deploy, ...(isObject(placement) ? { placement } : {}) } };
}

function interpolated(value: JsonObject, project: ReadonlyMap<string, string>): JsonObject {
  const walk = (item: Json): Json => {
    if (typeof item === 'string') return item.includes('$') ? interpolate(item, (name) => project.get(name)) : item;
    if (Array.isArray(item)) return item.map(walk);
    return isObject(item) ? Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, walk(inner)])) : item;
  };
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'labels').map(([key, item]) => [key, walk(item)]));
}

/** Commands around a deployment; Coolify runs them as one line in the container that is named, or the only one. */
function hooksOf({ application, findings }: ApplicationInput, containers: readonly Container[]): Pick<Stack, 'hooks'> {
  const hook = (field: 'pre_deployment_command' | 'post_deployment_command'): Hook | undefined => {
    const command = textField(application, field);
    if (command === undefined) return undefined;
    const container = chosenContainer(textField(application, `${field}_container`), containers);
    if (container === undefined) {
      findings.add('field', 'refused', [field], 'There is more than one container, and it names none of those that keep running; it fails in Coolify too.', { fix: 'Name one of the containers in Coolify.' });
      return undefined;
    }
    findings.add('field', 'translated', [field], field === 'pre_deployment_command' ? 'It runs in the pod that is there before the deployment; a first deployment skips it, as Coolify does.' : 'It runs in the new pod once it is ready; its failure does not fail the deployment.');
    return { command: command.replace(/\r\n|\r|\n/g, ' '), container: container.name, origin: findings.origin([field]) };
  };
  const before = hook('pre_deployment_command');
  const after = hook('post_deployment_command');
  return before === undefined && after === undefined ? {} : { hooks: { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) } };
}
