import type { JsonObject } from '../../text/json';
import type { Container, ContainerPort, Dependency, Mount } from '../../model/stack';
import type { RenderContext } from './context';
import { copiesUp, initialCopier } from './copyUp';
import { shellEvidence } from './shell';

/**
 * Waits until each `host:port` answers. A Service has endpoints only while a pod behind it is ready, so to connect through it is to be
 * healthy. Whatever the image has is used; an image with nothing to connect with waits for nobody.
 */
const waitScript = `answers() {
  if command -v bash >/dev/null 2>&1; then bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
  elif command -v nc >/dev/null 2>&1; then nc -w 2 "$1" "$2" </dev/null >/dev/null 2>&1
  elif command -v curl >/dev/null 2>&1; then curl -s -o /dev/null --connect-timeout 2 --max-time 3 "http://$1:$2/"; case $? in 5|6|7) return 1 ;; esac
  elif command -v python3 >/dev/null 2>&1; then python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)' "$1" "$2" 2>/dev/null
  elif command -v perl >/dev/null 2>&1; then perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 2)' "$1" "$2"
  elif command -v php >/dev/null 2>&1; then php -r 'exit(@fsockopen($argv[1], (int) $argv[2], $e, $m, 2) ? 0 : 1);' "$1" "$2"
  elif command -v node >/dev/null 2>&1; then node -e 'require("net").connect(+process.argv[2], process.argv[1]).on("connect", () => process.exit(0)).on("error", () => process.exit(1))' "$1" "$2"
  else echo "nothing in this image can connect; going on"; fi
}
for peer; do
  echo "waiting for $peer"
  until answers "\${peer%:*}" "\${peer##*:}"; do sleep 1; done
done`;

/** Fills each volume that is still empty with what the image has at its place, owner and mode included, as Docker does. */
const copyScript = `empty() {
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -e "$entry" ] || [ -L "$entry" ]; then [ "\${entry##*/}" = lost+found ] || return 1; fi
  done
}
while [ $# -gt 1 ]; do
  if [ -d "$1" ] && empty "$2"; then cp -a "$1/." "$2/" || echo "could not copy $1"; fi
  shift 2
done`;

/** Init containers of a pod: first what fills its volumes, then what waits for those it depends on. */
export function initContainers(context: RenderContext, pod: readonly Container[], portsOf: ReadonlyMap<string, ContainerPort[]>): JsonObject[] {
  const present = (made: JsonObject | undefined): JsonObject[] => (made === undefined ? [] : [made]);
  return [...pod.flatMap((container) => present(copyContainer(context, container))), ...pod.flatMap((container) => present(waitContainer(context, container, portsOf)))];
}

function base(context: RenderContext, name: string, image: Container, script: string, args: string[]): JsonObject {
  return { name, image: image.image, imagePullPolicy: image.alwaysPull ? 'Always' : 'IfNotPresent', command: ['/bin/sh', '-c', script, 'sh', ...args] };
}

function copyContainer(context: RenderContext, container: Container): JsonObject | undefined {
  const mounts = container.mounts.filter((mount): mount is Extract<Mount, { kind: 'volume' }> => mount.kind === 'volume' && copiesUp(context, mount) && initialCopier(context, mount.volume) === container.name);
  const evidence = mounts.length === 0 ? undefined : shellEvidence(container);
  if (evidence === undefined) {
    for (const mount of mounts) context.find('copyUp', 'approximated', mount.origin, `Docker fills an empty volume at ${mount.target} with what the image has there; this claim starts empty, since nothing tells that the image has a shell to copy with.`, { fix: 'Copy the files once by hand, or put nocopy on the volume if there are none.' });
    return undefined;
  }
  for (const mount of mounts) context.find('copyUp', 'inferred', mount.origin, `If its claim is empty, it is filled with what the image has at ${mount.target}, as Docker does.`, { evidence });
  const place = (index: number): string => `/coolify-kubernetes/volume-${String(index)}`;
  return {
    ...base(context, `copy-up-${context.nameOf(container.name)}`.slice(0, 63).replace(/-+$/, ''), container, copyScript, mounts.flatMap((mount, index) => [mount.target, place(index)])),
    securityContext: { runAsUser: 0 },
    volumeMounts: mounts.map((mount, index) => ({ name: context.volumeNames.get(mount.volume) ?? 'data', mountPath: place(index) })),
  };
}

function waitContainer(context: RenderContext, container: Container, portsOf: ReadonlyMap<string, ContainerPort[]>): JsonObject | undefined {
  const waits = container.dependsOn.flatMap((dependency): { peer: Container; at: string }[] => {
    const peer = waitedFor(context, container, dependency);
    const port = portsOf.get(dependency.container)?.find((candidate) => candidate.protocol === 'TCP');
    const host = peer?.hostNames[0];
    return peer === undefined || port === undefined || host === undefined ? [] : [{ peer, at: `${context.serviceName(host)}:${String(port.port)}` }];
  });
  if (waits.length === 0) return undefined;
  // Its own image is on the node anyway; else that of one it waits for, which the cluster has too. No third image is ever needed.
  const image = [container, ...waits.map(({ peer }) => peer)].find((candidate) => shellEvidence(candidate) !== undefined);
  if (image === undefined) return undefined;
  context.find('dependency', 'translated', container.origin, `${container.name} starts when ${waits.map(({ at }) => at).join(' and ')} answers: an init container of the image ${image.image} waits for that.`);
  return base(context, `wait-${context.nameOf(container.name)}`.slice(0, 63).replace(/-+$/, ''), image, waitScript, waits.map(({ at }) => at));
}

/** A peer in another pod that has to be healthy first and that serves. */
function waitedFor(context: RenderContext, container: Container, { container: name, condition, required }: Dependency): Container | undefined {
  const peer = context.stack.containers.find((candidate) => candidate.name === name);
  if (peer === undefined || condition !== 'healthy' || !required || peer.lifecycle.kind !== 'service' || peer.replicas === 0) return undefined;
  return context.podOf(name) === context.podOf(container.name) ? undefined : peer;
}

/** True when an init container waits for this dependency. */
export function waitsInPod(context: RenderContext, container: Container, dependency: Dependency, portsOf: ReadonlyMap<string, ContainerPort[]>): boolean {
  const peer = waitedFor(context, container, dependency);
  return peer !== undefined && (portsOf.get(peer.name) ?? []).some((port) => port.protocol === 'TCP') && [container, peer].some((candidate) => shellEvidence(candidate) !== undefined);
}
