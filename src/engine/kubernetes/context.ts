import type { Decision, Finding, Origin } from '../../model/finding';
import type { KubernetesDestination, Neighbours } from '../../model/destination';
import type { Manifest } from '../../model/manifest';
import type { Container, Stack } from '../../model/stack';
import { secretValues } from '../../stack/secretValues';
import { renderCodes } from './findingCodes';
import { containerLabel, labelValue, namespaceName, objectNames, ownerLabel, resourceLabel, shortHash } from './naming';


/** What the parts of a render share: names are decided once, findings gathered in one list. */
export class RenderContext {
  readonly findings: Finding[] = [];
  readonly namespace: string;
  /** Object names by container name. */
  readonly names: Map<string, string>;
  readonly volumeNames: Map<string, string>;
  /** Service names by the name that Docker's DNS answers to. */
  readonly serviceNames: Map<string, string>;
  /** Values that must not stand outside a Secret, longest first: those that are looked for inside of words. */
  readonly secretValues: readonly string[];
  /** The same with shorter ones: a whole variable or file in which one occurs is kept in a Secret. */
  readonly shortSecretValues: readonly string[];
  /** All of them, for places where nothing but a secret stands. */
  readonly allSecretValues: ReadonlySet<string>;
  readonly sharedEnvName: string;
  private readonly suffix: string;

  constructor(readonly stack: Stack, readonly destination: KubernetesDestination, readonly neighbours: Neighbours) {
    this.namespace = destination.namespace ?? namespaceName(stack.name, stack.uuid);
    // Resources that live together in one fixed namespace are told apart by a hash of their uuid.
    const stem = destination.namespace === undefined ? '' : `-${shortHash(stack.uuid, 6)}`;
    this.names = objectNames(stack.containers.map((container) => container.name), 52 - stem.length, stem);
    this.volumeNames = objectNames(claimKeys(stack), 58 - stem.length, stem);
    this.serviceNames = objectNames([...stack.containers.flatMap((container) => container.hostNames), ...neighbours.keys()], 63 - stem.length, stem);
    this.sharedEnvName = `shared-env${stem}`;
    this.allSecretValues = new Set(secretValues(stack));
    this.shortSecretValues = sought(stack);
    this.secretValues = this.shortSecretValues.filter((value) => value.length >= shortestInWords || /[a-z]/i.test(value) && /\d/.test(value));
    this.suffix = labelValue(stack.uuid);
  }

  nameOf(container: string): string {
    return this.names.get(container) ?? container;
  }

  serviceName(host: string): string {
    return this.serviceNames.get(host) ?? host;
  }

  labels(container?: Container): Record<string, string> {
    return { [ownerLabel]: 'coolify-kubernetes', [resourceLabel]: this.suffix, ...(container === undefined ? {} : { 'app.kubernetes.io/name': labelValue(this.nameOf(container.name)) }) };
  }

  /** Never holds what a user can edit. */
  selector(container: string): Record<string, string> {
    return { [resourceLabel]: this.suffix, [containerLabel]: labelValue(this.nameOf(this.podOf(container))) };
  }

  /** The container in whose pod another one runs (`network_mode: service:x`). */
  podOf(name: string): string {
    const seen = new Set<string>();
    let at = name;
    for (;;) {
      const owner = this.stack.containers.find((container) => container.name === at)?.sharesNetworkOf;
      if (owner === undefined || seen.has(owner) || !this.names.has(owner)) return at;
      seen.add(at);
      at = owner;
    }
  }

  object(apiVersion: string, kind: string, name: string, rest: Omit<Manifest, 'apiVersion' | 'kind' | 'metadata'>, container?: Container): Manifest {
    return { apiVersion, kind, metadata: { name, namespace: this.namespace, labels: this.labels(container) }, ...rest };
  }

  find(code: keyof typeof renderCodes, decision: Decision, origin: Origin, message: string, more: { evidence?: string; fix?: string } = {}): void {
    const severity = decision === 'refused' ? 'error' : decision === 'approximated' ? 'warning' : 'info';
    this.findings.push({ code: renderCodes[code], decision, severity, origin, message, ...more });
  }
}

/** One key for each claim: a volume, or a directory of Coolify's server. */
function claimKeys(stack: Stack): string[] {
  return [...new Set(stack.containers.flatMap((container) => container.mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volume] : mount.kind === 'directory' ? [mount.id] : []))))];
}

/** Below these lengths a value would be found by chance; one of letters and figures is no word. */
const shortestSecret = 6;
const shortestInWords = 8;

/** Longest first, so that the longer is not cut up by the shorter. */
function sought(stack: Stack): string[] {
  const names = publicNames(stack);
  return secretValues(stack).filter((value) => value.length >= shortestSecret && !names.has(value)).sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

/**
 * Plain words that stand in the open anyway: names of services and images, users and databases. A password that equals one of them
 * (`postgres`) is kept in its Secret, but the word is left alone where it means something else.
 */
function publicNames(stack: Stack): Set<string> {
  const variables = [...stack.sharedEnv, ...stack.containers.flatMap((container) => container.env)].filter(({ name, secret }) => !secret && /(USER|USERNAME|DB|DB_?NAME|DATABASE|DATABASE_NAME|HOST|SCHEMA|BUCKET|VHOST)$/i.test(name));
  const names = [...variables.map(({ value }) => value), ...stack.containers.flatMap((container) => [container.name, ...container.hostNames, ...container.image.split(/[/:@]/)])];
  return new Set(names.filter((name) => /^[A-Za-z][a-z_-]{0,15}$/.test(name)));
}
