import type { Stack } from './model/stack';

/** Every value of a stack that must not be shown. */
export function secretsOf(stack: Stack): string[] {
  const variables = [...stack.sharedEnv, ...stack.containers.flatMap((container) => container.env)];
  const files = stack.containers.flatMap((container) => container.mounts).flatMap((mount) => (mount.kind === 'file' && mount.secret && mount.binary !== true ? [mount.content] : []));
  return [...new Set([...variables.filter((variable) => variable.secret).map((variable) => variable.value), ...(stack.secretValues ?? []), ...files])].filter((value) => value !== '');
}
