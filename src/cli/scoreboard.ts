import { isObject } from '../text/json';
import { defaultDestination } from '../model/destination';
import type { Neighbours } from '../model/destination';
import type { Bundle } from '../model/instance';
import type { Manifest } from '../model/manifest';
import type { CliArguments } from './arguments';
import { worse } from './outcome';
import type { ExitCode, Output } from './outcome';
import { findInputs } from './inputs';
import type { Input } from './inputs';
import { inScratchNamespace, kubeconfigProblem, kubectl } from './kubectl';
import { neighboursOf } from '../neighbours';
import { scoreOf } from './score';
import type { Score, Scored } from './score';

/** How many files the server is asked about at a time. */
const atOnce = 4;

/** `scoreboard`: how much of a folder runs on Kubernetes, file by file and in all. */
export async function scoreboard({ inputs: given, options, flags }: CliArguments, output: Output, signal: AbortSignal): Promise<ExitCode> {
  const inputs = [...findInputs(given)].filter((input) => input.kind !== 'skipped');
  const neighboursAt = neighboursByNetwork(inputs);
  const json = flags.has('--json');
  const kubeconfig = options.get('--kubeconfig');
  const problem = kubeconfig === undefined ? undefined : kubeconfigProblem(kubeconfig);
  if (problem !== undefined) { output.error(`${problem}\n`); return 2; }
  const all = async (namespace?: string): Promise<Scored[]> => inOrder(inputs, signal, async (input) => {
    const scored = scoreOf(input, namespace, neighboursAt.get(networkOf(input) ?? '') ?? new Map());
    if (kubeconfig !== undefined && scored.manifests.length > 0) await askServer(scored, kubeconfig);
    return scored;
  }, ({ score }) => { if (!json) output.out(line(score)); });
  const scored = kubeconfig === undefined ? await all() : await inScratchNamespace(kubeconfig, all);
  if (typeof scored === 'string') { output.error(`${scored}.\n`); return 2; }
  const scores = scored.map((item) => item.score);
  const totals = total(scores);
  output.out(json ? `${JSON.stringify({ version: 1, files: scores, totals }, null, 2)}\n` : `${summary(totals)}\n`);
  return scored.reduce<ExitCode>((exit, item, index) => worse(exit, item.fault ? 1 : inputs[index]?.kind === 'bad' ? 2 : isWell(item.score) ? 0 : 3), 0);
}

/** The Coolify destination on whose network a bundle's resource stands. */
function networkOf(input: Input): string | undefined {
  const resource = input.kind === 'bundle' ? input.bundle.resource : undefined;
  const destination = isObject(resource) ? resource['destination'] : undefined;
  return isObject(destination) && typeof destination['uuid'] === 'string' ? destination['uuid'] : undefined;
}

/** Bundles that lie side by side know each other, as their resources do in Coolify. */
function neighboursByNetwork(inputs: readonly Input[]): ReadonlyMap<string, Neighbours> {
  const bundles = new Map<string, Bundle[]>();
  for (const input of inputs) {
    const network = networkOf(input);
    if (input.kind === 'bundle' && network !== undefined) bundles.set(network, [...(bundles.get(network) ?? []), input.bundle]);
  }
  return new Map([...bundles].map(([network, all]) => [network, neighboursOf(all, defaultDestination)]));
}

function isWell(score: Score): boolean {
  return score.rendered === 'rendered' && score.schemaValid !== false && score.accepted !== false;
}

/** Works on some at a time and tells of each in the order of the list; an abort starts no more. */
async function inOrder<T, R>(items: readonly T[], signal: AbortSignal, work: (item: T) => Promise<R>, tell: (result: R) => void): Promise<R[]> {
  const results: R[] = [];
  const running: Promise<R>[] = [];
  let next = 0;
  while ((next < items.length && !signal.aborted) || running.length > 0) {
    while (running.length < atOnce && next < items.length && !signal.aborted) {
      const item = items[next++];
      if (item !== undefined) running.push(work(item));
    }
    const first = running.shift();
    if (first === undefined) break;
    const result = await first;
    results.push(result);
    tell(result);
    // Signals reach the program only between two turns of its loop.
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  return results;
}

async function askServer({ score, manifests }: Scored, kubeconfig: string): Promise<void> {
  const items: Manifest[] = manifests.filter((manifest) => manifest.kind !== 'Namespace');
  const { ok, stderr } = await kubectl(kubeconfig, ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--field-manager=coolify-kubernetes', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  score.accepted = ok;
  if (!ok) score.reasons.push(`Not accepted by the server: ${stderr}`);
}

function line(score: Score): string {
  const valid = score.schemaValid === undefined ? '' : score.schemaValid ? ', schema-valid' : ', NOT SCHEMA-VALID';
  const accepted = score.accepted === undefined ? '' : score.accepted ? ', accepted' : ', NOT ACCEPTED';
  const reasons = score.reasons.map((reason) => `    ${reason}\n`).join('');
  return `${score.file}: ${score.rendered}${valid}${accepted}, keys ${of(score.keys.decided, score.keys.all)}, hosts ${of(score.hosts.resolved, score.hosts.all)}\n${reasons}`;
}

interface Totals { files: number; rendered: number; withRefusals: number; notRendered: number; schemaValid: number; accepted?: number; keys: Score['keys']; hosts: Score['hosts'] }

function total(scores: readonly Score[]): Totals {
  const count = (matches: (score: Score) => boolean): number => scores.filter(matches).length;
  const sum = (value: (score: Score) => number): number => scores.reduce((all, score) => all + value(score), 0);
  return {
    files: scores.length, rendered: count((score) => score.rendered === 'rendered'), withRefusals: count((score) => score.rendered === 'with refusals'), notRendered: count((score) => score.rendered === 'not rendered'),
    schemaValid: count((score) => score.schemaValid === true),
    ...(scores.some((score) => score.accepted !== undefined) ? { accepted: count((score) => score.accepted === true) } : {}),
    keys: { decided: sum((score) => score.keys.decided), all: sum((score) => score.keys.all) }, hosts: { resolved: sum((score) => score.hosts.resolved), all: sum((score) => score.hosts.all) },
  };
}

function of(part: number, all: number): string { return `${String(part)}/${String(all)}`; }

function summary(totals: Totals): string {
  const accepted = totals.accepted === undefined ? '' : `, ${String(totals.accepted)} accepted by the server`;
  return `${String(totals.files)} files: ${String(totals.rendered)} rendered, ${String(totals.withRefusals)} with refusals, ${String(totals.notRendered)} not rendered; ${String(totals.schemaValid)} schema-valid${accepted}; keys ${of(totals.keys.decided, totals.keys.all)}; hosts ${of(totals.hosts.resolved, totals.hosts.all)}`;
}
