import type { Manifest } from '../../src/model/manifest';
import type { ComposeProject, ComposeService } from '../harness/composeModel';

/**
 * Asks of manifests whether a compose project arrived whole. It shares no code with the translator: the project comes from
 * Docker's own library, and the manifests are read as the kubelet and the cluster's DNS would read them.
 */
export interface Problem { kind: string; service: string; detail: string }

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : {});
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : []);
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const slug = (name: string): string => { const s = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, ''); return /^[a-z]/.test(s) ? s : `s-${s}`; };

interface Pod { kind: string; name: string; labels: Fields; spec: Fields }
interface Running { pod: Pod; spec: Fields }

const long = ['Deployment', 'StatefulSet', 'DaemonSet'];

function podsOf(manifests: readonly Manifest[]): Pod[] {
  return manifests.flatMap((manifest): Pod[] => {
    const spec = fields(fields(manifest)['spec']);
    if (![...long, 'Job', 'Pod'].includes(manifest.kind)) return [];
    const template = manifest.kind === 'Pod' ? fields(manifest) : fields(spec['template']);
    return [{ kind: manifest.kind, name: manifest.metadata.name, labels: fields(fields(template['metadata'])['labels']), spec: fields(template['spec']) }];
  });
}

class Objects {
  constructor(private readonly manifests: readonly Manifest[]) {}
  named(kind: string, name: unknown): Fields { return fields(this.manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)); }
  all(kind: string): Fields[] { return this.manifests.filter((manifest) => manifest.kind === kind).map(fields); }
  /** The text of a key in a ConfigMap or Secret. */
  entry(kind: 'ConfigMap' | 'Secret', name: unknown, key: unknown): string | undefined {
    const object = this.named(kind, name);
    const data = fields(object['data'])[String(key)];
    const text = fields(object['stringData'])[String(key)];
    if (typeof text === 'string') return text;
    if (typeof data !== 'string') { const binary = fields(object['binaryData'])[String(key)]; return typeof binary === 'string' ? Buffer.from(binary, 'base64').toString('latin1') : undefined; }
    return kind === 'Secret' ? Buffer.from(data, 'base64').toString() : data;
  }
  keys(kind: 'ConfigMap' | 'Secret', name: unknown): string[] { const object = this.named(kind, name); return Object.keys({ ...fields(object['data']), ...fields(object['stringData']) }); }
}

/** `$(NAME)` and `$$` as the kubelet expands them (k8s.io/kubernetes third_party/forked/golang/expansion). */
export function kubeletExpansion(text: string, variables: ReadonlyMap<string, string>): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '$' || i + 1 >= text.length) { result += text[i]; continue; }
    if (text[i + 1] === '$') { result += '$'; i += 1; continue; }
    const end = text[i + 1] === '(' ? text.indexOf(')', i) : -1;
    if (end < 0) { result += text[i]; continue; }
    const name = text.slice(i + 2, end);
    result += variables.get(name) ?? `$(${name})`;
    i = end;
  }
  return result;
}

function environmentOf(container: Fields, objects: Objects): Map<string, string> {
  const variables = new Map<string, string>();
  for (const from of list(container['envFrom'])) {
    for (const [kind, ref] of [['Secret', fields(from['secretRef'])['name']], ['ConfigMap', fields(from['configMapRef'])['name']]] as const) {
      if (ref !== undefined) for (const key of objects.keys(kind, ref)) variables.set(key, objects.entry(kind, ref, key) ?? '');
    }
  }
  for (const variable of list(container['env'])) {
    const source = fields(variable['valueFrom']);
    const secret = fields(source['secretKeyRef']);
    const map = fields(source['configMapKeyRef']);
    const value = secret['name'] !== undefined ? objects.entry('Secret', secret['name'], secret['key']) : map['name'] !== undefined ? objects.entry('ConfigMap', map['name'], map['key'])
      : kubeletExpansion(String(variable['value'] ?? ''), variables);
    if (value !== undefined) variables.set(String(variable['name']), value);
  }
  return variables;
}

export interface WholenessOptions {
  /** Names that are not compared: what the engine itself decides. */
  ignoreVariables?: RegExp;
  /** Values that may stand in Secrets only. */
  secrets?: readonly string[];
  /** Contents of files by `service:target`. */
  files?: ReadonlyMap<string, string>;
  namespace?: string;
}

