import { isObject, scalarText } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import { readYaml, type YamlSource } from '../text/yaml';
import type { Container, Mount, Route, Stack, Volume } from '../model/stack';
import { environmentEntries, Variables } from './composeEnvironment';
import { topLevelKeys } from './composeKeys';
import { parseDotEnv, readService } from './composeService';
import { interpolate } from './interpolation';
import { readVolumes } from './composeVolumes';
import type { KnownFile } from './composeVolumes';
import { FindingList } from './findings';
import { generatedNames } from './generatedNames';
import { domainVariable, isSecretMagic } from './magicVariables';
import type { SecretSource } from './magicVariables';
import { looksSecret, secretsInWords, holdsPassword } from './secretNames';
import { applyDependencies } from './composeLifecycle';
import { shareNestedFolders } from './nestedFolders';
import { applyProxyLabels } from './proxyLabels';
import { expandExtends } from './composeExtends';
import { expandIncludes } from './composeInclude';

export interface ComposeInput {
  text: string;
  /** A file name, or the API field the text came from. */
  source: string;
  kind: Stack['kind'];
  /** The text as read already, where somebody has. */
  yaml?: YamlSource;
  uuid: string;
  name: string;
  /** Values that are known: Coolify's env rows, or the `.env` beside the file. */
  variables: ReadonlyMap<string, string>;
  secrets: SecretSource;
  /** Under which generated domains stand, as a server's wildcard domain does in Coolify: `http://apps.example.com`. */
  wildcardDomain: string;
  fileAt?: (service: string, source: string, target: string) => KnownFile | undefined;
  /** Domains as Coolify stores them; absent for a bare file, whose `SERVICE_URL_…` keys declare them. */
  routesOf?: (service: string) => Route[];
  /** `environment` as Coolify itself says it runs it. */
  environmentOf?: (service: string) => Json | undefined;
  /** A text beside the compose file, by a path relative to it: `env_file`, `extends`, `include`, `configs`, `secrets`. */
  readFile?: (path: string) => string | undefined;
  /** Further names by which Docker answers for a service. */
  extraHostNames?: (service: string) => string[];
}

/** A text that is no compose file; one sentence with the place. */
export interface ComposeError { kind: 'not-compose'; message: string }

/** The compose front end: a compose file or Coolify template as a stack. */
export function readCompose(input: ComposeInput): Stack | ComposeError {
  const yaml = input.yaml ?? readYaml(input.text);
  if ('kind' in yaml) return { kind: 'not-compose', message: `not YAML: ${yaml.message}` };
  if (!isObject(yaml.value)) return { kind: 'not-compose', message: 'not a compose file: the top level is no mapping' };
  if (!isObject(yaml.value['services']) && yaml.value['include'] === undefined) return { kind: 'not-compose', message: 'not a compose file: there is no "services" mapping at the top level' };
  const findings = new FindingList(input.source, (path) => yaml.range(path.map((part) => (/^\d+$/.test(part) ? Number(part) : part))));
  const readFile = (path: string): string | undefined => input.readFile?.(path);
  const keys = Object.keys(yaml.value);
  const root = expandIncludes(yaml.value, readFile, (value, files) => interpolatedWith(value, files, input), findings);
  const services = isObject(root['services']) ? expandExtends(root['services'], readFile, findings) : {};
  return new ComposeReader(input, root, services, findings, keys).read();
}

class ComposeReader {
  private readonly variables: Variables;
  private readonly declared = new Map<string, Route[]>();
  private readonly names: string[];
  /** Coolify's own rules hold, not Compose's alone. */
  private readonly coolify: boolean;
  private readonly generatedNames: ReadonlyMap<string, readonly string[]>;

  constructor(private readonly input: ComposeInput, private readonly root: JsonObject, private readonly services: JsonObject, private readonly findings: FindingList, private readonly topLevel: readonly string[]) {
    this.names = Object.keys(services);
    this.variables = new Variables({ known: input.variables, secrets: input.secrets, services: this.names, urlOf: (service) => this.urlOf(service) });
    this.generatedNames = generatedNames(input.text, this.names);
    this.coolify = input.kind !== 'compose' || isCoolifyTemplate(input.text);
    if (this.coolify) for (const service of Object.values(services)) {
      if (isObject(service)) for (const [, raw] of environmentEntries(service['environment'])) if (raw !== null) this.variables.declareDefaults(raw);
    }
    for (const name of this.names) this.declared.set(name, this.declaredRoutes(name));
  }

