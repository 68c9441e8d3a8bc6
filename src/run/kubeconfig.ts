import { randomBytes } from 'node:crypto';
import { type Connection, readScript, SshError } from '../ssh';
import { sections, widerPath } from './probeSections';
import { askpass, prepareSudo } from './sudo';

export type ServerFileErrorKind = 'missing' | 'unreadable' | 'too-large' | 'not-text';

/** A file on the server that cannot be used. Test `kind`, never the class: bundles duplicate classes. */
export class ServerFileError extends Error {
  override readonly name = 'ServerFileError';
  constructor(readonly kind: ServerFileErrorKind, message: string, readonly hint: string) {
    super(message);
  }
}

export interface ReadOptions {
  /** Agreed to by the user: sudo reads what the account cannot. */
  sudo?: boolean;
  signal?: AbortSignal;
}

/** Kubernetes refuses objects beyond 1 MiB; a kubeconfig or a certificate is a few KB. */
const largest = 1_000_000;

/** $1 nonce, $2 `yes` when sudo was agreed to, $3 its password or nothing, then paths. With no path: the first kubeconfig that is there and can be read. */
const readFilesScript = `
PATH=$PATH:${widerPath}; export PATH LC_ALL=C
${askpass}
nonce=$1 consent=$2; how=-n
[ -z "$3" ] || { umask 077; own_folder coolify-kubernetes-sudo "$3"; }
shift 3
[ "$(id -u)" -ne 0 ] || consent=no
hidden=
# number path
show() {
  as=
  if [ -f "$2" ] && [ -r "$2" ]; then :
  elif [ "$consent" = yes ] && sudo $how -- test -f "$2" 2>/dev/null; then as="sudo $how --"
  elif [ -e "$2" ]; then hidden=\${hidden:-$2}; [ -n "$3" ] || printf '\\n%s %s.unreadable\\n' "$nonce" "$1"; return 1
  else [ -n "$3" ] || printf '\\n%s %s.missing\\n' "$nonce" "$1"; return 1; fi
  printf '\\n%s %s.path\\n%s' "$nonce" "$1" "$2"
  printf '\\n%s %s.text\\n' "$nonce" "$1"
  $as head -c ${largest + 1} -- "$2"
}
if [ $# -eq 0 ]; then
  list=$KUBECONFIG; set --
  while [ -n "$list" ]; do
    case $list in *:*) set -- "$@" "\${list%%:*}"; list=\${list#*:} ;; *) set -- "$@" "$list"; list= ;; esac
  done
  for path in "$@" "$HOME/.kube/config" /etc/rancher/k3s/k3s.yaml /etc/rancher/rke2/rke2.yaml /var/lib/k0s/pki/admin.conf \\
    /var/snap/microk8s/current/credentials/client.config /etc/kubernetes/admin.conf; do
    [ -z "$path" ] || ! show 1 "$path" quiet || break
  done
  [ -z "$hidden" ] || printf '\\n%s hidden\\n%s' "$nonce" "$hidden"
else
  number=0
  for path in "$@"; do
    number=$((number + 1))
    case $path in '~/'*) path=$HOME/\${path#'~/'} ;; esac
    show "$number" "$path" ''
  done
fi
printf '\\n%s end\\n' "$nonce"
`;

/**
 * The text of a kubeconfig on the server; without a path that of the first one in the order of the probe that can be read.
 * It is foreign data: whoever uses it must not run the commands it names.
 * @throws ServerFileError, SshError.
 */
export async function readKubeconfig(connection: Connection, path: string | undefined, options: ReadOptions = {}): Promise<string> {
  if (path !== undefined) {
    const text = (await readFiles(connection, [path], options)).get(path);
    if (text === undefined) throw missing(connection, path);
    return text;
  }
  const found = await answer(connection, [], options);
  const hidden = found.get('hidden');
  if (found.has('1.text')) return textOf(connection, found.get('1.path') ?? '', found.get('1.text') ?? '');
  if (hidden !== undefined) throw unreadable(connection, hidden);
  throw new ServerFileError('missing', `There is no kubeconfig on ${connection.host}.`, 'Name its path in the destination, or install Kubernetes on the server.');
}

/**
 * Several files in one round trip, by the paths that were asked for; certificates that a kubeconfig names, for instance.
 * @throws ServerFileError for the first file that is missing, cannot be read, is larger than 1 MB or is no text; SshError.
 */
export async function readFiles(connection: Connection, paths: readonly string[], options: ReadOptions = {}): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map();
  const found = await answer(connection, paths, options);
  return new Map(paths.map((path, index) => {
    const text = found.get(`${index + 1}.text`);
    if (text !== undefined) return [path, textOf(connection, path, text)] as const;
    throw found.has(`${index + 1}.unreadable`) ? unreadable(connection, path) : missing(connection, path);
  }));
}

async function answer(connection: Connection, paths: readonly string[], options: ReadOptions): Promise<Map<string, string>> {
  if (options.sudo === true) await prepareSudo(connection, options.signal);
  const nonce = randomBytes(16).toString('hex');
  const { exit, stdout, stderr } = await readScript(connection, readFilesScript, [nonce, options.sudo === true ? 'yes' : 'no', connection.sudo?.password ?? '', ...paths], options.signal && { signal: options.signal });
  if (exit.kind === 'lost') throw new SshError('lost', `The connection to ${connection.host} was lost while reading files.`, 'Connect again.');
  const found = sections(stdout, nonce);
  if (!found.has('end')) throw new SshError('no-shell', `${connection.host} could not read the files: ${stderr.trim().slice(0, 300) || 'no answer'}.`, 'Check that the account has a working /bin/sh.');
  return found;
}

function textOf(connection: Connection, path: string, text: string): string {
  if (Buffer.byteLength(text) > largest) throw new ServerFileError('too-large', `${path} on ${connection.host} is larger than 1 MB.`, 'Check that it is the right file.');
  // What is no UTF-8 arrives as replacement characters.
  if (/[\0\ufffd]/.test(text)) throw new ServerFileError('not-text', `${path} on ${connection.host} is not a text file.`, 'Check that it is the right file.');
  return text;
}

const missing = (connection: Connection, path: string) =>
  new ServerFileError('missing', `There is no file ${path} on ${connection.host}.`, 'Check the path.');
const unreadable = (connection: Connection, path: string) =>
  new ServerFileError('unreadable', `The account may not read ${path} on ${connection.host}${connection.sudo?.refusal === undefined ? '' : `, and ${connection.sudo.refusal}`}.`, 'Allow sudo for this destination, or copy the file for the account.');
