import { SshError } from '../ssh';
import { list, kubectlWords } from '../engine/kubernetes/plan';
import { fieldManager } from '../engine/kubernetes/naming';
import { maskText } from '../text/masking';
import { withBuilds } from './builds';
import type { CliArguments } from './arguments';
import { readBoth } from './deploy';
import { exits } from './deployExit';
import { kubectlOn, runScriptWithSudo } from '../run';
import type { Output } from './outcome';
import { saveState } from './savedState';

/** $1 namespace, or empty when it is not ours to make; kubectl…; the objects on descriptor 3. kubectl hides the values of Secrets in its diffs. Exit 9: no namespace yet. */
const diffScript = String.raw`
namespace=$1; shift
if [ -n "$namespace" ] && [ -z "$("$@" get namespace "$namespace" --ignore-not-found -o name)" ]; then cat <&3 >/dev/null; exit 9; fi
"$@" diff --server-side --field-manager=${fieldManager} -f - <&3
`;

/** `diff RESOURCE`: what a deployment would change in the cluster, as the API server sees it. Nothing is written. */
export async function diffCluster(parsed: CliArguments, output: Output, signal: AbortSignal): Promise<number> {
  const both = await readBoth(parsed, output, signal);
  if (typeof both === 'number') return both;
  const { target, deployable } = both;
  const connection = await target.connect(signal);
  try {
    const onServer = await kubectlOn(connection, target.destination, signal);
    const words = kubectlWords(onServer);
    // Where the code cannot be asked for its newest commit, images are named by the branch.
    const built = await withBuilds(deployable, target.destination, connection, onServer.images, signal).catch(String);
    const { rendering } = typeof built === 'string' ? deployable.translation : built;
    const save = parsed.options.get('--save');
    if (save !== undefined) await saveState(save, deployable.resource, connection, words, rendering.manifests, signal);
    const { exit, stdout, stderr } = await runScriptWithSudo(connection, diffScript, [rendering.namespace, ...words], { stdin: list(rendering.manifests), signal });
    if (exit.kind === 'lost') throw new SshError('lost', `The connection to ${target.host} was lost.`, 'Try again.');
    const code = exit.kind === 'exit' ? exit.code : 1;
    const fresh = code === 9;
    const shown = fresh ? rendering.manifests.map(({ kind, metadata }) => `+ ${kind.toLowerCase()}/${metadata.name}\n`).join('') : maskText(stdout, deployable.secrets);
    if (code > 1 && !fresh) { output.error(maskText(stderr, deployable.secrets)); return exits.failed; }
    const differs = code !== 0;
    output.out(parsed.flags.has('--json') ? `${JSON.stringify({ differs, newNamespace: fresh, namespace: rendering.namespace, diff: shown })}\n` : shown);
    return differs ? exits.differs : exits.well;
  } finally {
    connection.close();
  }
}
