import type { RenderContext } from './context';
import type { Pod } from './workload';

/** Pods in the order in which their dependencies allow them to start; a circle is broken where it is met. */
export function inDependencyOrder(context: RenderContext, pods: readonly Pod[]): Pod[] {
  const byName = new Map(pods.map((pod) => [pod[0].name, pod]));
  const levels = new Map<string, number>();
  const level = (name: string, path: ReadonlySet<string>): number => {
    const known = levels.get(name);
    if (known !== undefined) return known;
    const pod = byName.get(name);
    if (pod === undefined || path.has(name)) return -1;
    const further = new Set([...path, name]);
    const needed = pod.flatMap((container) => container.dependsOn.map((dependency) => context.podOf(dependency.container))).filter((other) => other !== name);
    const result = 1 + Math.max(-1, ...needed.map((other) => level(other, further)));
    if (path.size === 0) levels.set(name, result);
    return result;
  };
  return [...pods].sort((a, b) => level(a[0].name, new Set()) - level(b[0].name, new Set()));
}
