import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { isObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { defaultDestination } from '../model/destination';
import type { Manifest } from '../model/manifest';
import type { Finding } from '../model/finding';
import type { CliArguments } from './arguments';
import { findInputs } from './inputs';
import type { Input } from './inputs';
import { worse } from './run';
import type { ExitCode, Output } from './run';
import { translateInput } from './translateInput';

export interface Score {
  file: string;
  rendered: 'rendered' | 'with refusals' | 'not rendered';
  reasons: string[];
  /** Accepted by a server-side dry-run with strict validation; absent without a kubeconfig. */
  accepted?: boolean;
  keys: { decided: number; all: number };
  hosts: { resolved: number; all: number };
}

/** `scoreboard`: how much of a folder runs on Kubernetes, file by file and in all. */
export function scoreboard({ inputs, options, flags }: CliArguments, output: Output): ExitCode {
  const kubeconfig = options.get('--kubeconfig');
  const namespace = `coolify-kubernetes-scoreboard-${randomBytes(3).toString('hex')}`;
  if (kubeconfig !== undefined) kubectl(kubeconfig, ['create', 'namespace', namespace]);
  let exit: ExitCode = 0;
  const scores: Score[] = [];
  try {
    for (const input of findInputs(inputs)) {
      if (input.kind === 'skipped') continue;
      const score = scoreOf(input, kubeconfig, namespace);
      scores.push(score);
      exit = worse(exit, input.kind === 'bad' ? 2 : score.rendered === 'rendered' ? 0 : 3);
      if (!flags.has('--json')) output.out(line(score));
    }
  } finally {
    if (kubeconfig !== undefined) kubectl(kubeconfig, ['delete', 'namespace', namespace, '--wait=false']);
  }
  const totals = total(scores);
  output.out(flags.has('--json') ? `${JSON.stringify({ version: 1, files: scores, totals }, null, 2)}\n` : `${summary(totals)}\n`);
  return exit;
}

function scoreOf(input: Exclude<Input, { kind: 'skipped' }>, kubeconfig: string | undefined, namespace: string): Score {
  const none = { keys: { decided: 0, all: 0 }, hosts: { resolved: 0, all: 0 } };
  if (input.kind === 'bad') return { file: input.file, rendered: 'not rendered', reasons: [input.message], ...none };
  const translation = translateInput(input, { ...defaultDestination, namespace }, '1');
  if (!('rendering' in translation)) return { file: input.file, rendered: 'not rendered', reasons: [translation.message], ...none };
  const { rendering, stack } = translation;
  const findings = [...stack.findings, ...rendering.findings];
  const reasons = findings.filter((finding) => finding.decision === 'refused').map((finding) => `${finding.code} ${finding.origin.path}: ${finding.message}`);
  const runs = rendering.manifests.some((manifest) => ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(manifest.kind));
  return {
    file: input.file, rendered: !runs ? 'not rendered' : reasons.length > 0 ? 'with refusals' : 'rendered', reasons,
    ...(kubeconfig === undefined ? {} : { accepted: accepted(rendering.manifests, kubeconfig, reasons) }),
    keys: input.kind === 'compose' ? decidedKeys(input.text, findings) : { decided: 1, all: 1 },
    hosts: { resolved: rendering.hostReferences.filter((reference) => reference.resolved).length, all: rendering.hostReferences.length },
  };
}

/** Keys of services and of the top level, and how many of them some finding speaks of. */
function decidedKeys(text: string, findings: readonly Finding[]): Score['keys'] {
  const yaml = readYaml(text);
  if ('kind' in yaml || !isObject(yaml.value)) return { decided: 0, all: 0 };
  const services = yaml.value['services'];
  const paths = [...Object.keys(yaml.value), ...(isObject(services) ? Object.entries(services).flatMap(([name, service]) => (isObject(service) ? Object.keys(service).map((key) => `services.${name}.${key}`) : [])) : [])];
  const said = new Set(findings.map((finding) => finding.origin.path));
  return { decided: paths.filter((path) => said.has(path)).length, all: paths.length };
}

function kubectl(kubeconfig: string, args: string[], input?: string): { status: number | null; stderr: string } {
  const { status, stderr, error } = spawnSync('kubectl', ['--kubeconfig', kubeconfig, ...args], { input: input ?? '', encoding: 'utf8' });
  return { status, stderr: error === undefined ? stderr : error.message };
}

function accepted(manifests: readonly Manifest[], kubeconfig: string, reasons: string[]): boolean {
  const items = manifests.filter((manifest) => manifest.kind !== 'Namespace');
  const { status, stderr } = kubectl(kubeconfig, ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--field-manager=coolify-kubernetes', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  if (status !== 0) reasons.push(`not accepted: ${stderr.trim().split('\n').slice(0, 3).join(' ')}`);
  return status === 0;
}

function line(score: Score): string {
  const accepted = score.accepted === undefined ? '' : score.accepted ? ', accepted' : ', NOT ACCEPTED';
  const reasons = score.reasons.map((reason) => `    ${reason}\n`).join('');
  return `${score.file}: ${score.rendered}${accepted}, keys ${String(score.keys.decided)}/${String(score.keys.all)}, hosts ${String(score.hosts.resolved)}/${String(score.hosts.all)}\n${reasons}`;
}

interface Totals { files: number; rendered: number; withRefusals: number; notRendered: number; accepted?: number; keys: Score['keys']; hosts: Score['hosts'] }

function total(scores: readonly Score[]): Totals {
  const count = (rendered: Score['rendered']): number => scores.filter((score) => score.rendered === rendered).length;
  const sum = (value: (score: Score) => number): number => scores.reduce((all, score) => all + value(score), 0);
  return {
    files: scores.length, rendered: count('rendered'), withRefusals: count('with refusals'), notRendered: count('not rendered'),
    ...(scores.some((score) => score.accepted !== undefined) ? { accepted: scores.filter((score) => score.accepted === true).length } : {}),
    keys: { decided: sum((score) => score.keys.decided), all: sum((score) => score.keys.all) }, hosts: { resolved: sum((score) => score.hosts.resolved), all: sum((score) => score.hosts.all) },
  };
}

function summary(totals: Totals): string {
  const accepted = totals.accepted === undefined ? '' : `, ${String(totals.accepted)} accepted by the server`;
  return `${String(totals.files)} files: ${String(totals.rendered)} rendered, ${String(totals.withRefusals)} with refusals, ${String(totals.notRendered)} not rendered${accepted}; keys ${String(totals.keys.decided)}/${String(totals.keys.all)}; hosts ${String(totals.hosts.resolved)}/${String(totals.hosts.all)}`;
}
