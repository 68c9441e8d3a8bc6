import type { Manifest } from '../../model/manifest';
import type { Rendering } from '../../model/rendering';
import { isObject, type JsonObject } from '../../text/json';

/** How a deployment starts: as it will run, with scheduled jobs asleep, or with nothing running at all. */
export type DeploymentMode = 'run' | 'trial' | 'scaledToZero';

/** No node carries this label, so a DaemonSet with it as selector has no pod: it knows no replicas. */
const nowhere = { 'coolify-kubernetes/stopped': 'true' };

/** The same objects in another mode. A mode never changes names, selectors or claims. */
export function inMode(rendering: Rendering, mode: DeploymentMode): Rendering {
  if (mode === 'run') return rendering;
  const manifests = mode === 'trial' ? rendering.manifests.map(asleep) : rendering.manifests.filter(({ kind }) => kind !== 'HorizontalPodAutoscaler').map(atZero);
  // With nothing running there is no container for a command.
  const { hooks, ...rest } = rendering;
  return { ...rest, manifests, ...(mode === 'trial' && hooks !== undefined ? { hooks } : {}) };
}

const asleep = (manifest: Manifest): Manifest => (manifest.kind === 'CronJob' ? withSpec(manifest, { suspend: true }) : manifest);

function atZero(manifest: Manifest): Manifest {
  switch (manifest.kind) {
    case 'Deployment': case 'StatefulSet': return withSpec(manifest, { replicas: 0 });
    case 'Job': case 'CronJob': return withSpec(manifest, { suspend: true });
    case 'DaemonSet': return withNodeSelector(manifest);
    default: return manifest;
  }
}

function withSpec(manifest: Manifest, more: Record<string, number | boolean>): Manifest {
  return { ...manifest, spec: { ...member(manifest, 'spec'), ...more } };
}

function withNodeSelector(manifest: Manifest): Manifest {
  const spec = member(manifest, 'spec');
  const template = member(spec, 'template');
  return { ...manifest, spec: { ...spec, template: { ...template, spec: { ...member(template, 'spec'), nodeSelector: nowhere } } } };
}

function member(object: Manifest | JsonObject, key: string): JsonObject {
  const value: unknown = object[key];
  return isObject(value) ? value : {};
}
