import { join } from 'node:path';
import { containerLabel, objectName } from '../../src/engine/kubernetes/naming';
import type { Manifest } from '../../src/model/manifest';
import { isObject } from '../../src/text/json';
import type { Json, JsonObject } from '../../src/text/json';
import type { Run } from '../harness/images.ts';
import type { TestServer } from '../harness/server.ts';

/** A container of Coolify with the labels that its proxy reads. `name` is the one that the translator knows it by. */
export interface Labelled { name: string; labels: readonly string[] }

/** What answers requests: in Docker under labels, in the cluster behind the objects that the translator made. */
export interface RoutedStack { name: string; containers: readonly Labelled[]; manifests: readonly Manifest[] }

const echo = 'test/echo:1';
const echoed = (name: string): string => objectName(name);

/** Puts the image that answers requests into the server's registry. It exposes no port of its own, since Traefik takes an exposed one where no label names a port. */
export function pushEcho(run: Run): void {
  const name = `127.0.0.1:5000/${echo}`;
  run(['docker', 'build', '-q', '-t', name, join(import.meta.dirname, '../harness/echo')]);
  run(['sh', '-euc', 'id=$(docker create "$1"); docker export "$id" | docker import -c \'ENTRYPOINT ["sh","/echo.sh"]\' - "$1"; docker rm "$id"; docker push -q "$1"', 'sh', name]);
}

/** Every port that the labels or the objects of a stack lead to: each container listens on all, and says on which it was asked. */
function portsOf(stack: RoutedStack): string[] {
  return [...new Set([...stack.containers.flatMap(labelledPorts), ...backends(stack).map(({ port }) => port)])];
}

const labelledPorts = ({ labels }: Labelled): string[] => labels.flatMap((label) => /^traefik\.http\.services\.[^.]+\.loadbalancer\.server\.port=(\d+)$/i.exec(label)?.[1] ?? []);

/** What Ingresses and rules lead to. */
function backends({ manifests }: RoutedStack): { service: string; port: string }[] {
  const found: { service: string; port: string }[] = [];
  const walk = (value: Json | undefined): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (isObject(value)) {
      const port = isObject(value['port']) ? value['port']['number'] : value['port'];
      if (typeof port === 'number' && typeof value['name'] === 'string') found.push({ service: value['name'], port: String(port) });
      Object.values(value).forEach(walk);
    }
  };
  manifests.filter(({ kind }) => kind === 'Ingress' || kind === 'IngressRoute').forEach((manifest) => { walk(manifest['spec']); });
  return found;
}

/** Starts a container with the labels of each. */
export function startInDocker(run: Run, stacks: readonly RoutedStack[]): void {
  for (const stack of stacks) for (const container of stack.containers) {
    // Images expose what they listen on, which is not known here: it is what the labels name, or in their place what the translator took.
    const labelled = labelledPorts(container);
    const exposed = labelled.length > 0 ? labelled : backends(stack).filter(({ service }) => service === echoed(container.name)).map(({ port }) => port);
    run(['docker', 'run', '-d', '-e', `NAME=${echoed(container.name)}`, '-e', `PORTS=${portsOf(stack).join(' ')}`, ...exposed.flatMap((port) => ['--expose', port]), ...container.labels.flatMap((label) => ['--label', label]), `127.0.0.1:5000/${echo}`]);
  }
}

/** Applies what a proxy and its requests need of the translator's objects; the answer waits for the pods. Of a workload only the labels and ports of its pods count here. */
export function startInCluster(server: TestServer, run: Run, stacks: readonly RoutedStack[]): () => void {
  const objects = stacks.flatMap((stack) => {
    const routed = stack.manifests.filter(({ kind }) => ['Namespace', 'Service', 'Secret', 'Ingress', 'IngressRoute', 'Middleware'].includes(kind));
    const pods = stack.manifests.flatMap((manifest) => podOf(stack, manifest));
    return [...routed, ...pods];
  });
  const first = objects.filter(({ kind }) => kind === 'Namespace');
  for (const items of [first, objects.filter((object) => !first.includes(object))]) {
    const { code, stderr } = server.kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    if (code !== 0) throw new Error(stderr);
  }
  return () => run(['kubectl', 'wait', '-A', 'pod', '-l', containerLabel, '--for=condition=Ready', '--timeout=300s']);
}

function podOf(stack: RoutedStack, manifest: Manifest): Manifest[] {
  const { spec: workload } = manifest;
  const template = isObject(workload) && 'template' in workload ? workload['template'] : undefined;
  const metadata = isObject(template) ? template['metadata'] : undefined;
  if (!isObject(metadata) || !isObject(metadata['labels']) || !/^(Deployment|StatefulSet)$/.test(manifest.kind)) return [];
  const name = String(metadata['labels'][containerLabel]);
  const container = stack.containers.find((item) => echoed(item.name) === name);
  if (container === undefined) return [];
  const env: Json = [{ name: 'NAME', value: echoed(container.name) }, { name: 'PORTS', value: portsOf(stack).join(' ') }];
  const spec: JsonObject = { terminationGracePeriodSeconds: 0, containers: [{ name: 'echo', image: echo, env }] };
  const namespace = manifest.metadata.namespace;
  return [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: `echo-${name}`, ...(namespace === undefined ? {} : { namespace }), labels: metadata['labels'] as Record<string, string> }, spec }];
}
