import { kubectlWords, plan } from '../engine/kubernetes/plan';
import { kubectlOn, newRunId, startRun } from '../run';
import { withBuilds } from './builds';
import type { CliArguments } from './arguments';
import { exits } from './deployExit';
import { type Deployable, readDeployable } from './deployInput';
import { readTarget, registryLogin, secretFile, type Target } from './deployTarget';
import { followToEnd } from './follow';
import type { Output } from './outcome';
import { history } from './rollback';
import { readSavedState } from './savedState';

/** The destination and the resource that `deploy` and `diff` work on. A number is the exit; what was wrong has been said. */
export async function readBoth({ inputs, options }: CliArguments, output: Output, signal: AbortSignal): Promise<{ target: Target; deployable: Deployable } | number> {
  const target = readTarget(options.get('--destination'));
  if (typeof target === 'string') { output.error(`${target}\n`); return exits.badInput; }
  const seedFile = options.get('--seed-file');
  const deployable = await readDeployable(inputs, target.destination, seedFile === undefined ? undefined : secretFile(seedFile), signal);
  if (typeof deployable === 'string') { output.error(`${deployable}\n`); return exits.badInput; }
  return { target, deployable };
}

/** `deploy RESOURCE`: translates, starts a run on the server and follows it to its end. The same `--run-id` never starts twice. */
export async function deploy(parsed: CliArguments, output: Output, signal: AbortSignal): Promise<number> {
  const both = await readBoth(parsed, output, signal);
  if (typeof both === 'number') return both;
  const { target, deployable } = both;
  const { translation: { rendering }, resource, secrets } = deployable;
  const refused = rendering.findings.filter(({ decision }) => decision === 'refused');
  if (refused.length > 0 && !parsed.flags.has('--accept-refused')) {
    for (const { code, origin, message, fix } of refused) output.error(`${code} ${origin.path}: ${message}${fix === undefined ? '' : ` ${fix}`}\n`);
    output.error('Nothing was deployed. Mend these, or deploy the rest with --accept-refused.\n');
    return exits.refused;
  }
  const saved = parsed.options.get('--expect');
  const expect = saved === undefined ? undefined : readSavedState(saved, resource);
  if (typeof expect === 'string') { output.error(`${expect}\n`); return exits.badInput; }
  const adopt = parsed.options.get('--adopt')?.split(',') ?? [];
  const runId = parsed.options.get('--run-id') ?? newRunId(resource);
  const login = registryLogin(target.destination);
  const connection = await target.connect(signal);
  try {
    const { images, ...kubectl } = await kubectlOn(connection, target.destination, signal);
    const built = await withBuilds(deployable, target.destination, connection, images, signal);
    if (typeof built === 'string') {
      output.error(`${built}\n`);
      connection.close();
      return exits.refused;
    }
    const [previous] = target.destination.onFailure === 'goBack' ? await history(connection, [...kubectlWords(kubectl), '--namespace', built.rendering.namespace], resource, signal) : [];
    const { plan: steps, files } = plan(built.rendering, resource, {
      id: runId, destination: target.destination.id, ...kubectl, ...login, adopt, ...(expect && { expect }), ...(previous && { returnTo: previous }), ...(built.builds && { builds: built.builds }), ...(parsed.flags.has('--no-wait') && { whenBusy: 'refuse' }),
    });
    await startRun(connection, steps, files, signal);
  } catch (error) {
    connection.close();
    throw error;
  }
  return followToEnd({ target, connection, runId, secrets: [...secrets, ...(login.registry === undefined ? [] : [login.registry.password])], json: parsed.flags.has('--json'), output, signal });
}