  read(): Stack {
    this.decideTopLevel();
    const volumes = readVolumes(this.interpolated(this.root['volumes'] ?? null), this.findings);
    const containers = this.names.flatMap((name) => this.container(name));
    expandVolumesFrom(containers, this.services);
    shareNestedFolders(containers);
    applyDependencies(containers, this.services, this.findings, this.coolify);
    linkAliases(containers, this.services);
    addMissingVolumes(containers, volumes);
    this.reportVariables();
    return {
      kind: this.input.kind, uuid: this.input.uuid, name: this.input.name, containers,
      volumes: [...volumes.values()].filter((volume) => containers.some((c) => c.mounts.some((m) => m.kind === 'volume' && m.volume === volume.name))),
      sharedEnv: [], scheduledTasks: [], secretValues: [...new Set([...this.secretValues(), ...literalSecrets(containers)])], findings: this.findings.all,
    };
  }

  private container(name: string): Container[] {
    const raw = this.services[name];
    if (!isObject(raw)) {
      this.findings.add('invalidValue', 'refused', ['services', name], 'This service is no mapping.', { fix: 'Give it an image.' });
      return [];
    }
    if (isObject(raw['provider'])) {
      this.findings.add('invalidValue', 'refused', ['services', name, 'provider'], 'A provider\'s program makes this service on a laptop or in a cloud; nothing of it can run in the cluster.', { fix: 'Give the others its address in their variables.' });
      return [];
    }
    const active = (this.input.variables.get('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim());
    if (Array.isArray(raw['profiles']) && raw['profiles'].length > 0 && !active.includes('*') && !raw['profiles'].some((profile) => active.includes(scalarText(profile)))) {
      this.findings.add('profile', 'ignored', ['services', name, 'profiles'], 'A service with a profile is not started by `docker compose up`, so it is not started here.');
      for (const key of Object.keys(raw).filter((k) => k !== 'profiles')) this.findings.add('profile', 'ignored', ['services', name, key], 'The service is not started.');
      return [];
    }
    const { environment, ...rest } = raw;
    const service = this.interpolated(rest);
    if (!isObject(service)) return [];
    const withEnvironment: JsonObject = environment === undefined ? service : { ...service, environment };
    const container = readService(name, withEnvironment, {
      service: name, variables: this.variables, findings: this.findings, routes: this.input.routesOf?.(name) ?? this.declared.get(name) ?? [],
      environment: this.input.environmentOf?.(name), envFile: (path) => this.input.readFile?.(path), hostNames: this.hostNames(name, service),
      fileAt: (service_, source, target) => this.input.fileAt?.(service_, source, target), containsSecret: (content) => this.containsSecret(content),
      image: typeof service['image'] === 'string' ? service['image'] : '', imageForBuild: `${this.input.uuid}_${name}:latest`.toLowerCase(), buildArgumentsRun: this.coolify,
    });
    container.mounts.push(...this.configMounts(name, service, 'configs'), ...this.configMounts(name, service, 'secrets'));
    applyProxyLabels(container, environmentEntries(service['labels']).map(([key, value]) => `${key}=${value ?? ''}`), this.findings, ['services', name, 'labels'].join('.'));
    return [container];
  }

  /**
   * Docker's DNS answers for the service key, its aliases, its container name and its `hostname` (moby, buildEndpointDNSNames).
   * A host name with dots is the one that the world knows, and its text is left alone.
   */
  private hostNames(name: string, service: JsonObject): string[] {
    const names = new Set([name]);
    if (isObject(service['networks'])) {
      for (const network of Object.values(service['networks'])) {
        if (isObject(network) && (typeof network['ipv4_address'] === 'string' || typeof network['ipv6_address'] === 'string')) this.findings.add('network', 'approximated', ['services', name, 'networks'], `The cluster gives addresses: nothing reaches it at ${[network['ipv4_address'], network['ipv6_address']].filter((address) => typeof address === 'string').join(' or ')}.`, { fix: 'Let the others ask for it by its name.' });
        if (isObject(network) && Array.isArray(network['aliases'])) for (const alias of network['aliases'].map(scalarText).filter((text) => text !== '')) names.add(alias);
      }
    }
    if (typeof service['container_name'] === 'string') names.add(service['container_name']);
    else for (const generated of this.generatedNames.get(name) ?? []) names.add(generated);
    if (typeof service['hostname'] === 'string' && /^[^.]+$/.test(service['hostname'])) names.add(service['hostname']);
    for (const extra of this.input.extraHostNames?.(name) ?? []) names.add(extra);
    return [...names];
  }

  private interpolated(value: Json): Json {
    if (typeof value === 'string') return value.includes('$') ? this.variables.interpolate(value) : value;
    if (Array.isArray(value)) return value.map((item) => this.interpolated(item));
    // A file's content is Coolify's own key: it is written as it stands, dollars and all.
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'content' ? item : this.interpolated(item)]));
    return value;
  }

  private secretValues(): string[] {
    const generated = [...this.variables.generated].filter(isSecretMagic).map((name) => this.variables.lookup(name) ?? '');
    const known = [...this.input.variables].filter(([name, value]) => isSecretMagic(name) || looksSecret(name, value)).map(([, value]) => value);
    return [...new Set([...generated, ...known])].filter((value) => value.length >= 8);
  }

  private containsSecret(content: string): boolean {
    return this.secretValues().some((value) => content.includes(value));
  }

  private configMounts(name: string, service: JsonObject, kind: 'configs' | 'secrets'): Mount[] {
    const definitions = isObject(this.root[kind]) ? this.root[kind] : {};
    const items = Array.isArray(service[kind]) ? service[kind] : [];
    return items.flatMap((item, index): Mount[] => {
      const source = scalarText(isObject(item) ? item['source'] : item);
      const given = isObject(item) && typeof item['target'] === 'string' ? item['target'] : undefined;
      const target = given === undefined ? (kind === 'secrets' ? `/run/secrets/${source}` : `/${source}`) : given.startsWith('/') ? given : kind === 'secrets' ? `/run/secrets/${given}` : `/${given}`;
      const definition = definitions[source];
      const content = isObject(definition) ? this.definedContent(definition) : undefined;
      const at = ['services', name, kind, String(index)];
      if (content === undefined) this.findings.add('missingFileContent', 'refused', at, `The content of "${source}" is not in the compose file; an empty file stands in its place.`, { fix: 'Write it as content:, or as environment: with the variable set, or put the file beside the compose file.' });
      const modeGiven = isObject(item) ? item['mode'] : undefined;
      const mode = typeof modeGiven === 'number' ? modeGiven : typeof modeGiven === 'string' && /^[0-7]{3,4}$/.test(modeGiven) ? parseInt(modeGiven, 8) : 0o444;
      if (isObject(item) && (item['uid'] !== undefined || item['gid'] !== undefined) && (mode & 0o004) === 0) this.findings.add('key', 'approximated', at, 'Files of a ConfigMap or Secret belong to root; another user reads them by the group (fsGroup) only.', { fix: 'Give the file the mode 0444.' });
      return [{ kind: 'file', content: content ?? '', mode, secret: kind === 'secrets' || this.containsSecret(content ?? '') || holdsPassword(content ?? ''), target, readOnly: true, origin: this.findings.origin(at) }];
    });
  }

  private definedContent(definition: JsonObject): string | undefined {
    if (typeof definition['content'] === 'string') return this.variables.interpolate(definition['content']);
    if (typeof definition['environment'] === 'string') return this.variables.lookup(definition['environment']);
    return typeof definition['file'] === 'string' ? this.input.readFile?.(definition['file']) : undefined;
  }

  private declaredRoutes(name: string): Route[] {
    const service = this.services[name];
    if (!isObject(service)) return [];
    const routes = new Map<string, Route>();
    for (const [key, raw] of environmentEntries(service['environment'])) {
      const domain = domainVariable(key);
      if (domain === undefined || (raw !== null && raw !== '' && !raw.startsWith('/'))) continue;
      const port = domain.port ?? this.headerPort();
      const route: Route = {
        scheme: this.input.wildcardDomain.startsWith('https:') ? 'https' : 'http', host: this.domainOf(name), path: raw?.startsWith('/') === true ? this.variables.interpolate(raw) : '/',
        forceHttps: true, stripPrefix: true, gzip: true, redirect: 'both', noindex: false,
        ...(port === undefined ? {} : { port }), origin: this.findings.origin(['services', name, 'environment', key]),
      };
      const same = routes.get(route.path);
      if (same?.port === undefined || domain.port !== undefined) routes.set(route.path, route);
    }
    return [...routes.values()];
  }

  /** The `# port:` line at the head of a Coolify template. */
  private headerPort(): number | undefined {
    const port = Number(/^#\s*port:\s*(\d+)/m.exec(this.input.text)?.[1]);
    return Number.isInteger(port) && port > 0 ? port : undefined;
  }

  private domainOf(service: string): string {
    const slug = service.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
    return `${slug}-${this.input.uuid}.${this.input.wildcardDomain.replace(/^https?:\/\//, '').replace(/\/.*$/, '')}`.slice(0, 253);
  }

  private urlOf(service: string): string | undefined {
    const known = this.input.routesOf?.(service)[0];
    if (known !== undefined) return `${known.scheme}://${known.host}${known.path === '/' ? '' : known.path}`;
    if (this.input.routesOf !== undefined) return undefined;
    const route = this.declared.get(service)?.[0];
    const scheme = this.input.wildcardDomain.startsWith('https:') ? 'https' : 'http';
    return `${scheme}://${this.domainOf(service)}${route === undefined || route.path === '/' ? '' : route.path}`;
  }

  private decideTopLevel(): void {
    for (const key of this.topLevel) {
      const decision = topLevelKeys[key];
      if (decision !== undefined) this.findings.add('key', decision[0], [key], decision[1] === '' ? 'Same behaviour.' : decision[1], decision[0] === 'refused' ? { fix: 'Put it into this file.' } : {});
      else this.findings.add('key', 'ignored', [key], key.startsWith('x-') ? 'An extension field means nothing to Compose.' : 'No element of the Compose specification.');
    }
  }

  private reportVariables(): void {
    for (const name of [...this.variables.generated].sort()) this.findings.add('generatedValue', 'inferred', [name], `${name} was generated, as Coolify does when a service is created.`, { evidence: 'no value was given' });
    for (const name of [...this.variables.missing].sort()) this.findings.add('missingVariable', 'approximated', [name], `${name} is not set anywhere; it is empty, as Compose would have it.`, { fix: `Set ${name} in Coolify or in the .env file.` });
  }
}

