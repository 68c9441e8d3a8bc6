import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ClusterError } from './errors';

const warnDays = 30;
const invalid = (message: string): ClusterError => new ClusterError('kubeconfig-invalid', `The kubeconfig cannot be used: ${message}`, 'Get a fresh kubeconfig from the cluster.');

/** @throws ClusterError when the client certificate or its key is not readable, or they do not belong together. */
export function checkPair(cert: string, key: string): void {
  let certificate: X509Certificate;
  try { certificate = new X509Certificate(cert); } catch { throw invalid('its client certificate is no PEM certificate.'); }
  let matches: boolean;
  try { matches = certificate.checkPrivateKey(createPrivateKey(key)); } catch { throw invalid('its client key is no readable PEM key (an encrypted one is not supported).'); }
  if (!matches) throw invalid('its client key does not belong to its client certificate.');
}

/** Says when the client certificate has expired or soon will: k3s's live for a year. */
export function certificateWarnings(cert: string | undefined, now = Date.now()): string[] {
  const days = cert === undefined ? undefined : daysLeft(cert, now);
  if (days === undefined || days > warnDays) return [];
  return [days < 0 ? `The client certificate of the kubeconfig expired ${count(-days)} ago.` : `The client certificate of the kubeconfig expires in ${count(days)}.`];
}

function daysLeft(cert: string, now: number): number | undefined {
  try {
    const days = (Date.parse(new X509Certificate(cert).validTo) - now) / 86_400_000;
    return Number.isNaN(days) ? undefined : days;
  } catch { return undefined; }
}

const count = (days: number): string => { const whole = Math.floor(days); return whole === 0 ? 'less than a day' : `${whole} ${whole === 1 ? 'day' : 'days'}`; };
