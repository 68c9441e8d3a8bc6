import type { Stack } from './model/stack';
import { secretValues } from './stack/secretValues';

/** Every value of a stack that must not be shown: its secret values, and the contents of its secret files. */
export function secretsOf(stack: Stack): string[] {
  const files = stack.containers.flatMap((container) => container.mounts).flatMap((mount) => (mount.kind === 'file' && mount.secret && mount.binary !== true ? [mount.content] : []));
  return [...new Set([...secretValues(stack), ...files])].filter((value) => value !== '');
}
