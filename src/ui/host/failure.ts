import type { Connection } from '../../ssh';
import { loadCore, loadRemote } from './bundles';

/** One cause of a failed deployment: the object and reason, and the next step. Masked. */
export interface Why { message: string; nextStep: string }

/** What the run kept for explaining, as sentences; the worst cause first. Empty when no pod is to blame: then the failed step's own words tell. */
export async function explainFailure(connection: Connection, runId: string, secrets: readonly string[]): Promise<Why[]> {
  const { maskText } = loadCore();
  const causes = await loadRemote().explainRun(connection, runId);
  return causes.map(({ subject, message, nextStep }) => ({ message: maskText(`${subject}: ${message}`, secrets), nextStep: maskText(nextStep, secrets) }));
}
