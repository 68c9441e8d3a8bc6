import { homedir, userInfo } from 'node:os';
import type { KubernetesDestination } from '../model/destination';
import type { RegistryLogin } from '../model/registryLogin';
import { type Connection, connectHost, expandHome, type HostContext, memoryHostKeys, readSshConfig, withKnownHosts } from '../ssh';
import { isObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { readDestinationFile } from './destinationFile';
import { readText } from './textFile';

/** Where the command line deploys to: a destination file with its `ssh` part. */
export interface Target {
  destination: KubernetesDestination;
  host: string;
  connect: (signal: AbortSignal) => Promise<Connection>;
}

/** A string says what is wrong with the file. */
export function readTarget(file: string | undefined): Target | string {
  if (file === undefined) return 'Name a destination file with --destination; its ssh part says where to deploy.';
  const base = readDestinationFile(file);
  if (typeof base === 'string') return base;
  if (base.ssh === undefined) return `${file}: ssh.host is missing.`;
  const { host, identityFile } = base.ssh;
  // What the file leaves open is for the SSH configuration to say.
  const text = readText(file);
  const yaml = typeof text === 'string' ? readYaml(text) : undefined;
  const written = yaml !== undefined && !('kind' in yaml) && isObject(yaml.value) && isObject(yaml.value['ssh']) ? yaml.value['ssh'] : {};
  const { user, port } = written;
  const destination: KubernetesDestination = { ...base, applyWith: 'server' };
  const key = process.env['SSH_KEY_FILE'] ?? identityFile;
  const target = { host, ...(typeof user === 'string' && { user }), ...(port !== undefined && { port: Number(port) }), ...(key !== undefined && { identityFile: expandHome(key, homedir()) }) };
  return { destination, host, connect: async (signal) => ({ ...await connectHost(target, await hostContext(signal)), sudo: { ask: sudoPassword } }) };
}

/** Nobody can be asked, so only a host key that is known already is trusted. */
async function hostContext(signal: AbortSignal): Promise<HostContext> {
  const home = homedir();
  const known = process.env['SSH_KNOWN_HOSTS_FILE'];
  const passphrase = process.env['SSH_PASSPHRASE_FILE'];
  const own = memoryHostKeys();
  return {
    config: await readSshConfig(home), local: { home, localUser: userInfo().username, environment: process.env },
    hostKeys: known === undefined ? own : withKnownHosts(own, [known]), confirmHostKey: () => Promise.resolve(false), signal,
    ...(passphrase !== undefined && { passphrase: () => Promise.resolve(secretFile(passphrase)) }),
  };
}

/** Nobody can be asked a second time. */
function sudoPassword(wrong: boolean): Promise<string | undefined> {
  const file = process.env['SUDO_PASSWORD_FILE'];
  return Promise.resolve(wrong || file === undefined ? undefined : secretFile(file));
}

/** How to sign in to the destination's registry, for a plan; nothing where no password is given. */
export function registryLogin({ registry }: KubernetesDestination): { registry?: RegistryLogin & { pullSecret?: string } } {
  const { REGISTRY_USERNAME: username, REGISTRY_PASSWORD_FILE: file } = process.env;
  if (registry === undefined || username === undefined || file === undefined) return {};
  return { registry: { ...registry, username, password: secretFile(file) } };
}

/** The first line of a file, without its end. */
export function secretFile(file: string): string {
  const text = readText(file);
  if (typeof text === 'object') throw new Error(`${file}: ${text.problem}`);
  return text.split(/\r?\n/)[0] ?? '';
}
