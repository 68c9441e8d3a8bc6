import { isObject } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import type { Backup } from '../model/stack';
import { flagField, listField, numberField, textField } from './apiFields';
import type { DatabaseType } from './databaseTypes';
import type { FieldFindings } from './fieldFindings';
import { cronOf, isCron } from './scheduledTasks';

/** Kinds that Coolify can dump. */
const dumped = new Set(['StandalonePostgresql', 'StandaloneMysql', 'StandaloneMariadb', 'StandaloneMongodb', 'StandaloneClickhouse']);

/** `…/backups`. The API joins them by number alone, so rows of other kinds of databases are among them (facts §14.7). */
export function readBackups(backups: Json, type: DatabaseType, s3Storages: Json, timeZone: string | undefined, findings: FieldFindings): Backup[] {
  return listField(backups).flatMap((row) => {
    const uuid = textField(row, 'uuid') ?? 'backup';
    const path = ['backups', uuid];
    if ((textField(row, 'database_type') ?? type.model).split('\\').at(-1) !== type.model) {
      findings.add('backup', 'ignored', path, 'It is the backup of another database; the API mixes them up.');
      return [];
    }
    const schedule = cronOf(textField(row, 'frequency') ?? 'daily');
    if (!dumped.has(type.model) || !isCron(schedule)) {
      findings.add('backup', 'refused', path, dumped.has(type.model) ? `"${schedule}" is no schedule that a CronJob can have.` : 'There is no backup of this kind of database in Coolify.', { fix: 'Back up the volume instead.' });
      return [];
    }
    const s3 = flagField(row, 'save_s3') ? s3Target(row, s3Storages, path, findings) : undefined;
    const maximum = (numberField(row, 'database_backup_retention_max_storage_locally') ?? 0) > 0 || (numberField(row, 'database_backup_retention_max_storage_s3') ?? 0) > 0;
    findings.add('backup', 'translated', path, 'Becomes a CronJob that dumps through the network into a claim of its own.');
    if (maximum) findings.add('backup', 'approximated', [...path, 'retention'], 'Backups are kept by number and age; their total size is bounded by the claim alone.');
    return [{
      uuid, enabled: row['enabled'] === undefined || flagField(row, 'enabled'), schedule, ...(timeZone === undefined ? {} : { timeZone }), all: flagField(row, 'dump_all'),
      databases: (textField(row, 'databases_to_backup') ?? '').split(type.model === 'StandaloneMongodb' ? '|' : ',').map((name) => name.trim()).filter((name) => name !== ''),
      local: !(flagField(row, 'disable_local_backup') && s3 !== undefined), keep: keep(row, 'locally'), ...(s3 === undefined ? {} : { s3 }), timeoutSeconds: numberField(row, 'timeout') ?? 3600, origin: findings.origin(path),
    }];
  });
}

function keep(row: JsonObject, where: 'locally' | 's3'): Backup['keep'] {
  return { amount: numberField(row, `database_backup_retention_amount_${where}`) ?? 0, days: numberField(row, `database_backup_retention_days_${where}`) ?? 0 };
}

/** The storage of a backup. Its number is hidden in the list, so it is known only when there is one, or the list shows ids. */
function s3Target(row: JsonObject, storages: Json, path: string[], findings: FieldFindings): Backup['s3'] {
  const id = numberField(row, 's3_storage_id');
  if (id === undefined) {
    findings.add('backup', 'ignored', [...path, 's3'], 'No S3 storage is chosen, so Coolify keeps this backup on the server only.');
    return undefined;
  }
  const all = listField(storages);
  const storage = all.find((item) => numberField(item, 'id') === id) ?? (all.length === 1 ? all[0] : undefined);
  const [endpoint, bucket, key, secret] = ['endpoint', 'bucket', 'key', 'secret'].map((field) => (isObject(storage) ? textField(storage, field) : undefined));
  if (endpoint === undefined || bucket === undefined || key === undefined || secret === undefined) {
    findings.add('backup', 'refused', [...path, 's3'], 'The S3 storage of this backup is not known here, so the dump stays in its claim.', { fix: 'Use a token with read:sensitive, or copy the claim elsewhere yourself.' });
    return undefined;
  }
  return { endpoint, bucket, region: (isObject(storage) ? textField(storage, 'region') : undefined) ?? 'us-east-1', key, secret, keep: keep(row, 's3') };
}
