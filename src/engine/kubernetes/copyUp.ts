import type { Container, Mount } from '../../model/stack';
import type { RenderContext } from './context';
import { holdsDatabase } from './volumes';

/** Whether Docker would fill this volume from the image: not with `nocopy`, not a part of a volume; databases fill their own folder. */
export function copiesUp(context: RenderContext, mount: Extract<Mount, { kind: 'volume' }>): boolean {
  const volume = context.stack.volumes.find((candidate) => candidate.name === mount.volume);
  return mount.noCopy !== true && mount.subPath === undefined && volume?.nfs === undefined && !holdsDatabase(context, mount.volume);
}

/** Of several containers with one volume only the one that Docker would make first fills it: none waits for another of them. */
export function initialCopier(context: RenderContext, volume: string): string | undefined {
  const users = context.stack.containers.filter((container) => container.mounts.some((mount) => mount.kind === 'volume' && mount.volume === volume && copiesUp(context, mount)));
  const writers = users.filter((container) => container.mounts.some((mount) => mount.kind === 'volume' && mount.volume === volume && !mount.readOnly));
  const names = new Set(users.map((container) => container.name));
  const first = (candidates: Container[]): Container | undefined => candidates.find((container) => !container.dependsOn.some((dependency) => names.has(dependency.container))) ?? candidates[0];
  return first(writers.length > 0 ? writers : users)?.name;
}
