import { createHash } from 'node:crypto';
import type { Plan, RunState } from '../model/plan';
import type { Connection } from '../ssh';
import { isObject } from '../text/json';
import { ask } from './ask';
import { parseState } from './events';
import { listScript } from './scripts';

/** Ended runs are kept so long. Days. */
const keptDays = 14;

export interface RunSummary {
  id: string;
  startedAt?: string;
  state: RunState;
  resource?: { uuid: string; name: string };
  namespace?: string;
  /** Id of the destination, where the plan named one. */
  destination?: string;
}

/** What a list shows of a run, as one line of JSON. Holds no secret. */
export function summaryOf({ resource, namespace, destination }: Plan): string {
  return JSON.stringify({ uuid: resource.uuid, name: resource.name, namespace, ...(destination !== undefined && { destination }) });
}

/** Runs of one resource in one namespace exclude each other, whatever their ids are. */
export function lockName({ resource, namespace }: Plan): string {
  return createHash('sha256').update(`${resource.uuid}\0${namespace}`).digest('hex').slice(0, 32);
}

/** All runs that the server knows, in no order. Sweeps what is old, and secrets of runs that died. */
export async function listRuns(connection: Connection, signal?: AbortSignal): Promise<RunSummary[]> {
  const text = await ask(connection, listScript, [String(keptDays)], signal && { signal });
  return text.split('\n').filter((line) => line !== '').map(parseRunLine);
}

/** Runs of one resource, the newest first: what an editor looks for after a reload. */
export async function findRuns(connection: Connection, { resourceUuid, namespace }: { resourceUuid: string; namespace?: string }, signal?: AbortSignal): Promise<RunSummary[]> {
  const runs = (await listRuns(connection, signal)).filter((run) => run.resource?.uuid === resourceUuid && (namespace === undefined || run.namespace === namespace));
  return runs.sort((a, b) => (b.startedAt ?? '').localeCompare(a.startedAt ?? ''));
}

export function parseRunLine(line: string): RunSummary {
  const [id = '', epoch = '', state = '', ...rest] = line.split('\t');
  return { id, ...(/^\d+$/.test(epoch) && { startedAt: new Date(Number(epoch) * 1000).toISOString() }), state: parseState(state), ...parseSummary(rest.join('\t')) };
}

/** A run of an older version has no summary. */
function parseSummary(text: string): Partial<RunSummary> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isObject(value)) return {};
  const { uuid, name, namespace, destination } = value;
  return {
    ...(typeof uuid === 'string' && typeof name === 'string' && { resource: { uuid, name } }), ...(typeof namespace === 'string' && { namespace }),
    ...(typeof destination === 'string' && { destination }),
  };
}
