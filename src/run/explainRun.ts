import type { Json } from '../text/json';
import { isObject } from '../text/json';
import { type Connection, readScript, SshError } from '../ssh';
import { explain, type Explanation } from './explain';
import { savedScript } from './scripts';
import { checkName } from './steps';

/** Events are kept for an hour; what happened long before the run is another run's. Two minutes cover clocks that differ. */
const slackMs = 120_000;

/**
 * Says why a run's roll-out failed, from what the run itself kept on the server; works after a reload, and when nobody watched.
 * Empty when the run kept nothing or nothing is wrong. Messages may hold what a program printed, so they are to be masked.
 */
export async function explainRun(connection: Connection, runId: string, signal?: AbortSignal): Promise<Explanation[]> {
  const { exit, stdout } = await readScript(connection, savedScript, [checkName('id', runId)], signal && { signal });
  if (exit.kind === 'lost') throw new SshError('lost', `The connection to ${connection.host} was lost.`, 'Connect again.');
  return explain(savedList(stdout));
}

/** What the run kept (`start TAB epoch`, `pod TAB name TAB status`, `event TAB event`) as the list that `explain` reads. Lines that are cut short are left out. */
export function savedList(text: string): Json {
  let start = 0;
  const items = text.split('\n').flatMap((line): Json[] => {
    const [type = '', first = '', ...rest] = line.split('\t');
    if (type === 'start') start = Number(first) * 1000;
    if (type === 'pod') return parsed(rest.join('\t')).map((status) => ({ kind: 'Pod', metadata: { name: first }, status }));
    if (type === 'event') return parsed([first, ...rest].join('\t')).filter((event) => isRecent(event, start)).map((event) => (isObject(event) ? { ...event, kind: 'Event' } : event));
    return [];
  });
  return { apiVersion: 'v1', kind: 'List', items };
}

function parsed(text: string): Json[] {
  try {
    return [JSON.parse(text) as Json];
  } catch {
    return [];
  }
}

function isRecent(event: Json, start: number): boolean {
  if (!isObject(event)) return false;
  const series = isObject(event['series']) ? event['series']['lastObservedTime'] : undefined;
  const time = [series, event['lastTimestamp'], event['eventTime']].find((value) => typeof value === 'string');
  return typeof time !== 'string' || !(Date.parse(time) < start - slackMs);
}
