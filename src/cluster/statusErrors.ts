import { isObject, type Json, type JsonObject } from '../text/json';
import { ClusterError, sentence, shown } from './errors';

export interface Cause { reason: string; message: string; field: string }

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

export function causesOf(status: JsonObject | undefined): Cause[] {
  const causes = isObject(status?.['details']) ? status['details']['causes'] : undefined;
  return Array.isArray(causes) ? causes.filter(isObject).map((c) => ({ reason: text(c['reason']), message: text(c['message']), field: text(c['field']) })) : [];
}

/** The kind that a Status is about, in the plural: `namespaces`. */
export function subjectKind(status: JsonObject | undefined): string {
  return isObject(status?.['details']) ? text(status['details']['kind']) : '';
}

/**
 * A refusal of the API server (meta/v1 Status, apimachinery's StatusReason) as one sentence. The server's own words are kept where they name the fault;
 * headers and bodies never are.
 * @param what the attempt, as in "could not …"
 */
export function statusError(code: number, status: JsonObject | undefined, what: string, server: string): ClusterError {
  const message = shown(text(status?.['message']));
  const error = (kind: ClusterError['kind'], text: string, hint: string): ClusterError => new ClusterError(kind, sentence(text), hint, code);
  if (status === undefined) return foreignAnswer(code, what, server);
  switch (code) {
    case 401: return error('unauthorized', `${server} does not accept the credentials of the kubeconfig.`, 'The token or client certificate is wrong, or it has expired. Get a fresh kubeconfig.');
    case 403: return forbidden(status, message, error);
    case 404: return error('not-found', `Could not ${what}: ${message || 'not found'}.`, 'It may have been deleted meanwhile.');
    case 409: return error('conflict', `Could not ${what}: ${message}`, 'Somebody else changed it. Look at it again, then retry.');
    case 410: return error('gone', `Could not ${what}: the list is too old.`, 'Read it again.');
    case 413: return error('invalid', `Could not ${what}: it is larger than the API server accepts.`, 'ConfigMaps and Secrets hold 1 MiB at most; put large files into a volume or the image.');
    case 400: case 405: case 406: case 415: case 422: return error('invalid', `Could not ${what}: ${message}`, 'Correct the named field.');
    case 429: return error('too-many-requests', `${server} refuses more requests for now.`, 'Wait a little, then retry.');
    default: return serverError(code, message, what, server);
  }
}

function forbidden(status: JsonObject, message: string, error: (kind: ClusterError['kind'], text: string, hint: string) => ClusterError): ClusterError {
  if (causesOf(status).some(({ reason }) => reason === 'NamespaceTerminating') || /because it is being terminated/.test(message)) {
    const namespace = /namespace (\S+) because/.exec(message)?.[1];
    return error('namespace-terminating', `The namespace${namespace === undefined ? '' : ` ${namespace}`} is being deleted, so nothing can be created in it.`, 'Wait until it is gone. If it stays, see kubectl get namespace NAME -o yaml: its conditions say what holds it.');
  }
  // pkg/endpoints/handlers/responsewriters: the authorizer's own wording.
  const match = /User "([^"]*)" cannot (\w+) resource "([^"]*)"(?: in API group "([^"]*)")?(?: (in the namespace "[^"]*"|at the cluster scope))?/.exec(message);
  if (match !== null) {
    const [, user = '', verb = '', resource = '', group = '', place = ''] = match;
    const where = place.replace(/^in the namespace "(.*)"$/, 'in the namespace $1');
    return error('forbidden', `The account ${user} may not ${verb} ${resource}${group === '' ? '' : `.${group}`} ${where}`.trimEnd() + '.', 'Have the cluster\'s administrator grant it with a Role.');
  }
  return error('forbidden', `The cluster's policy refuses it: ${message}`, 'Quotas, limits, pod security and admission policies answer so; the message names the rule.');
}

/** Server-side apply answers 500 where the fault lies in the object: an unknown field, a value of the wrong type, a duplicate key, bad base64. */
const objectFault = /^failed to (?:create typed patch object|convert new object|create manager for existing fields) ?\([^)]*\)(?: to proper version)?: (?:unable to convert unstructured object to [^:]*: )?(.*)$/;

function serverError(code: number, message: string, what: string, server: string): ClusterError {
  const fault = objectFault.exec(message)?.[1];
  if (fault !== undefined) return new ClusterError('invalid', sentence(`Could not ${what}: ${fault}`), 'Correct the named field.', code);
  const webhook = /failed calling webhook "([^"]+)"/.exec(message)?.[1];
  if (webhook !== undefined) {
    return new ClusterError('webhook', `Could not ${what}: the admission webhook ${webhook} does not answer (${shown(message, 200)}).`, 'The program behind this webhook is down. Repair or remove it: kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations.', code);
  }
  return new ClusterError('server-error', `Could not ${what}: ${server} answered ${code}${message === '' ? '' : ` (${message})`}.`, 'The API server has a problem of its own or is starting. Retry in a moment.', code);
}

/** An answer that is no Status: a proxy's or another program's. Its text is not repeated: nobody knows what is in it. */
function foreignAnswer(code: number, what: string, server: string): ClusterError {
  if (code === 401) return new ClusterError('unauthorized', `${server} does not accept the credentials of the kubeconfig.`, 'Something before the API server asks to sign in; its own token may be needed.', code);
  if (code === 429) return new ClusterError('too-many-requests', `${server} refuses more requests for now.`, 'Wait a little, then retry.', code);
  if (code >= 500) return new ClusterError('server-error', `Could not ${what}: ${server} answered ${code}, and not in the way of Kubernetes.`, 'A proxy before the API server may not reach it. Retry in a moment.', code);
  return new ClusterError('not-kubernetes', `${server} answered ${code} and is no Kubernetes API.`, 'Check the server address in the kubeconfig.', code);
}
