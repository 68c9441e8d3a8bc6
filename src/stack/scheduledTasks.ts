import type { Json } from '../text/json';
import type { Container, ScheduledTask } from '../model/stack';
import { flagField, listField, numberField, textField } from './apiFields';
import { chosenContainer } from './chosenContainer';
import type { FindingList } from './findings';

const words: Record<string, string> = {
  every_minute: '* * * * *', hourly: '0 * * * *', daily: '0 0 * * *', weekly: '0 0 * * 0', monthly: '0 0 1 * *', yearly: '0 0 1 1 *',
};

/** Coolify's frequency words, or the cron text itself. */
export function cronOf(frequency: string): string {
  return words[frequency.replace(/^@/, '')] ?? frequency;
}

/** `…/scheduled-tasks`. Coolify runs them inside the running container. */
export function readScheduledTasks(tasks: Json, containers: readonly Container[], findings: FindingList, timeZone?: string): ScheduledTask[] {
  return listField(tasks).flatMap((task) => {
    const uuid = textField(task, 'uuid') ?? 'task';
    const named = textField(task, 'container');
    const container = chosenContainer(named, containers);
    const schedule = cronOf(textField(task, 'frequency') ?? 'daily');
    if (!isCron(schedule)) {
      findings.add('field', 'refused', ['scheduledTasks', uuid], `"${schedule}" is no schedule that a CronJob can have.`, { fix: 'Write it as five cron fields.' });
      return [];
    }
    if (container === undefined) {
      findings.add('field', 'refused', ['scheduledTasks', uuid], `${named === undefined ? 'The task names no container, and there is more than one' : `No container that keeps running is called "${named}"`}; the task fails in Coolify too.`, { fix: 'Name one of the containers in Coolify.' });
      return [];
    }
    findings.add('field', 'approximated', ['scheduledTasks', uuid], 'The task runs in a pod of its own with the same image, variables and volumes, not inside the running container.');
    return [{
      uuid, name: textField(task, 'name') ?? uuid, command: textField(task, 'command') ?? 'true', schedule,
      container: container.name, enabled: task['enabled'] === undefined || flagField(task, 'enabled'), timeoutSeconds: numberField(task, 'timeout') ?? 300,
      ...(timeZone === undefined ? {} : { timeZone }),
      origin: findings.origin(['scheduledTasks', uuid]),
    }];
  });
}

/** Five fields of numbers, names, lists, ranges and steps. */
export function isCron(schedule: string): boolean {
  const fields = schedule.trim().split(/\s+/);
  return fields.length === 5 && fields.every((field) => /^(\*|[A-Za-z0-9]+(-[A-Za-z0-9]+)?)(\/\d+)?(,(\*|[A-Za-z0-9]+(-[A-Za-z0-9]+)?)(\/\d+)?)*$/.test(field));
}