export function wholenessProblems(project: ComposeProject, manifests: readonly Manifest[], options: WholenessOptions = {}): Problem[] {
  return new Checker(project, manifests, options).run();
}

const secretVariable = /PASS(WORD|WD|PHRASE)?($|_)|PASSWORD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY/i;
const noSecretVariable = /_(FILE|PATH|URL|URI|HOST|PORT|USER|USERNAME|NAME|ID|ENABLED?|EXPIR\w*|TTL|LENGTH|ALGORITHM|METHOD|TYPE|LIFETIME|DURATION|REQUIRED|POLICY|HEADER|ISSUER|AGE|MINUTES|SECONDS|HOURS|DAYS|SERVICE|COST|ROUNDS)$|ALLOW_EMPTY|^(SERVICE_(NAME|FQDN|URL)|COOLIFY)_|RANDOM|DISABLE|ENABLE|^NO_/i;

class Checker {
  private readonly problems: Problem[] = [];
  private readonly objects: Objects;
  private readonly pods: Pod[];
  private readonly services: [string, ComposeService][];
  private readonly running = new Map<string, Running>();
  private readonly claims = new Map<string, string>();
  private readonly rewritten: [RegExp, string][];

  constructor(private readonly project: ComposeProject, private readonly manifests: readonly Manifest[], private readonly options: WholenessOptions) {
    this.objects = new Objects(manifests);
    this.pods = podsOf(manifests);
    this.services = Object.entries(project.services ?? {}).filter(([, service]) => service.provider === undefined);
    const names = this.services.flatMap(([name, service]) => namesOf(name, service)).filter((name) => slug(name) !== name);
    this.rewritten = [...new Set(names)].map((name) => [new RegExp(`(?<![A-Za-z0-9_.-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![A-Za-z0-9_.-])`, 'g'), slug(name)]);
  }

  run(): Problem[] {
    for (const [name, service] of this.services) this.find(name, service);
    for (const [name, service] of this.services) {
      const running = this.running.get(name);
      if (running !== undefined) this.service(name, service, running);
    }
    this.secrets();
    return this.problems;
  }

  private bad(kind: string, service: string, detail: string): void { this.problems.push({ kind, service, detail: detail.slice(0, 300) }); }

  /** A name that a Service cannot have is written in another way everywhere. */
  private same(expected: string, actual: string | undefined): boolean {
    if (actual === undefined || expected === actual) return actual !== undefined;
    const plain = (text: string): string => this.rewritten.reduce((result, [from, to]) => result.replace(from, to), text);
    return plain(expected) === plain(actual);
  }

  private find(name: string, service: ComposeService): void {
    const candidates = this.pods.flatMap((pod) => list(pod.spec['containers']).map((spec): Running => ({ pod, spec })));
    const found = candidates.find(({ spec }) => spec['name'] === name || spec['name'] === slug(name)) ?? candidates.filter(({ spec }) => spec['image'] === service.image)[0];
    if (found === undefined) this.bad('not running', name, 'no workload has its container');
    else this.running.set(name, found);
  }

  private service(name: string, service: ComposeService, running: Running): void {
    const { pod, spec } = running;
    if (service.image !== undefined && spec['image'] !== service.image) this.bad('image', name, `${String(spec['image'])} instead of ${service.image}`);
    const variables = environmentOf(spec, this.objects);
    this.environment(name, service, variables);
    this.words(name, 'command', service.entrypoint, spec['command'], variables);
    this.words(name, 'args', service.command, spec['args'], variables);
    this.health(name, service, running, variables);
    this.process(name, service, running);
    this.mounts(name, service, running);
    this.kindOf(name, service, pod);
    for (const host of namesOf(name, service)) this.resolves(name, host, pod, undefined);
    this.peers(name, service, variables);
    if (spec['livenessProbe'] !== undefined) this.bad('liveness', name, 'Docker does not restart what is unhealthy');
  }

  private environment(name: string, service: ComposeService, actual: ReadonlyMap<string, string>): void {
    for (const [key, value] of Object.entries(service.environment ?? {})) {
      if (value === null || this.options.ignoreVariables?.test(key) === true) continue;
      if (!this.same(value, actual.get(key))) this.bad('environment', name, `${key}: ${JSON.stringify(actual.get(key))} instead of ${JSON.stringify(value)}`);
    }
  }

