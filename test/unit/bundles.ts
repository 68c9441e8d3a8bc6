import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Bundle, ResourceKind } from '../../src/model/instance';

const own = path.join(import.meta.dirname, '../fixtures/coolify/root');
/** A larger corpus beside the repository, where there is one. */
export const corpus = path.join(import.meta.dirname, '../../../shared/corpus');
export const recorded = path.join(corpus, 'coolify-recorded/root');
export const hasCorpus = existsSync(recorded);

function body(folder: string, name: string): unknown {
  const file = path.join(folder, `${name}.json`);
  if (!existsSync(file)) return undefined;
  const answer: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof answer === 'object' && answer !== null && 'body' in answer ? answer.body : undefined;
}

/** A recorded resource as the bundle the extension would collect. */
export function readBundle(kind: ResourceKind, uuid: string, folder = own): Bundle {
  const name = `${kind}s__${uuid}`;
  return { kind, resource: body(folder, name), envs: body(folder, `${name}__envs`) ?? [], storages: body(folder, `${name}__storages`) ?? {}, scheduledTasks: body(folder, `${name}__scheduled-tasks`) ?? [], backups: body(folder, `${name}__backups`) ?? [] };
}

export function recordedBundles(): Bundle[] {
  return readdirSync(recorded).sort().flatMap((file) => {
    const match = /^(application|service|database)s__([a-z0-9]+)\.json$/.exec(file);
    const kind = match?.[1];
    return kind === 'application' || kind === 'service' || kind === 'database' ? [readBundle(kind, match?.[2] ?? '', recorded)] : [];
  });
}
