import type { HostReference } from '../../model/rendering';
import type { Container, ContainerPort } from '../../model/stack';
import type { RenderContext } from './context';
import { waitsInPod } from './initContainers';
import { beyondBaseline, unsafeSysctls } from './security';

/** What works differently, or not at all, and shows in no object. */
export function remarks(context: RenderContext, portsOf: ReadonlyMap<string, ContainerPort[]>, references: readonly HostReference[]): void {
  for (const container of context.stack.containers) {
    dependencies(context, container, portsOf);
    data(context, container);
    dockerResolver(context, container);
    if (container.init === true) context.find('lifecycle', 'ignored', container.origin, `${container.name} asks for an init process; Kubernetes adds none.`);
    if (container.domainname !== undefined) context.find('network', 'ignored', container.origin, `The domain name of ${container.name} is left out; the cluster's DNS names its pods.`);
    const unsafe = unsafeSysctls(container);
    if (unsafe.length > 0) context.find('sysctl', 'approximated', container.origin, `The kubelet sets ${unsafe.join(', ')} of ${container.name} only where it was told so.`, { fix: 'Start the kubelet with --allowed-unsafe-sysctls, or set it on the nodes.' });
    if (container.privileged === true) context.find('security', 'translated', container.origin, `${container.name} runs privileged.`);
  }
  for (const volume of context.stack.volumes) if (volume.external === true) context.find('external', 'approximated', volume.origin, `The volume "${volume.name}" exists outside of the stack; its claim starts empty.`, { fix: 'Copy the data.' });
  podSecurityLevel(context);
  for (const reference of references.filter(({ resolved }) => !resolved)) {
    const origin = context.stack.containers.find((container) => container.name === reference.container)?.origin ?? { source: 'stack', path: 'services' };
    context.find('unresolvedHost', 'approximated', origin, `Nothing in the cluster is known to answer to "${reference.host}", which ${reference.where} of ${reference.container} names.`, { fix: 'Translate what it names too, or give the full address.' });
  }
}

/** Docker's own name server has an address that no pod has; only the text that names it can be changed. */
function dockerResolver(context: RenderContext, container: Container): void {
  const texts: [string, string, Container['origin']][] = [...container.env.map(({ name, value, origin }): [string, string, Container['origin']] => [name, value, origin]), ...[...container.command ?? [], ...container.entrypoint ?? []].map((word): [string, string, Container['origin']] => ['the command', word, container.origin]),
    ...container.mounts.flatMap((mount): [string, string, Container['origin']][] => (mount.kind === 'file' && mount.binary !== true ? [[mount.target, mount.content, mount.origin]] : []))];
  for (const [where, text, origin] of texts) {
    if (!/(?<![\d.])127\.0\.0\.11(?![\d.])/.test(text)) continue;
    context.find('network', 'approximated', origin, `${where} of ${container.name} asks 127.0.0.11, the name server of Docker; no pod has one there.`, { fix: `Write kube-dns.kube-system.svc.cluster.local instead, and the hosts it asks for in full: NAME.${context.namespace}.svc.cluster.local.` });
  }
}

/** The least Pod Security level at which a namespace lets the pods in. */
function podSecurityLevel(context: RenderContext): void {
  const beyond = context.stack.containers.flatMap((container) => beyondBaseline(container).map((reason) => ({ container, reason })));
  const [first] = beyond;
  const origin = first?.container.origin ?? context.stack.containers[0]?.origin;
  if (origin === undefined) return;
  const evidence = first === undefined ? 'no container asks for more' : [...new Set(beyond.map(({ container, reason }) => `${container.name}: ${reason}`))].join(', ');
  context.find('podSecurity', 'inferred', origin, `The pods need a namespace with the Pod Security level "${first === undefined ? 'baseline' : 'privileged'}".`, { evidence });
}

function dependencies(context: RenderContext, container: Container, portsOf: ReadonlyMap<string, ContainerPort[]>): void {
  for (const dependency of container.dependsOn) {
    const { container: other, condition } = dependency;
    if (waitsInPod(context, container, dependency, portsOf)) continue;
    if (condition === 'completed') {
      context.find('dependency', 'approximated', container.origin, `${container.name} waits for the end of ${other}: a deployment applies it only then; with exported files the order is yours.`);
      continue;
    }
    context.find('dependency', 'approximated', container.origin, `${container.name} waits for ${other} (${condition}): objects are applied in that order, and Kubernetes restarts a container until its dependency answers.`);
  }
}

function data(context: RenderContext, container: Container): void {
  for (const mount of container.mounts) {
    const files = container.mounts.filter((other) => other.kind === 'file' && other.origin.path === mount.origin.path);
    if (mount.kind === 'directory' && files.length > 0) context.find('directory', 'approximated', mount.origin, `The folder ${mount.hostPath} becomes a claim, in which its ${files.length === 1 ? 'file lies' : `${String(files.length)} files lie`} read-only.`, { fix: 'Copy them into the claim if the program is to change them.' });
    else if (mount.kind === 'directory') context.find('directory', 'approximated', mount.origin, `The folder ${mount.hostPath} becomes a claim that starts empty.`, { fix: 'Copy its files into the claim.' });
    if (mount.kind === 'hostPath') context.find('volume', 'approximated', mount.origin, `${mount.path} is that of the node on which the pod runs.`);
  }
}