/** Passwords that commands and health checks spell out; a value that is short would be found by chance. */
function literalSecrets(containers: readonly Container[]): string[] {
  const words = containers.flatMap((container) => [container.command, container.entrypoint, container.healthCheck?.test, container.env.map((variable) => variable.value)]);
  return words.flatMap((list) => secretsInWords((list ?? []).flatMap((word) => (/\s--?\w/.test(word) ? word.split(/\s+/) : [word])))).map((value) => value.replace(/^["']|["']$/g, '')).filter((value) => value.length >= 8);
}

/** True for a file that Coolify rewrites: its own names, keys or head lines stand in it. In any other a default holds only where it stands. */
function isCoolifyTemplate(text: string): boolean {
  return /\bSERVICE_(URL|FQDN|USER|PASSWORD|BASE64|REALBASE64|HEX|NAME)_|^#\s*(documentation|slogan):|^\s+(exclude_from_hc|is_directory|isDirectory):/m.test(text);
}

/** An included file's strings with its own variables in them. What is left over is escaped, since the whole project is interpolated once more. */
function interpolatedWith(value: Json, files: readonly string[], input: ComposeInput): Json {
  const own = new Map(files.flatMap((file) => parseDotEnv(input.readFile?.(file) ?? '')));
  if (own.size === 0) return value;
  const put = (item: Json): Json => {
    if (typeof item === 'string') return interpolate(item, (name) => input.variables.get(name) ?? own.get(name)).replaceAll('$', '$$$$');
    if (Array.isArray(item)) return item.map(put);
    return isObject(item) ? Object.fromEntries(Object.entries(item).map(([key, one]) => [key, put(one)])) : item;
  };
  return put(value);
}

/** `volumes_from: [service[:ro]]`: the mounts of another service. */
function expandVolumesFrom(containers: Container[], services: JsonObject): void {
  for (const container of containers) {
    const service = services[container.name];
    const from = isObject(service) && Array.isArray(service['volumes_from']) ? service['volumes_from'].map(scalarText) : [];
    for (const entry of from) {
      if (entry.startsWith('container:')) continue; // A container outside of the stack; said where the key is decided.
      const [name, mode] = entry.split(':');
      const other = containers.find((c) => c.name === name);
      for (const mount of other?.mounts ?? []) {
        if (!container.mounts.some((m) => m.target === mount.target)) container.mounts.push({ ...mount, readOnly: mount.readOnly || mode === 'ro' });
      }
    }
  }
}

/** `links: [service:alias]` gives the service a further name. */
function linkAliases(containers: Container[], services: JsonObject): void {
  for (const container of containers) {
    const service = services[container.name];
    for (const link of isObject(service) && Array.isArray(service['links']) ? service['links'].map(scalarText) : []) {
      const [name, alias] = link.split(':');
      const target = containers.find((c) => c.name === name);
      if (alias !== undefined && target !== undefined && !target.hostNames.includes(alias)) target.hostNames.push(alias);
    }
  }
}

function addMissingVolumes(containers: Container[], volumes: Map<string, Volume>): void {
  for (const mount of containers.flatMap((c) => c.mounts)) {
    if (mount.kind === 'volume' && !volumes.has(mount.volume)) volumes.set(mount.volume, { name: mount.volume, origin: mount.origin });
  }
}
