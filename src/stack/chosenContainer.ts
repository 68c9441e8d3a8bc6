import type { Container } from '../model/stack';

/**
 * The container that a task or a command around a deployment runs in: the only one that keeps running, else the one that is named
 * (`ScheduledTaskJob`, `ApplicationDeploymentJob`). Undefined where Coolify finds none either: with several containers it takes no guess.
 */
export function chosenContainer(named: string | undefined, containers: readonly Container[]): Container | undefined {
  const running = containers.filter(({ lifecycle }) => lifecycle.kind === 'service');
  if (running.length === 1) return running[0];
  return named === undefined ? undefined : running.find(({ name }) => name === named) ?? running.find(({ hostNames }) => hostNames.includes(named));
}
