import * as vscode from 'vscode';
import schema from '../../../schemas/destination.schema.json';
import { ingressOfGateway, type KubernetesDestination } from '../../model/destination';
import type { ClusterProbe } from '../../model/probe';
import type { RegistryLogin } from '../../model/registryLogin';
import type { RegistryLogins } from '../host/registryLogins';
import { ask, choose, type Choice } from './ask';

const { t } = vscode.l10n;

export type Policy = Pick<KubernetesDestination, 'namespace' | 'ingress' | 'tls' | 'storage' | 'registry' | 'name'>;
type Draft = Pick<KubernetesDestination, 'ingress' | 'tls' | 'storage' | 'name'> & Partial<Policy>;

// What the settings' schema takes, so that no answer is underlined there afterwards.
const { namespace: { pattern: dnsLabel }, registry: { properties: { host: { pattern: registryHost }, pullSecret: { pattern: objectName } } } } = schema.properties;
const matches = (pattern: string, typed: string): boolean => new RegExp(pattern, 'u').test(typed);

/** The answers, and apart from them what is a secret. */
export interface Answers { policy: Policy; login?: RegistryLogin }

/** Namespace, ingress, TLS, storage, registry and name, each with what the cluster offers first. Undefined: dismissed. */
export async function askPolicy(title: string, draft: Draft, cluster: ClusterProbe | undefined, taken: readonly string[], logins: RegistryLogins): Promise<Answers | undefined> {
  const namespace = await askNamespace(title, draft.namespace);
  if (namespace === undefined) return undefined;
  const ingress = await askIngress(title, draft.ingress, cluster);
  if (ingress === undefined) return undefined;
  const tls = ingress.kind === 'none' ? { kind: 'none' as const } : await askTls(title, draft.tls, cluster);
  if (tls === undefined) return undefined;
  const storage = await askStorage(title, draft.storage, cluster);
  if (storage === undefined) return undefined;
  const registry = await askRegistry(title, draft.registry);
  if (registry === undefined) return undefined;
  const login = registry === 'none' ? undefined : await askLogin(title, registry.host, await logins.username(registry.host));
  if (login === undefined && registry !== 'none') return undefined;
  const name = await askName(title, draft.name, taken);
  if (name === undefined) return undefined;
  return { policy: { name, ...(namespace !== '' && { namespace }), ingress, tls, storage, ...(registry !== 'none' && { registry }) }, ...(login && { login }) };
}

async function askNamespace(title: string, fixed: string | undefined): Promise<string | undefined> {
  const each = { label: t('One namespace for each resource'), detail: t('Names stay as they are in Docker; recommended'), value: false };
  const one = { label: t('One namespace for all…'), detail: fixed ?? t('Names get a suffix that tells the resources apart'), value: true };
  const choice = await choose(title, t('Namespaces'), fixed === undefined ? [each, one] : [one, each]);
  if (choice !== true) return choice === undefined ? undefined : '';
  return ask({
    title, prompt: t('Namespace'), value: fixed ?? 'coolify',
    problem: (typed) => (matches(dnsLabel, typed) ? undefined : t('Lower-case letters, digits and hyphens, at most 63, beginning and ending with a letter or digit.')),
  });
}

/** The choice that holds what is set stands first. */
function currentFirst<T>(choices: Choice<T>[], isCurrent: (value: T) => boolean): Choice<T>[] {
  return [...choices.filter(({ value }) => isCurrent(value)), ...choices.filter(({ value }) => !isCurrent(value))];
}

type Ingress = KubernetesDestination['ingress'];

function askIngress(title: string, current: Ingress, cluster: ClusterProbe | undefined): Promise<Ingress | undefined> {
  const classes = [...(cluster?.ingressClasses ?? [])].sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
  const traefik = cluster === undefined || cluster.apiGroups.includes('traefik.io');
  const choices: Choice<Ingress>[] = [
    ...classes.map(({ name, controller, isDefault }): Choice<Ingress> => ({ label: t('Ingress class {0}', name), description: isDefault ? t('default') : '', detail: controller, value: { kind: 'ingress', className: name } })),
    ...(traefik ? classesOrOne(classes.filter(({ controller }) => controller.includes('traefik')).map(({ name }) => name)).map((className): Choice<Ingress> => ({
      label: t('Traefik: Ingress with Middlewares'), detail: t('Redirects, prefixes, compression and basic auth as Coolify’s proxy does them'), value: { kind: 'traefik', ...(className !== undefined && { className }) },
    })) : []),
    ...(cluster?.gateways ?? []).map((gateway): Choice<Ingress> => ({ label: t('Gateway {0}', `${gateway.namespace}/${gateway.name}`), description: gateway.className, value: ingressOfGateway(gateway) })),
    ...(classes.length === 0 ? [{ label: t('Ingress of the default class'), detail: cluster === undefined ? '' : t('The cluster has no ingress class yet'), value: { kind: 'ingress' as const } }] : []),
    { label: t('No ingress'), detail: t('Domains lead nowhere; Open works through the tunnel'), value: { kind: 'none' as const } },
  ];
  return choose(title, t('How domains reach the resources'), currentFirst(choices, ({ kind, className, gateway }) => kind === current.kind && className === current.className && gateway?.name === current.gateway?.name));
}

