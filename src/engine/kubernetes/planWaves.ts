import type { Manifest } from '../../model/manifest';
import { isObject } from '../../text/json';
import { labelValue } from './naming';

/** Objects that are applied before the rest, and the Jobs among them that have to be done before it goes on. */
export interface Wave { manifests: Manifest[]; jobs: string[] }

/**
 * What has to come first because something waits for its end (`service_completed_successfully`): Kubernetes itself has no order, and a
 * pod cannot see that a Job is done. Each wave holds what waits for nothing that is still to be done; the last one is the whole and not here.
 */
export function waves(manifests: readonly Manifest[]): Wave[] {
  const jobs = new Map(manifests.filter((manifest) => manifest.kind === 'Job' && !isSuspended(manifest)).map((job) => [nameLabel(job), job]));
  const awaited = new Map(manifests.map((manifest) => [manifest, awaitedBy(manifest).filter((name) => jobs.has(name) && jobs.get(name) !== manifest)]));
  const done = new Set<string>();
  const result: Wave[] = [];
  for (;;) {
    const ready = manifests.filter((manifest) => (awaited.get(manifest) ?? []).every((name) => done.has(name)));
    const wanted = new Set(manifests.filter((manifest) => !ready.includes(manifest)).flatMap((manifest) => awaited.get(manifest) ?? []));
    const next = [...jobs].filter(([name, job]) => wanted.has(name) && !done.has(name) && ready.includes(job));
    if (next.length === 0) return result;
    for (const [name] of next) done.add(name);
    result.push({ manifests: ready, jobs: next.map(([, job]) => `job/${job.metadata.name}`) });
  }
}

function nameLabel(manifest: Manifest): string {
  return manifest.metadata.labels?.['app.kubernetes.io/name'] ?? '';
}

/** Containers whose end a workload waits for, from its own annotation. */
function awaitedBy(manifest: Manifest): string[] {
  const text = manifest.metadata.annotations?.['coolify-kubernetes/depends-on'];
  const dependencies: unknown = text === undefined ? [] : JSON.parse(text);
  return (Array.isArray(dependencies) ? dependencies : []).filter(isDependency).filter(({ condition }) => condition === 'completed').map(({ container }) => labelValue(container));
}

function isDependency(value: unknown): value is { container: string; condition: string } {
  return typeof value === 'object' && value !== null && 'container' in value && typeof value.container === 'string' && 'condition' in value;
}

function isSuspended({ spec }: Manifest): boolean {
  return isObject(spec) && 'suspend' in spec && spec['suspend'] === true;
}
