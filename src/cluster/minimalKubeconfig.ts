import { readAccess } from './kubeconfig';

/**
 * What reaches one cluster and nothing else, as a kubeconfig that names no files: the other contexts, their credentials and everything unknown stay behind.
 * `files`: contents of those that it names (`filePathsIn`).
 * @throws ClusterError as for a kubeconfig that cannot be used
 */
export function minimalKubeconfig(kubeconfig: string, context?: string, files: Readonly<Record<string, string>> = {}): string {
  const { contextName: name, server, insecure, namespace, ca, tlsServerName, cert, key, token } = readAccess(kubeconfig, context, files);
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const cluster = {
    server: server.href, ...(ca !== undefined && { 'certificate-authority-data': base64(ca) }), ...(insecure && { 'insecure-skip-tls-verify': true }), ...(tlsServerName !== undefined && { 'tls-server-name': tlsServerName }),
  };
  const user = { ...(cert !== undefined && { 'client-certificate-data': base64(cert) }), ...(key !== undefined && { 'client-key-data': base64(key) }), ...(token !== undefined && { token }) };
  return JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': name, contexts: [{ name, context: { cluster: name, user: name, ...(namespace !== undefined && { namespace }) } }],
    clusters: [{ name, cluster }], users: [{ name, user }],
  });
}