const classesOrOne = (names: readonly string[]): (string | undefined)[] => (names.length === 0 ? [undefined] : names.slice(0, 1));

type Tls = KubernetesDestination['tls'];

async function askTls(title: string, current: Tls, cluster: ClusterProbe | undefined): Promise<Tls | undefined> {
  const issuers = (cluster?.clusterIssuers ?? []).map(({ name, ready }): Choice<Tls | 'issuer' | 'secret'> => ({ label: t('cert-manager: {0}', name), description: ready ? '' : t('not ready'), value: { kind: 'cert-manager', issuer: name } }));
  const choices: Choice<Tls | 'issuer' | 'secret'>[] = [
    ...issuers,
    { label: t('No TLS'), detail: t('Or the ingress controller has a certificate of its own'), value: { kind: 'none' } },
    { label: t('A cert-manager ClusterIssuer…'), value: 'issuer' }, { label: t('A TLS Secret that exists…'), value: 'secret' },
  ];
  const choice = await choose(title, t('Where certificates come from'), currentFirst(choices, (value) => typeof value === 'object' && value.kind === current.kind && value.issuer === current.issuer));
  if (choice === undefined || typeof choice === 'object') return choice;
  const name = await ask({ title, prompt: choice === 'issuer' ? t('Name of the ClusterIssuer') : t('Name of the Secret, in the namespace of each resource'), value: (choice === 'issuer' ? current.issuer : current.secretName) ?? '', problem: nameProblem });
  if (name === undefined) return undefined;
  return choice === 'issuer' ? { kind: 'cert-manager', issuer: name } : { kind: 'secret', secretName: name };
}

const nameProblem = (typed: string): string | undefined => (matches(objectName, typed) ? undefined : t('Lower-case letters, digits, hyphens and dots, beginning and ending with a letter or digit.'));

async function askStorage(title: string, current: KubernetesDestination['storage'], cluster: ClusterProbe | undefined): Promise<KubernetesDestination['storage'] | undefined> {
  const classes = cluster?.storageClasses ?? [];
  const hasDefault = classes.some(({ isDefault }) => isDefault);
  const choices: Choice<string>[] = [
    { label: t('The cluster’s default storage class'), detail: cluster === undefined || hasDefault ? '' : t('The cluster has none: claims would stay pending'), value: '' },
    ...classes.map(({ name, provisioner, isDefault }) => ({ label: name, description: isDefault ? t('default') : '', detail: provisioner, value: name })),
  ];
  const className = classes.length === 0 ? current.className ?? '' : await choose(title, t('Storage class of volumes'), currentFirst(choices, (value) => value === (current.className ?? '')));
  if (className === undefined) return undefined;
  const size = await ask({ title, prompt: t('Size of a volume, in GiB'), value: String(current.sizeGi), problem: (typed) => (/^[1-9]\d{0,4}$/.test(typed) ? undefined : t('A whole number of GiB, such as 10.')) });
  if (size === undefined) return undefined;
  return { sizeGi: Number(size), ...(className !== '' && { className }), ...(current.sharedClassName !== undefined && { sharedClassName: current.sharedClassName }) };
}

async function askRegistry(title: string, current: KubernetesDestination['registry']): Promise<KubernetesDestination['registry'] | 'none'> {
  const none = { label: t('No registry of your own'), detail: t('Images are pulled from where Coolify pulls them'), value: false };
  const own = { label: t('A registry for built and private images…'), detail: current?.host ?? '', value: true };
  const choice = await choose(title, t('Registry'), current === undefined ? [none, own] : [own, none]);
  if (choice !== true) return choice === undefined ? undefined : 'none';
  const host = await ask({ title, prompt: t('Host and path of the registry'), value: current?.host ?? '', placeHolder: 'registry.example.com/team', problem: (typed) => (matches(registryHost, typed) ? undefined : t('Host, port and path only, such as registry.example.com/team.')) });
  if (host === undefined) return undefined;
  const pullSecret = await ask({ title, prompt: t('Name of the pull Secret in the cluster; empty when none is needed'), value: current?.pullSecret ?? '', problem: (typed) => (typed === '' ? undefined : nameProblem(typed)) });
  return pullSecret === undefined ? undefined : { host, ...(pullSecret !== '' && { pullSecret }) };
}

/** An empty user name: nothing is kept here. */
async function askLogin(title: string, host: string, known: string): Promise<RegistryLogin | undefined> {
  const username = await ask({ title, prompt: t('User name at {0}; empty when the server is signed in there itself', host), value: known, problem: (typed) => (typed.includes(':') ? t('A user name has no colon.') : undefined) });
  if (username === undefined || username === '') return username === undefined ? undefined : { host, username, password: '' };
  const password = await ask({ title, prompt: t('Password or token of {0}, kept in the secret storage of the editor', username), password: true, problem: (typed) => (typed === '' ? t('A password is needed.') : undefined) });
  return password === undefined ? undefined : { host, username, password };
}

function askName(title: string, proposal: string, taken: readonly string[]): Promise<string | undefined> {
  const problem = (typed: string): string | undefined => (typed === '' ? t('A name is needed.') : taken.includes(typed) ? t('Another destination has this name.') : undefined);
  return ask({ title, prompt: t('Name of the destination in the tree'), value: proposal, problem });
}
