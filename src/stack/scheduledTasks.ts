import type { Json } from '../text/json';
import type { ScheduledTask } from '../model/stack';
import { flagField, listField, numberField, textField } from './apiFields';
import type { FindingList } from './findings';

const words: Record<string, string> = {
  every_minute: '* * * * *', hourly: '0 * * * *', daily: '0 0 * * *', weekly: '0 0 * * 0', monthly: '0 0 1 * *', yearly: '0 0 1 1 *',
};

/** Coolify's frequency words, or the cron text itself. */
export function cronOf(frequency: string): string {
  return words[frequency.replace(/^@/, '')] ?? frequency;
}

/** `…/scheduled-tasks`. Coolify runs them inside the running container. */
export function readScheduledTasks(tasks: Json, findings: FindingList): ScheduledTask[] {
  return listField(tasks).map((task) => {
    const uuid = textField(task, 'uuid') ?? 'task';
    const container = textField(task, 'container');
    findings.add('field', 'approximated', ['scheduledTasks', uuid], 'The task runs in a pod of its own with the same image, variables and volumes, not inside the running container.');
    return {
      uuid, name: textField(task, 'name') ?? uuid, command: textField(task, 'command') ?? 'true', schedule: cronOf(textField(task, 'frequency') ?? 'daily'),
      ...(container === undefined ? {} : { container }), enabled: task['enabled'] === undefined || flagField(task, 'enabled'), timeoutSeconds: numberField(task, 'timeout') ?? 300,
      origin: findings.origin(['scheduledTasks', uuid]),
    };
  });
}
