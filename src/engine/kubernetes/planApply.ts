import type { Step } from '../../model/plan';
import { fieldManager } from './naming';
import { patiently } from './planRetry';

/** Server-side apply keeps Secrets out of the last-applied annotation, and may be done again; a conflict is somebody else's field and stops the run. */
export const applyWords = ['apply', '--server-side', `--field-manager=${fieldManager}`, '--force-conflicts=false'];

/** Applies a file of the run. */
export function applyStep(id: string, stage: Step['stage'], title: string, stdin: string, kubectl: readonly string[]): Step {
  return { id, stage, title, argv: patiently([...kubectl, ...applyWords, '-f', '-']), stdin, timeoutSeconds: 240 };
}
