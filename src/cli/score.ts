import { isObject } from '../text/json';
import type { Json } from '../text/json';
import { readYaml } from '../text/yaml';
import { defaultDestination } from '../model/destination';
import type { Neighbours } from '../model/destination';
import type { Finding } from '../model/finding';
import type { Manifest } from '../model/manifest';
import type { Input } from './inputs';
import { oneLine } from './outcome';
import { schemaProblems } from './schemaCheck';
import { translateInput } from './translateInput';

/** One file's line of the scoreboard (schemas/scoreboard.schema.json). */
export interface Score {
  file: string;
  rendered: 'rendered' | 'with refusals' | 'not rendered';
  /** Refusals, what stands in the way of rendering, schema problems and what the server said. */
  reasons: string[];
  /** Every object valid by the schema of its kind; absent when nothing is rendered. */
  schemaValid?: boolean;
  /** Accepted by a server-side dry-run with strict validation; absent without a kubeconfig and when nothing is rendered. */
  accepted?: boolean;
  keys: { decided: number; all: number };
  hosts: { resolved: number; all: number };
}

/** A score, and the objects it speaks of. `fault`: our own, not the file's. */
export interface Scored { score: Score; manifests: Manifest[]; fault: boolean }

const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];

/** Translates one file and counts. */
export function scoreOf(input: Exclude<Input, { kind: 'skipped' }>, namespace: string | undefined, neighbours: Neighbours): Scored {
  const nothing = (reason: string, fault = false): Scored => ({ score: { file: input.file, rendered: 'not rendered', reasons: [reason], keys: { decided: 0, all: 0 }, hosts: { resolved: 0, all: 0 } }, manifests: [], fault });
  if (input.kind === 'bad') return nothing(input.message);
  let translation: ReturnType<typeof translateInput>;
  try {
    translation = translateInput(input, { ...defaultDestination, ...(namespace === undefined ? {} : { namespace }) }, '1', neighbours);
  } catch (cause) {
    return nothing(`Something went wrong inside the program: ${oneLine(cause)}`, true);
  }
  if (!('rendering' in translation)) return nothing(translation.message);
  const { manifests, hostReferences, findings } = translation.rendering;
  const refusals = findings.filter((finding) => finding.decision === 'refused').map((finding) => `${finding.code} ${finding.origin.path}: ${finding.message}`);
  const runs = manifests.some((manifest) => workloads.includes(manifest.kind));
  const problems = manifests.flatMap(schemaProblems);
  const score: Score = {
    file: input.file, rendered: !runs ? 'not rendered' : refusals.length > 0 ? 'with refusals' : 'rendered',
    reasons: [...(runs || refusals.length > 0 ? [] : ['Nothing in it can run.']), ...refusals, ...problems],
    ...(runs ? { schemaValid: problems.length === 0 } : {}),
    keys: decidedKeys(input, findings), hosts: { resolved: hostReferences.filter((reference) => reference.resolved).length, all: hostReferences.length },
  };
  return { score, manifests: runs ? manifests : [], fault: false };
}

/** Keys that the input has, and how many of them some finding speaks of. */
function decidedKeys(input: Extract<Input, { kind: 'compose' | 'bundle' }>, findings: readonly Finding[]): Score['keys'] {
  const keys = input.kind === 'compose' ? composeKeys(input.text) : resourceKeys(input.bundle.resource);
  const said = new Set(findings.map((finding) => finding.origin.path));
  return { decided: keys.filter((key) => said.has(key)).length, all: keys.length };
}

/** Keys of the top level and of every service. */
function composeKeys(text: string): string[] {
  const yaml = readYaml(text);
  if ('kind' in yaml || !isObject(yaml.value)) return [];
  const services = yaml.value['services'];
  return [...Object.keys(yaml.value), ...Object.entries(isObject(services) ? services : {}).flatMap(([name, service]) => (isObject(service) ? Object.keys(service).map((key) => `services.${name}.${key}`) : []))];
}

/** Fields of an API object; a service's compose file stands for the service. */
function resourceKeys(resource: unknown): string[] {
  if (!isObject(resource)) return [];
  const compose: Json | undefined = resource['docker_compose'] ?? resource['docker_compose_raw'];
  return typeof compose === 'string' && compose !== '' ? composeKeys(compose) : Object.keys(resource);
}
