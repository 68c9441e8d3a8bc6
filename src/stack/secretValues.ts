import type { Stack } from '../model/stack';

/** The secret values of a stack: of its variables, and those that it names besides. Each once, none empty. */
export function secretValues(stack: Stack): string[] {
  const variables = [...stack.sharedEnv, ...stack.containers.flatMap((container) => container.env)];
  return [...new Set([...variables.filter((variable) => variable.secret).map((variable) => variable.value), ...(stack.secretValues ?? [])])].filter((value) => value !== '');
}
