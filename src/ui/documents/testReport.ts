import type { AccessRule } from '../../cluster';
import type { KubernetesDestination } from '../../model/destination';
import type { Manifest } from '../../model/manifest';
import type { ServerProbe } from '../../model/probe';
import type { Translate } from '../tree/appearance';

/** What a test of a destination found. */
export interface TestResult { destination: KubernetesDestination; probe?: ServerProbe; version?: string; missing?: readonly AccessRule[]; role?: readonly Manifest[]; problem?: string }

/** The test as Markdown: what works first, then what does not and what would help. */
export function testReport({ destination, probe, version, missing, role, problem }: TestResult, yaml: (manifest: Manifest) => string, t: Translate): string {
  const lines = [
    `# ${destination.name}`, '',
    ...(probe === undefined ? [] : serverLines(probe, t)),
    ...(version === undefined ? [] : [t('- API server: Kubernetes {0}, answers through the tunnel', version)]),
    ...(problem === undefined ? [] : [t('- The API server cannot be reached from here: {0}', problem)]),
    ...(missing === undefined ? [] : missing.length === 0 ? [t('- The account may do everything that a deployment needs')] : missingLines(missing, t)),
    ...(role === undefined ? [] : ['', t('A Role that is enough; bind it to the account in each namespace:'), '', '```yaml', role.map((manifest) => yaml(manifest)).join('---\n').trimEnd(), '```']),
  ];
  return `${lines.join('\n')}\n`;
}

function serverLines(probe: ServerProbe, t: Translate): string[] {
  const { system, tools, kubectl, kubeconfigs, cluster, ports, clockSkewSeconds, disks } = probe;
  const used = kubeconfigs.find(({ works }) => works);
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  return [
    t('- Server: {0}, {1}, as {2}', system.os, system.architecture, system.user),
    kubectl === undefined ? t('- There is no kubectl') : t('- {0} {1}', kubectl.argv.join(' '), kubectl.version ?? ''),
    ...kubeconfigs.filter(({ state }) => state !== 'missing').map((file) => t('- kubeconfig {0}: {1}', file.path, file.works ? t('works') : file.needsSudo ? t('only root can read it') : file.reason ?? file.state)),
    ...(used === undefined ? [t('- No kubeconfig works: previews only')] : []),
    ...(cluster === undefined ? [] : [
      t('- Ingress classes: {0}', names(cluster.ingressClasses, t)), t('- Storage classes: {0}', names(cluster.storageClasses, t)), t('- cert-manager issuers: {0}', names(cluster.clusterIssuers, t)),
      ...cluster.unread.map(({ what, reason }) => t('- Not readable: {0}: {1}', what, reason)),
    ]),
    t('- Tools: {0}', Object.entries(tools).map(([name, tool]) => `${name} ${tool.version ?? ''}`.trim()).join(', ')),
    ...ports.map(({ port, process, container, service }) => t('- Port {0} is held by {1}', String(port), container ?? service ?? process ?? t('somebody'))),
    ...disks.filter(({ freeBytes, sizeBytes }) => freeBytes < Math.min(2 ** 31, sizeBytes / 10)).map(({ path, freeBytes }) => t('- Little space in {0}: {1} GiB', path, gib(freeBytes))),
    ...(Math.abs(clockSkewSeconds) > 30 ? [t('- Its clock is off by {0} s', String(clockSkewSeconds))] : []),
  ];
}

const names = (items: readonly { name: string; isDefault?: boolean }[], t: Translate): string => (items.length === 0 ? t('none') : items.map(({ name, isDefault }) => (isDefault === true ? t('{0} (default)', name) : name)).join(', '));

function missingLines(missing: readonly AccessRule[], t: Translate): string[] {
  return [t('- The account may not:'), ...missing.map(({ verb, group, resource, namespace }) => `  - ${verb} ${group === '' ? resource : `${resource}.${group}`}${namespace === undefined ? '' : t(' in {0}', namespace)}`)];
}
