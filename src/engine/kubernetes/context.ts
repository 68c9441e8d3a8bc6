import type { Decision, Finding, Origin } from '../../model/finding';
import type { KubernetesDestination, Neighbours } from '../../model/destination';
import type { Manifest } from '../../model/manifest';
import type { Container, Stack } from '../../model/stack';
import { containerLabel, labelValue, namespaceName, objectNames, ownerLabel, resourceLabel } from './naming';

/** Every code of this back end. */
export const renderCodes = {
  hostRewritten: 'CK2001', portInferred: 'CK2002', headless: 'CK2003', routing: 'CK2004', dependency: 'CK2005', volume: 'CK2006', copyUp: 'CK2007',
  user: 'CK2008', security: 'CK2009', published: 'CK2010', secretWord: 'CK2011', fileTooLarge: 'CK2012', name: 'CK2013', network: 'CK2014', replicas: 'CK2015',
} as const;

/** What the parts of a render share: names are decided once, findings gathered in one list. */
export class RenderContext {
  readonly findings: Finding[] = [];
  readonly namespace: string;
  /** Object names by container name. */
  readonly names: Map<string, string>;
  readonly volumeNames: Map<string, string>;
  private readonly suffix: string;

  constructor(readonly stack: Stack, readonly destination: KubernetesDestination, readonly neighbours: Neighbours) {
    this.namespace = destination.namespace ?? namespaceName(stack.name, stack.uuid);
    this.names = objectNames(stack.containers.map((container) => container.name));
    this.volumeNames = objectNames(claimKeys(stack), 58);
    this.suffix = labelValue(stack.uuid);
  }

  nameOf(container: string): string {
    return this.names.get(container) ?? container;
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
