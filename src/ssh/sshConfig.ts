import { type Directive, matchesList } from './configSyntax';

/** What tokens and patterns are filled with. */
export interface LocalFacts {
  /** Home folder of the local user. */
  home: string;
  localUser: string;
  /** For `${NAME}` in paths. */
  environment: Readonly<Record<string, string | undefined>>;
}

export interface ResolvedHost {
  alias: string;
  /** HostName, or the alias itself. */
  host: string;
  port: number;
  /** Absent when no file names one. */
  user?: string;
  identityFiles: string[];
  identitiesOnly: boolean;
  /** Path of the agent's socket; `none` forbids any; absent: that of the environment. */
  identityAgent?: string;
  /** `[user@]host[:port]`, in the order in which they are passed. */
  proxyJump: string[];
  /** The name under which host keys are looked up. */
  hostKeyAlias?: string;
  /** Absent: the usual ones. */
  knownHostsFiles?: string[];
  /** What the files ask for and is not done, one sentence each. */
  warnings: string[];
}

/**
 * What ssh_config says about a host. The first value of a setting wins, as in OpenSSH; files are given in order (the user's, then the system's).
 * Nothing is run: neither `Match exec` nor ProxyCommand, and both are said in the warnings.
 * @param given what the user chose in the destination; it wins over the files.
 */
export function resolveHost(alias: string, files: readonly (readonly Directive[])[], local: LocalFacts, given: { user?: string; port?: number } = {}): ResolvedHost {
  const state = new Collected(alias, local, given);
  for (const file of files) state.walk(file, true);
  return state.result();
}

/** Settings that decide how a server is reached or trusted, and are not honoured. The others change nothing here. */
const unsupported: Readonly<Record<string, string>> = {
  proxycommand: 'ProxyCommand is never run; use ProxyJump',
  certificatefile: 'certificates are not supported', pkcs11provider: 'PKCS#11 keys are not supported', securitykeyprovider: 'security keys are not supported',
  knownhostscommand: 'KnownHostsCommand is never run', canonicalizehostname: 'host names are not canonicalised', bindaddress: 'BindAddress is not used',
  bindinterface: 'BindInterface is not used', addressfamily: 'AddressFamily is not used', hostkeyalgorithms: 'HostKeyAlgorithms is not used',
  kexalgorithms: 'KexAlgorithms is not used', ciphers: 'Ciphers is not used', macs: 'MACs is not used', pubkeyacceptedalgorithms: 'PubkeyAcceptedAlgorithms is not used',
  remotecommand: 'RemoteCommand is not run', gssapiauthentication: 'GSSAPI is not supported',
};

class Collected {
  private readonly values = new Map<string, string[]>();
  private readonly identityFiles: string[] = [];
  private readonly warnings: string[] = [];

  constructor(private readonly alias: string, private readonly local: LocalFacts, given: { user?: string; port?: number }) {
    if (given.user !== undefined) this.values.set('user', [given.user]);
    if (given.port !== undefined) this.values.set('port', [String(given.port)]);
  }

  /** Blocks of an included file hold within it; the block around the Include holds again after it. */
  walk(directives: readonly Directive[], outer: boolean): void {
    let active = outer;
    for (const directive of directives) {
      const { keyword, args, at, included } = directive;
      if (keyword === '') this.warn(at, args[0] ?? '');
      else if (keyword === 'host') active = outer && matchesList(this.alias, args);
      else if (keyword === 'match') active = outer && this.matches(args, at);
      else if (included !== undefined) for (const file of included) this.walk(file, active);
      else if (active) this.take(directive);
    }
  }

  private take({ keyword, args, at }: Directive): void {
    const [first = ''] = args;
    if (keyword === 'identityfile') { if (!this.identityFiles.includes(first)) this.identityFiles.push(first); return; }
    if (keyword === 'proxyjump' && this.values.has('proxycommand')) return;
    if (keyword === 'proxycommand' && this.values.has('proxyjump')) return;
    if (this.values.has(keyword)) return;
    this.values.set(keyword, args);
    const why = unsupported[keyword];
    if (why !== undefined && !/^(none|no|any|false)$/i.test(first)) this.warn(at, why);
    if (keyword === 'stricthostkeychecking' && /^(no|off|accept-new)$/i.test(first)) this.warn(at, 'host keys are verified all the same');
  }