  private words(name: string, field: string, expected: readonly string[] | null | undefined, actual: unknown, variables: ReadonlyMap<string, string>): void {
    if (expected === null || expected === undefined || (expected.length === 0 && actual === undefined)) return;
    const words = actual === undefined ? undefined : strings(actual).map((word) => kubeletExpansion(word, variables));
    if (words?.length !== expected.length || expected.some((word, index) => !this.same(word, words[index]))) this.bad(field, name, `${JSON.stringify(words)} instead of ${JSON.stringify(expected)}`);
  }

  private health(name: string, service: ComposeService, { pod, spec }: Running, variables: ReadonlyMap<string, string>): void {
    const check = service.healthcheck;
    const test = check?.test ?? [];
    const none = check === undefined || check.disable === true || test.length === 0 || test[0] === 'NONE';
    const probes = ['readinessProbe', 'startupProbe'];
    const start = goSeconds(check?.start_period) ?? 0;
    if (none) {
      for (const probe of probes) if (spec[probe] !== undefined) this.bad('health', name, `a ${probe} that nobody asked for`);
      return;
    }
    if (pod.kind === 'Job') return;
    const expected = test[0] === 'CMD-SHELL' ? ['/bin/sh', '-c', ...test.slice(1)] : test[0] === 'CMD' ? test.slice(1) : test;
    for (const probe of probes) {
      if (probe === 'startupProbe' && start === 0 && spec[probe] === undefined) continue;
      const definition = fields(spec[probe]);
      const command = fields(definition['exec'])['command'];
      if (command === undefined) { this.bad('health', name, `no ${probe}`); continue; }
      const actual = strings(command);
      const literal = actual.length === expected.length && expected.every((word, index) => this.same(word, actual[index]) || (index === 0 && ['sh', '/bin/sh'].includes(actual[0] ?? '')));
      if (!literal && !this.sameInShell(actual, expected, variables)) this.bad('health', name, `${probe} ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
      const seconds = (text: string | undefined, fallback: number): number => { const s = goSeconds(text); return s === undefined || s === 0 ? fallback : Math.max(1, Math.ceil(s)); };
      const interval = probe === 'startupProbe' ? Math.min(seconds(check.interval, 30), seconds(check.start_interval, 5)) : seconds(check.interval, 30);
      if (definition['periodSeconds'] !== interval) this.bad('health', name, `${probe} every ${String(definition['periodSeconds'])} s, not ${check.interval ?? '30s'}`);
      if (definition['timeoutSeconds'] !== seconds(check.timeout, 30)) this.bad('health', name, `${probe} timeout ${String(definition['timeoutSeconds'])}, not ${check.timeout ?? '30s'}`);
      const retries = check.retries ?? 3;
      const failures = Number(definition['failureThreshold'] ?? 3);
      if (probe === 'readinessProbe' ? failures !== (retries === 0 ? 3 : retries) : failures * interval < 86_400 * 365) this.bad('health', name, `${probe} fails after ${String(failures)}`);
    }
  }

  /** A probe with a secret in it is run by a shell that puts the secret in. */
  private sameInShell(actual: readonly string[], expected: readonly string[], variables: ReadonlyMap<string, string>): boolean {
    const script = actual[2];
    if (actual.length !== 3 || script === undefined || actual[1] !== '-c') return false;
    const filled = script.replace(/"?\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?"?/g, (whole: string, key: string) => variables.get(key) ?? whole);
    const plain = (text: string): string => text.replace(/['"\\\s]/g, '');
    const wanted = expected[1] === '-c' ? expected.slice(2).join(' ') : `exec ${expected.join(' ')}`;
    const wantedFilled = wanted.replace(/"?\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?"?/g, (whole: string, key: string) => variables.get(key) ?? whole);
    return this.same(plain(wantedFilled), plain(filled));
  }

  private process(name: string, service: ComposeService, { pod, spec }: Running): void {
    const security = fields(spec['securityContext']);
    const podSecurity = fields(pod.spec['securityContext']);
    const check = (what: string, wanted: unknown, given: unknown): void => { if (wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(given)) this.bad('process', name, `${what}: ${JSON.stringify(given)} instead of ${JSON.stringify(wanted)}`); };
    check('workingDir', service.working_dir, spec['workingDir']);
    const user = /^(\d+|root)(?::(\d+|root))?$/.exec(service.user ?? '');
    const id = (text: string | undefined): number | undefined => (text === undefined ? undefined : text === 'root' ? 0 : Number(text));
    if (user !== null) {
      check('runAsUser', id(user[1]), security['runAsUser'] ?? podSecurity['runAsUser']);
      check('runAsGroup', id(user[2]), security['runAsGroup'] ?? podSecurity['runAsGroup']);
    } else if (service.user !== undefined && service.user !== '' && security['runAsUser'] === undefined) this.bad('user name', name, service.user);
    check('privileged', service.privileged === true ? true : undefined, security['privileged']);
    check('read_only', service.read_only === true ? true : undefined, security['readOnlyRootFilesystem']);
    const capabilities = fields(security['capabilities']);
    const names = (items: readonly string[] | undefined): string[] => [...new Set((items ?? []).map((item) => item.toUpperCase().replace(/^CAP_/, '')))].sort();
    if ((service.cap_add ?? []).length > 0) check('cap_add', names(service.cap_add), strings(capabilities['add']).sort());
    if ((service.cap_drop ?? []).length > 0) check('cap_drop', names(service.cap_drop), strings(capabilities['drop']).sort());
    check('tty', service.tty === true ? true : undefined, spec['tty']);
    check('stdin', service.stdin_open === true ? true : undefined, spec['stdin']);
    if (service.hostname !== undefined && /^[a-z0-9-]+$/.test(service.hostname) && service.network_mode?.startsWith('service:') !== true) check('hostname', service.hostname, pod.spec['hostname']);
    check('hostNetwork', service.network_mode === 'host' ? true : undefined, pod.spec['hostNetwork']);
    check('hostPID', service.pid === 'host' ? true : undefined, pod.spec['hostPID']);
    check('grace', service.stop_grace_period === undefined ? 10 : Math.ceil(goSeconds(service.stop_grace_period) ?? 10), pod.spec['terminationGracePeriodSeconds']);
    if (service.sysctls !== undefined) check('sysctls', Object.entries(service.sysctls).map(([key, value]) => ({ name: key, value: String(value) })), podSecurity['sysctls']);
    const groups = (service.group_add ?? []).filter((group) => /^\d+$/.test(group)).map(Number);
    if (groups.length > 0) check('group_add', groups, podSecurity['supplementalGroups']);
    const limits = fields(fields(spec['resources'])['limits']);
    const memory = Number(service.deploy?.resources?.limits?.memory ?? service.mem_limit ?? 0);
    if (memory > 0) check('memory limit', memory, quantity(limits['memory']));
    const cpus = Number(service.deploy?.resources?.limits?.cpus ?? service.cpus ?? 0);
    if (cpus > 0) check('cpu limit', Math.round(cpus * 1000), Math.round(quantity(limits['cpu']) * 1000));
    if (service.platform?.includes('/') === true) check('platform', service.platform.split('/')[1], fields(pod.spec['nodeSelector'])['kubernetes.io/arch']);
    if ((service.security_opt ?? []).some((option) => /^no-new-privileges([:=]true)?$/.test(option)) && service.privileged !== true) check('no-new-privileges', false, security['allowPrivilegeEscalation']);
  }

  private mounts(name: string, service: ComposeService, { pod, spec }: Running): void {
    const at = new Map(list(spec['volumeMounts']).map((mount): [string, Fields] => [trim(String(mount['mountPath'])), mount]));
    for (const mount of service.volumes ?? []) {
      const found = at.get(trim(mount.target));
      if (/docker\.sock$/.test(`${mount.source ?? ''}`) || /docker\.sock$/.test(mount.target)) continue;
      if (found === undefined) { this.bad('mount', name, `nothing at ${mount.target} (${mount.type} ${mount.source ?? ''})`); continue; }
      const volume = fields(list(pod.spec['volumes']).find((item) => item['name'] === found['name']));
      if (mount.read_only === true && found['readOnly'] !== true) this.bad('mount', name, `${mount.target} is not read-only`);
      if (mount.type === 'volume') this.claim(name, mount.source ?? `${name}:${mount.target}`, fields(volume['persistentVolumeClaim'])['claimName'], `${String(found['subPath'] ?? '')}${mount.volume?.subpath === undefined ? '' : ` for ${mount.volume.subpath}`}`);
      const content = this.options.files?.get(`${name}:${mount.target}`);
      if (content !== undefined) this.content(name, mount.target, content, found, volume);
    }
    for (const entry of service.tmpfs ?? []) if (at.get(trim(entry.split(':')[0] ?? '')) === undefined) this.bad('mount', name, `no memory at ${entry}`);
    if (Number(service.shm_size ?? 0) > 0 && at.get('/dev/shm') === undefined) this.bad('mount', name, 'no /dev/shm');
    for (const kind of ['configs', 'secrets'] as const) {
      for (const item of service[kind] ?? []) {
        const definition = this.project[kind]?.[item.source];
        const target = item.target === undefined ? (kind === 'secrets' ? `/run/secrets/${item.source}` : `/${item.source}`) : item.target.startsWith('/') ? item.target : kind === 'secrets' ? `/run/secrets/${item.target}` : `/${item.target}`;
        if (definition?.content === undefined) continue;
        const found = at.get(target);
        if (found === undefined) this.bad('mount', name, `no ${kind} at ${target}`);
        else this.content(name, target, definition.content, found, fields(list(pod.spec['volumes']).find((volume) => volume['name'] === found['name'])));
      }
    }
  }

  /** Equal volumes are one claim and different ones are two; a sub-path is part of what is shared. */
  private claim(name: string, key: string, claim: unknown, subPath: string): void {
    if (typeof claim !== 'string' || Object.keys(this.objects.named('PersistentVolumeClaim', claim)).length === 0) { this.bad('volume', name, `${key} is no claim that exists`); return; }
    const seen = this.claims.get(key);
    const identity = `${claim} ${subPath}`;
    if (seen !== undefined && seen !== identity && !subPath.includes(' for ')) this.bad('volume', name, `${key} is ${identity} here and ${seen} elsewhere`);
    for (const [other, value] of this.claims) if (other !== key && value.split(' ')[0] === claim) this.bad('volume', name, `${key} and ${other} are one claim`);
    if (!subPath.includes(' for ')) this.claims.set(key, identity);
  }

  private content(name: string, target: string, expected: string, mount: Fields, volume: Fields): void {
    const map = fields(volume['configMap']);
    const secret = fields(volume['secret']);
    const key = (items: unknown): unknown => (mount['subPath'] === undefined ? undefined : list(items).find((item) => item['path'] === mount['subPath'])?.['key'] ?? mount['subPath']);
    const actual = map['name'] !== undefined ? this.objects.entry('ConfigMap', map['name'], key(map['items'])) : secret['secretName'] !== undefined ? this.objects.entry('Secret', secret['secretName'], key(secret['items'])) : undefined;
    if (!this.same(expected, actual)) this.bad('content', name, `${target}: ${JSON.stringify((actual ?? '').slice(0, 80))} instead of ${JSON.stringify(expected.slice(0, 80))}`);
  }

  private kindOf(name: string, service: ComposeService, pod: Pod): void {
    const awaited = this.services.some(([, other]) => other.depends_on?.[name]?.condition === 'service_completed_successfully');
    if (awaited && pod.kind !== 'Job') this.bad('one-shot', name, `runs as ${pod.kind}`);
    const once = service.restart === 'no' || service.deploy?.restart_policy?.condition === 'none' || /^on-failure/.test(service.restart ?? '');
    // What is restarted after failures may as well never end: a server that others wait for, or that they connect to.
    const asked = this.services.some(([other, definition]) => other !== name && (definition.depends_on?.[name] !== undefined || Object.values(definition.environment ?? {}).some((value) => value === name || value?.includes(`//${name}`) === true || value?.includes(`@${name}`) === true)));
    const worker = /^on-failure/.test(service.restart ?? '') && /worker|sidekiq|celery|server|serve|beat|bot/i.test([name, ...service.command ?? [], ...service.entrypoint ?? []].join(' '));
    const serves = (service.ports ?? []).length > 0 || (service.expose ?? []).length > 0 || service.healthcheck !== undefined || asked || worker;
    if (once && !awaited && !serves && pod.kind !== 'Job') this.bad('one-shot', name, `restart: ${service.restart ?? ''} runs as ${pod.kind}`);
    if (!once && !awaited && pod.kind === 'Job') this.bad('one-shot', name, 'ends although it should stay');
    if (service.deploy?.mode === 'global' && pod.kind !== 'DaemonSet') this.bad('kind', name, `global runs as ${pod.kind}`);
  }

  private resolves(name: string, host: string, pod: Pod, port: number | undefined): void {
    const service = [host, slug(host)].map((candidate) => this.objects.named('Service', candidate)).find((object) => Object.keys(object).length > 0);
    if (service === undefined) { this.bad('name', name, `no Service answers to ${host}`); return; }
    const spec = fields(service['spec']);
    const selector = Object.entries(fields(spec['selector']));
    if (selector.length === 0 || !selector.every(([key, value]) => pod.labels[key] === value)) { this.bad('selector', name, `the Service ${host} does not select its pod`); return; }
    const others = this.pods.filter((other) => other !== pod && selector.every(([key, value]) => other.labels[key] === value));
    const shared = this.services.filter(([other, definition]) => namesOf(other, definition).includes(host)).length > 1;
    if (others.length > 0 && !shared) this.bad('selector', name, `the Service ${host} selects ${others.map((other) => other.name).join(', ')} too`);
    if (port !== undefined && spec['clusterIP'] !== 'None' && !list(spec['ports']).some((item) => item['port'] === port && (item['targetPort'] ?? port) === port)) this.bad('port', name, `${host}:${String(port)} is not open`);
  }

  /** Hosts with ports that the variables and the command name. */
  private peers(name: string, service: ComposeService, variables: ReadonlyMap<string, string>): void {
    const texts = [...Object.values(service.environment ?? {}).filter((value): value is string => value !== null), ...(service.command ?? []), ...(service.entrypoint ?? [])];
    for (const [peer, definition] of this.services) {
      const running = this.running.get(peer);
      if (running === undefined) continue;
      for (const host of namesOf(peer, definition)) {
        const at = new RegExp(`(?<![A-Za-z0-9_./-])${host.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d{2,5})(?![\\d.])`, 'g');
        for (const text of texts) for (const match of text.matchAll(at)) if (Number(match[1]) < 65_536) this.resolves(name, host, running.pod, Number(match[1]));
        for (const [key, value] of Object.entries(service.environment ?? {})) {
          const port = value === host ? service.environment?.[key.replace(/(HOST|HOSTNAME|SERVER|ADDRESS)$/, 'PORT')] : undefined;
          if (port != null && /^\d{2,5}$/.test(port)) this.resolves(name, host, running.pod, Number(port));
        }
      }
    }
    void variables;
  }

  private secrets(): void {
    const text = JSON.stringify(this.manifests.filter((manifest) => manifest.kind !== 'Secret'), (key, value: unknown) => (['image', 'name', 'metadata', 'claimName', 'namespace'].includes(key) ? undefined : value));
    for (const secret of this.options.secrets ?? []) if (secret.length >= 8 && text.includes(JSON.stringify(secret).slice(1, -1))) this.bad('secret', '', `${secret.slice(0, 4)}… stands outside a Secret`);
    for (const [name] of this.services) {
      for (const variable of list(this.running.get(name)?.spec['env'])) {
        const key = String(variable['name']);
        const value = String(variable['value'] ?? '');
        if (value !== '' && secretVariable.test(key) && !noSecretVariable.test(key) && !/^(true|false|yes|no|on|off|none|null)$/i.test(value)) this.bad('secret', name, `${key}=${value} stands outside a Secret`);
        if (/[a-z]:\/\/[^\s/:@]*:[^\s/@$]+@/i.test(value)) this.bad('secret', name, `${key} holds a password in its URL`);
      }
    }
  }
}

/** Every name by which Docker's DNS answers. */
function namesOf(name: string, service: ComposeService): string[] {
  const aliases = Object.values(service.networks ?? {}).flatMap((network) => network?.aliases ?? []);
  return [...new Set([name, ...(service.container_name === undefined ? [] : [service.container_name]), ...aliases])];
}

function trim(path: string): string { return path.length > 1 ? path.replace(/\/+$/, '') : path; }

function goSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, 'µs': 1e-6, ns: 1e-9 };
  return [...text.matchAll(/([\d.]+)(h|ms|us|µs|ns|m|s)/g)].reduce((sum, match) => sum + Number(match[1]) * (units[match[2] ?? ''] ?? 0), 0);
}

function quantity(value: unknown): number {
  const match = /^([\d.]+)(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/.exec(String(value ?? '0'));
  const units: Record<string, number> = { m: 1e-3, k: 1e3, Ki: 2 ** 10, M: 1e6, Mi: 2 ** 20, G: 1e9, Gi: 2 ** 30, T: 1e12, Ti: 2 ** 40 };
  return match === null ? NaN : Number(match[1]) * (units[match[2] ?? ''] ?? 1);
}
