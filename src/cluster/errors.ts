export type ClusterErrorKind =
  | 'kubeconfig-invalid' | 'kubeconfig-context' | 'kubeconfig-file' | 'kubeconfig-exec' | 'kubeconfig-unsupported'
  | 'unreachable' | 'certificate' | 'not-kubernetes' | 'timeout' | 'lost' | 'aborted' | 'closed'
  | 'unauthorized' | 'forbidden' | 'namespace-terminating' | 'not-found' | 'unknown-kind' | 'conflict' | 'gone' | 'invalid'
  | 'too-many-requests' | 'webhook' | 'server-error' | 'bad-answer';

/** A failure at the edge to the API server. Test `kind`, never the class: bundles duplicate classes. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  constructor(readonly kind: ClusterErrorKind, message: string, /** What to do. */ readonly hint: string, /** HTTP status, where there was an answer. */ readonly status?: number) {
    super(message);
  }
}

export function isClusterError(error: unknown): error is ClusterError {
  return error instanceof Error && error.name === 'ClusterError' && 'kind' in error && 'hint' in error;
}

/** Text of a server as one line that can be shown: no control or direction characters, of bounded length. */
export function shown(text: string, most = 600): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').replace(/ {2,}/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}

/** The same with a full stop, where it has none. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) || text === '' ? text : `${text}.`;
}
