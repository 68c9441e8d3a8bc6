import { type Connection, readScript, SshError } from '../ssh';
import { gitTransport } from '../text/gitTransport';
import { common } from './scripts';

/** The code of an application, as its server fetches it. */
export interface CodeSource {
  repository: string;
  branch: string;
  /** Text of the private key that may read it. */
  deployKey?: string;
}

/** Code that cannot be reached. Test `kind`, never the class: bundles duplicate classes. */
export class CodeError extends Error {
  override readonly name = 'CodeError';
  constructor(readonly kind: 'no-git' | 'address' | 'unreachable' | 'no-branch', message: string, readonly hint: string) {
    super(message);
  }
}

/** $1 repository, $2 branch; the deploy key on descriptor 3, or nothing. The key is a file for as long as git needs it. */
const resolveScript = `${common}${String.raw`
repository=$1; branch=$2
mkdir -p "$runs" && folder=$(mktemp -d "$runs/.commit.XXXXXX") || exit 70
trap 'rm -rf -- "$folder"' EXIT
trap 'exit 143' HUP INT TERM
key=$folder/key; hosts=$folder/hosts; remembered=$runs/../known_hosts
cat <&3 >"$key"; [ -s "$key" ] || rm -f -- "$key"
${gitTransport}
git ls-remote -- "$repository" "refs/heads/$branch" 2>"$folder/error" || { grep -v -e '^$' -e '^Please make sure' -e '^and the repository exists' -e 'Could not read from remote' "$folder/error" | tail -n 1; exit 68; }
`}`;

/**
 * The newest commit of a branch, asked from the server that will build it: there Coolify asks, too (facts §9, step 6).
 * @throws CodeError, SshError
 */
export async function resolveCommit(connection: Connection, { repository, branch, deployKey }: CodeSource, signal: AbortSignal): Promise<string> {
  const stdin = deployKey === undefined ? '' : deployKey.endsWith('\n') ? deployKey : `${deployKey}\n`;
  const { exit, stdout, stderr } = await readScript(connection, resolveScript, [repository, branch], { stdin, signal });
  if (exit.kind === 'lost') throw new SshError('lost', `The connection to ${connection.host} was lost while asking for the newest commit.`, 'Connect again.');
  const said = stdout.trim().split('\n').at(-1) ?? '';
  const code = exit.kind === 'exit' ? exit.code : -1;
  if (code === 69) throw new CodeError('no-git', `There is no git on ${connection.host}.`, 'Install git on the server.');
  if (code === 64) throw new CodeError('address', `${repository}: ${said}`, 'Correct the repository in Coolify.');
  if (said.includes('Host key verification failed')) throw new CodeError('unreachable', `The git host of ${repository} shows another key than it did before.`, `Find out why; then remove its line from ~/.local/state/coolify-kubernetes/known_hosts on ${connection.host}.`);
  if (code !== 0) throw new CodeError('unreachable', `${connection.host} cannot read ${repository}: ${said || stderr.trim() || 'no reason given'}`, 'Check the repository, and that its deploy key is known to the git host.');
  const commit = /^([0-9a-f]{40,64})\trefs\/heads\//m.exec(stdout)?.[1];
  if (commit === undefined) throw new CodeError('no-branch', `${repository} has no branch ${branch}.`, 'Correct the branch in Coolify.');
  return commit;
}