  private matches(args: readonly string[], at: string): boolean {
    let holds = true;
    const rest = [...args];
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      const negated = word.startsWith('!');
      const [, criterion = '', inline] = /^!?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const kind = criterion.toLowerCase();
      if (kind === 'all') { if (negated) holds = false; continue; }
      if (kind === 'final' || kind === 'canonical') { this.warn(at, `Match ${kind} is not applied`); holds = false; continue; }
      const patterns = (inline ?? rest.shift() ?? '').split(',');
      const subject = this.subject(kind);
      if (subject === undefined) { this.warn(at, kind === 'exec' ? 'Match exec is never run, and its block is not applied' : `Match ${kind} is not known, and its block is not applied`); holds = false; }
      else if (matchesList(subject, patterns) === negated) holds = false;
    }
    return holds;
  }

  private subject(kind: string): string | undefined {
    if (kind === 'host') return this.hostName().toLowerCase();
    if (kind === 'originalhost') return this.alias;
    if (kind === 'user') return this.values.get('user')?.[0] ?? this.local.localUser;
    return kind === 'localuser' ? this.local.localUser : undefined;
  }

  private hostName(): string {
    const name = this.values.get('hostname')?.[0];
    return name === undefined ? this.alias : name.replace(/%([%h])/g, (_all, token: string) => (token === 'h' ? this.alias : '%'));
  }

  result(): ResolvedHost {
    const text = (keyword: string): string | undefined => this.values.get(keyword)?.[0];
    const user = text('user');
    const agent = this.agent(text('identityagent'));
    const jump = this.values.get('proxyjump')?.join('');
    const alias = text('hostkeyalias');
    const known = this.values.get('userknownhostsfile');
    const port = this.port(text('port'));
    const files = (this.identityFiles.filter((file) => file.toLowerCase() !== 'none')).flatMap((file) => this.path(file, port) ?? []);
    return {
      alias: this.alias, host: this.hostName(), port, ...(user !== undefined && { user }),
      identityFiles: files, identitiesOnly: /^(yes|true)$/i.test(text('identitiesonly') ?? ''),
      ...(agent !== undefined && { identityAgent: agent }),
      proxyJump: jump === undefined || jump.toLowerCase() === 'none' ? [] : jump.split(',').map((hop) => hop.trim()).filter((hop) => hop !== ''),
      ...(alias !== undefined && { hostKeyAlias: alias }),
      ...(known && { knownHostsFiles: known.filter((file) => file.toLowerCase() !== 'none').flatMap((file) => this.path(file, port) ?? []) }),
      warnings: this.warnings,
    };
  }

  private agent(value: string | undefined): string | undefined {
    if (value === undefined || value === 'SSH_AUTH_SOCK') return undefined;
    if (value.toLowerCase() === 'none') return 'none';
    return value.startsWith('$') && !value.startsWith('${') ? this.local.environment[value.slice(1)] : this.path(value, 0);
  }

  private port(value: string | undefined): number {
    const port = value === undefined ? 22 : /^\d{1,5}$/.test(value) ? Number(value) : 0;
    if (port >= 1 && port <= 65_535) return port;
    this.warnings.push(`"${value ?? ''}" is no port; 22 is used.`);
    return 22;
  }

  /** `~`, tokens and `${NAME}` filled in; undefined, and said, when one of them is not known. */
  private path(value: string, port: number): string | undefined {
    const user = this.values.get('user')?.[0] ?? this.local.localUser;
    const tokens: Readonly<Record<string, string>> = { '%': '%', d: this.local.home, h: this.hostName(), n: this.alias, p: String(port), r: user, u: this.local.localUser };
    let unknown: string | undefined;
    const fill = (all: string, known: string | undefined): string => { if (known === undefined) unknown = all; return known ?? ''; };
    const filled = value.replace(/^~(?=\/|\\|$)/, () => this.local.home)
      .replace(/\$\{(\w+)\}|%(.)/g, (all, name: string | undefined, token: string | undefined) => fill(all, name === undefined ? tokens[token ?? ''] : this.local.environment[name]));
    if (unknown === undefined && !filled.startsWith('~')) return filled;
    this.warnings.push(`The path ${value} is not used: ${unknown ?? '~'} is not known.`);
    return undefined;
  }

  private warn(at: string, what: string): void {
    this.warnings.push(`${at}: ${what}.`);
  }
}
