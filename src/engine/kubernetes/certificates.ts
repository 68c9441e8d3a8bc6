import { isObject } from '../../text/json';
import type { Json, JsonObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Container } from '../../model/stack';
import type { RenderContext } from './context';

/** True when the destination can give a server inside the cluster a certificate. */
function hasIssuer(context: RenderContext): boolean {
  const { tls } = context.destination;
  return (tls.kind === 'cert-manager' && tls.issuer !== undefined) || (tls.kind === 'secret' && tls.secretName !== undefined);
}

/** Without a certificate a server that is told to use one would not start, so it runs without TLS and the user decides. */
export function prepareCertificates(context: RenderContext): void {
  for (const container of context.stack.containers) {
    const { certificate } = container;
    if (certificate === undefined || hasIssuer(context)) continue;
    context.find('certificate', 'refused', certificate.origin, `${container.name} encrypts its connections with a certificate of Coolify's own authority, and the destination can issue none; it runs without TLS.`, { fix: 'Set the destination\'s tls to cert-manager with an issuer that signs names inside the cluster, or to a Secret.' });
    if (certificate.plainCommand === undefined) delete container.command; else container.command = certificate.plainCommand;
    withoutTlsPort(container);
    delete container.certificate;
  }
}

function withoutTlsPort(container: Container): void {
  const tls = container.ports.find((port) => port.evidence === 'its port for TLS');
  const [main] = container.ports;
  container.ports = container.ports.filter((port) => port !== tls);
  if (tls?.published !== undefined && main !== undefined) main.published ??= tls.published;
}

/** Mounts the certificate of each container of a pod, and asks cert-manager for it. The key may be read by the server's group alone. */
export function addCertificates(context: RenderContext, containers: readonly Container[], spec: JsonObject): Manifest[] {
  return containers.flatMap((container) => {
    const { certificate } = container;
    if (certificate === undefined) return [];
    const { tls } = context.destination;
    const secretName = tls.kind === 'secret' ? tls.secretName ?? '' : `${context.nameOf(container.name)}-server-tls`;
    const files: [string | undefined, string][] = [[certificate.certificate, 'tls.crt'], [certificate.key, 'tls.key'], [certificate.authority, 'ca.crt'], [certificate.combined, 'tls-combined.pem']];
    const target = (Array.isArray(spec['containers']) ? spec['containers'] : []).filter(isObject).find((item) => item['name'] === context.nameOf(container.name));
    if (target === undefined) return [];
    const mounts = files.flatMap(([path, key]): Json[] => (path === undefined ? [] : [{ name: 'server-certificate', mountPath: path, subPath: key, readOnly: true }]));
    target['volumeMounts'] = [...(Array.isArray(target['volumeMounts']) ? target['volumeMounts'] : []), ...mounts];
    spec['volumes'] = [...(Array.isArray(spec['volumes']) ? spec['volumes'] : []), { name: 'server-certificate', secret: { secretName, defaultMode: 0o640 } }];
    spec['securityContext'] = { fsGroup: certificate.group, fsGroupChangePolicy: 'OnRootMismatch', ...(isObject(spec['securityContext']) ? spec['securityContext'] : {}) };
    if (tls.kind === 'secret') {
      context.find('certificate', 'approximated', certificate.origin, `${container.name} uses the destination's certificate; clients that check the name need one that holds the name of its Service.`);
      return [];
    }
    context.find('certificate', 'approximated', certificate.origin, `${container.name} has a certificate of the destination's issuer instead of Coolify's authority; clients that check it need that issuer's authority.`);
    return [certificateObject(context, container, secretName)];
  });
}

function certificateObject(context: RenderContext, container: Container, secretName: string): Manifest {
  const services = container.hostNames.map((name) => context.serviceName(name));
  const dnsNames = [...new Set(services.flatMap((name) => [name, `${name}.${context.namespace}`, `${name}.${context.namespace}.svc`, `${name}.${context.namespace}.svc.cluster.local`]))];
  return context.object('cert-manager.io/v1', 'Certificate', secretName, {
    spec: {
      secretName, dnsNames, privateKey: { algorithm: 'ECDSA', size: 384 }, usages: ['server auth', 'digital signature', 'key encipherment'],
      issuerRef: { name: context.destination.tls.issuer ?? '', kind: 'ClusterIssuer', group: 'cert-manager.io' }, ...(container.certificate?.combined === undefined ? {} : { additionalOutputFormats: [{ type: 'CombinedPEM' }] }),
    },
  }, container);
}
