import { kubectlWords } from '../engine/kubernetes/plan';
import { rollbackPlan } from '../engine/kubernetes/planOperations';
import { readRevisions, type Revision, revisionsQuery } from '../engine/kubernetes/planRevision';
import { kubectlOn, newRunId, runWords, startRun } from '../run';
import { type Connection, SshError } from '../ssh';
import { isObject, type Json } from '../text/json';
import type { CliArguments } from './arguments';
import { exits } from './deployExit';
import { readTarget, registryLogin } from './deployTarget';
import { followToEnd } from './follow';
import type { Output } from './outcome';

/** `rollback UUID --namespace NAME [--to REVISION]`: lists the revisions of a resource, or applies one of them again. */
export async function rollback({ inputs, options, flags }: CliArguments, output: Output, signal: AbortSignal): Promise<number> {
  const target = readTarget(options.get('--destination'));
  const namespace = options.get('--namespace');
  if (typeof target === 'string' || namespace === undefined) { output.error(typeof target === 'string' ? `${target}\n` : 'Name the namespace of the resource with --namespace.\n'); return exits.badInput; }
  const resource = { uuid: inputs[0] ?? '', name: inputs[0] ?? '' };
  const connection = await target.connect(signal);
  let following = false;
  try {
    const words = await kubectlOn(connection, target.destination, signal);
    const revisions = await history(connection, [...kubectlWords(words), '--namespace', namespace], resource, signal);
    const wanted = options.get('--to');
    if (wanted === undefined) {
      const rows = revisions.map(({ id, createdAt, run, manifests }) => ({ id, createdAt, run, objects: manifests.length }));
      output.out(flags.has('--json') ? `${JSON.stringify(rows)}\n` : rows.map((row) => `${row.id}\t${row.createdAt}\t${String(row.objects)} objects\t${row.run}\n`).join(''));
      return exits.well;
    }
    const to = revisions.find(({ id }) => id === wanted);
    if (to === undefined) { output.error(`There is no revision ${wanted} of ${resource.uuid} in ${namespace}.\n`); return exits.badInput; }
    const runId = options.get('--run-id') ?? newRunId(resource);
    const { plan, files } = rollbackPlan(to, resource, { id: runId, destination: target.destination.id, ...words, ...registryLogin(target.destination) }, revisions[0]);
    await startRun(connection, plan, files, signal);
    following = true;
    return await followToEnd({ target, connection, runId, secrets: secretsOf(to), json: flags.has('--json'), output, signal });
  } finally {
    if (!following) connection.close();
  }
}

/** The revisions of a resource, the newest first, as the server's kubectl reads them. */
export async function history(connection: Connection, kubectl: string[], resource: { uuid: string }, signal: AbortSignal): Promise<Revision[]> {
  const { exit, stdout, stderr } = await runWords(connection, [...kubectl, ...revisionsQuery(resource)], { signal });
  if (exit.kind === 'lost') throw new SshError('lost', `The connection to ${connection.host} was lost.`, 'Try again.');
  if (exit.kind !== 'exit' || exit.code !== 0) throw new Error(`The revisions cannot be read: ${stderr.trim()}`);
  return readRevisions(JSON.parse(stdout) as Json);
}

/** Values of a revision's Secrets, to be hidden in what its run prints. */
function secretsOf({ manifests }: Revision): string[] {
  return manifests.filter(({ kind }) => kind === 'Secret').flatMap((secret) => {
    const data: unknown = secret['data'];
    return isObject(data) ? Object.values(data).map((value) => Buffer.from(String(value), 'base64').toString()) : [];
  });
}
