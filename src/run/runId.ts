import { randomBytes } from 'node:crypto';

/** An id for a run: sorts by time within its resource, and never occurs twice. */
export function newRunId({ uuid }: { uuid: string }): string {
  return `${uuid.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+/, '').slice(0, 60) || 'run'}-${Date.now().toString(36)}-${randomBytes(3).toString('hex')}`;
}
