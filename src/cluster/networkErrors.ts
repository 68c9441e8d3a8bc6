import { ClusterError, shown } from './errors';

interface Failure { code: string; message: string; hint?: string; kind?: string; reason?: string }

/** The innermost cause: the client wraps it in "fetch failed". */
function failureOf(error: unknown): Failure {
  let at: unknown = error;
  for (let depth = 0; depth < 5 && at instanceof Error && at.cause instanceof Error; depth++) at = at.cause;
  if (at instanceof AggregateError && at.errors[0] instanceof Error) at = at.errors[0];
  if (!(at instanceof Error)) return { code: '', message: String(at) };
  const field = (name: string): string | undefined => { const value: unknown = Reflect.get(at, name); return typeof value === 'string' ? value : undefined; };
  const [hint, kind, reason] = [field('hint'), field('kind'), field('reason')];
  return { code: field('code') ?? '', message: at.message, ...(hint !== undefined && { hint }), ...(kind !== undefined && { kind }), ...(reason !== undefined && { reason }) };
}

const untrusted = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_SIGNATURE_FAILURE', 'CERT_UNTRUSTED', 'INVALID_CA', 'CERT_REJECTED']);
const lost = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);

/** What went wrong below HTTP (Node's and undici's codes) as one sentence. */
export function networkError(error: unknown, server: string): ClusterError {
  const failure = failureOf(error);
  const { code, message } = failure;
  if (failure.kind !== undefined && failure.hint !== undefined) return new ClusterError(failure.kind === 'lost' ? 'lost' : 'unreachable', message, failure.hint);
  if (message === 'bad port') return new ClusterError('unreachable', `The port of ${server} is reserved for another protocol, so it cannot be used for HTTPS.`, 'Let the API server listen on another port (the Fetch standard lists the blocked ones); 6443 is usual.');
  if (untrusted.has(code)) return new ClusterError('certificate', `The certificate of ${server} is not signed by the certificate authority of the kubeconfig.`, 'The cluster may have been set up anew, or somebody is in between. Get a fresh kubeconfig from the cluster.');
  if (code === 'CERT_HAS_EXPIRED') return new ClusterError('certificate', `The certificate of ${server} has expired.`, 'Renew it on the cluster (k3s does so when it restarts; kubeadm certs renew all).');
  if (code === 'CERT_NOT_YET_VALID') return new ClusterError('certificate', `The certificate of ${server} is not valid yet.`, 'Compare the clocks of this machine and of the server.');
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return new ClusterError('certificate', `The certificate of ${server} is made out to another name (${shown(failure.reason ?? message, 300)}).`, 'Set tls-server-name in the kubeconfig to one of the names, or add the name to the certificate.');
  if (/ALERT_(BAD|UNKNOWN|CERTIFICATE|UNSUPPORTED|EXPIRED)|ALERT_UNKNOWN_CA|CERTIFICATE_REQUIRED|CERTIFICATE_EXPIRED/.test(code)) return new ClusterError('unauthorized', `${server} does not accept the client certificate of the kubeconfig.`, 'It has expired or is of another cluster. Get a fresh kubeconfig.');
  if (/^(HPE_|ERR_SSL|EPROTO)/.test(code) || /SSL routines|wrong version number|Parse Error/i.test(message)) return new ClusterError('not-kubernetes', `${server} does not speak HTTPS.`, 'Check the port in the kubeconfig; 6443 is usual.');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new ClusterError('unreachable', `The name of ${server} cannot be resolved.`, 'Check the address in the kubeconfig and your network.');
  if (code === 'ECONNREFUSED') return new ClusterError('unreachable', `Nothing listens on ${server}.`, 'Is the API server running, and is the address seen from here the right one?');
  if (['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTDOWN'].includes(code)) return new ClusterError('unreachable', `${server} does not answer.`, 'A firewall may drop the packets, or the machine is off. An API server on a private address needs the way over SSH.');
  if (lost.has(code) || /terminated|other side closed|socket hang up|aborted/i.test(message)) return new ClusterError('lost', `The connection to ${server} was lost.`, 'It may be restarting. Retry in a moment.');
  return new ClusterError('unreachable', `${server} cannot be reached (${shown(code || message, 200)}).`, 'Check the address in the kubeconfig and your network.');
}
