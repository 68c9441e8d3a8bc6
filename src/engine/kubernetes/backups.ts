import { isObject } from '../../text/json';
import type { Json, JsonObject } from '../../text/json';
import type { Manifest } from '../../model/manifest';
import type { Backup, Container } from '../../model/stack';
import type { RenderContext } from './context';
import { objectName, shortHash } from './naming';
import { secretManifest } from './secrets';

/** One dump script for each kind, with the client of the database's own image: `$HOST`, then databases as arguments (facts §6.5). Passwords come from the environment. */
const dumps: [RegExp, { one: string; all: string }][] = [
  [/(postgres|postgis|pgvector|timescale)/, {
    one: 'export PGPASSWORD="$POSTGRES_PASSWORD"\nfor database in "$@"; do pg_dump --format=custom --no-acl --no-owner --host "$HOST" --username "$POSTGRES_USER" --file "pg-dump-$database-$stamp.dmp" -- "$database"; done',
    all: 'export PGPASSWORD="$POSTGRES_PASSWORD"\npg_dumpall --host "$HOST" --username "$POSTGRES_USER" --file "pg-dump-all-$stamp" && gzip "pg-dump-all-$stamp"',
  }],
  [/(mariadb)/, {
    one: 'export MYSQL_PWD="$MARIADB_ROOT_PASSWORD"\nfor database in "$@"; do mariadb-dump --host "$HOST" --user root --result-file "mariadb-dump-$database-$stamp.dmp" -- "$database"; done',
    all: 'export MYSQL_PWD="$MARIADB_ROOT_PASSWORD"\nmariadb-dump --host "$HOST" --user root --all-databases --single-transaction --quick --lock-tables=false --result-file "mariadb-dump-all-$stamp" && gzip "mariadb-dump-all-$stamp"',
  }],
  [/(mysql|percona)/, {
    one: 'export MYSQL_PWD="$MYSQL_ROOT_PASSWORD"\nfor database in "$@"; do mysqldump --host "$HOST" --user root --result-file "mysql-dump-$database-$stamp.dmp" -- "$database"; done',
    all: 'export MYSQL_PWD="$MYSQL_ROOT_PASSWORD"\nmysqldump --host "$HOST" --user root --all-databases --single-transaction --quick --lock-tables=false --result-file "mysql-dump-all-$stamp" && gzip "mysql-dump-all-$stamp"',
  }],
  [/(mongo)/, {
    one: 'for entry in "$@"; do\n  database="${entry%%:*}"; exclude=""\n  case "$entry" in *:*) for collection in $(printf %s "${entry#*:}" | tr , " "); do exclude="$exclude --excludeCollection=$collection"; done;; esac\n  # shellcheck disable=SC2086\n  mongodump $TLS_OPTIONS --host "$HOST" --username "$MONGO_INITDB_ROOT_USERNAME" --password "$MONGO_INITDB_ROOT_PASSWORD" --authenticationDatabase=admin --gzip --db "$database" $exclude --archive="mongo-dump-$database-$stamp.archive.gz"\ndone',
    all: 'mongodump $TLS_OPTIONS --host "$HOST" --username "$MONGO_INITDB_ROOT_USERNAME" --password "$MONGO_INITDB_ROOT_PASSWORD" --authenticationDatabase=admin --gzip --archive="mongo-dump-all-$stamp.archive.gz"',
  }],
];

/** Moves the dump to the claim and removes what is beyond number and age: `$1`, `$2`; 0 keeps all. */
const keepScript = `set -eu
mkdir -p "/backups/$FOLDER" && cd "/backups/$FOLDER"
mv /dump/* .
if [ "$1" -gt 0 ]; then ls -1t | tail -n "+$(($1 + 1))" | while IFS= read -r file; do rm -f -- "$file"; done; fi
if [ "$2" -gt 0 ]; then find . -type f -mtime "+$2" -exec rm -f -- {} +; fi`;

/** Uploads the dump, then removes what is older than \`$1\` days and beyond the number \`$2\` there; \`$TARGET\` is the bucket and folder. */
const uploadScript = `set -eu
printf '%s\\n%s\\n' "$S3_KEY" "$S3_SECRET" | mc alias set target "$S3_ENDPOINT" >/dev/null
mc cp --recursive /dump/ "target/$TARGET/"
if [ "$1" -gt 0 ]; then mc rm --recursive --force --older-than "\${1}d" "target/$TARGET/"; fi
if [ "$2" -gt 0 ]; then mc ls "target/$TARGET/" | sort -r | tail -n "+$(($2 + 1))" | while IFS= read -r line; do mc rm "target/$TARGET/\${line##* }"; done; fi`;

/** CronJobs for the scheduled backups of a database, and the claim they write to. */
export function backupObjects(context: RenderContext, container: Container, spec: JsonObject): Manifest[] {
  const backups = context.stack.backups ?? [];
  const original = (Array.isArray(spec['containers']) ? spec['containers'] : []).filter(isObject).find((item) => item['name'] === context.nameOf(container.name));
  if (backups.length === 0 || original === undefined) return [];
  const dump = dumps.find(([pattern]) => pattern.test(container.env.map(({ name }) => name.toLowerCase()).join(' ')))?.[1];
  if (dump === undefined) {
    for (const backup of backups) context.find('backup', 'refused', backup.origin, `${container.name} writes backups to its own disk only, so no other pod can make them.`, { fix: 'Let the server back up to S3 itself (ClickHouse: BACKUP … TO S3), or take snapshots of its volume.' });
    return [];
  }
  const claim = `${context.nameOf(container.name)}-backups`;
  const { storage } = context.destination;
  const volume = context.object('v1', 'PersistentVolumeClaim', claim, { spec: { accessModes: ['ReadWriteOnce'], ...(storage.className === undefined ? {} : { storageClassName: storage.className }), resources: { requests: { storage: `${String(storage.sizeGi)}Gi` } } } }, container);
  return [...(backups.some((backup) => backup.local) ? [volume] : []), ...backups.flatMap((backup) => cronJob(context, container, original, backup, dump, claim))];
}

function cronJob(context: RenderContext, container: Container, original: JsonObject, backup: Backup, dump: { one: string; all: string }, claim: string): Manifest[] {
  const name = objectName(`${context.nameOf(container.name).slice(0, 30)}-backup-${shortHash(backup.uuid, 6)}`, 52);
  const env = Array.isArray(original['env']) ? original['env'] : [];
  const databases = backup.databases.length > 0 ? backup.databases : defaultDatabases(container);
  const script = `set -eu\numask 077\ncd /dump\nstamp="$(date +%s)"\n${backup.all || databases.length === 0 ? dump.all : dump.one}`;
  const mounts: Json[] = [{ name: 'dump', mountPath: '/dump' }];
  const own = { image: original['image'] ?? '', imagePullPolicy: original['imagePullPolicy'] ?? 'IfNotPresent' };
  const dumpContainer: JsonObject = { name: 'dump', ...own, command: ['/bin/sh', '-c', script, 'dump', ...databases], env: [...env, ...(dump.one.includes('$TLS_OPTIONS') ? [{ name: 'TLS_OPTIONS', value: container.certificate === undefined ? '' : '--ssl --tlsInsecure' }] : []), { name: 'HOST', value: context.serviceName(container.hostNames[0] ?? container.name) }], volumeMounts: mounts };
  const keep: JsonObject = { name: 'keep', ...own, command: ['/bin/sh', '-c', keepScript, 'keep', String(backup.keep.amount), String(backup.keep.days)], env: [{ name: 'FOLDER', value: backup.uuid }], volumeMounts: [...mounts, { name: 'backups', mountPath: '/backups' }] };
  const s3 = backup.s3 === undefined ? undefined : upload(context, container, name, backup.s3, mounts);
  const steps = [dumpContainer, ...(s3 === undefined ? [] : [s3.container]), ...(backup.local ? [keep] : [])];
  const last = steps.at(-1) ?? dumpContainer;
  const volumes: Json[] = [{ name: 'dump', emptyDir: {} }, ...(backup.local ? [{ name: 'backups', persistentVolumeClaim: { claimName: claim } }] : [])];
  const pod: JsonObject = { restartPolicy: 'Never', enableServiceLinks: false, automountServiceAccountToken: false, ...(steps.length > 1 ? { initContainers: steps.slice(0, -1) } : {}), containers: [last], volumes };
  const job = { backoffLimit: 1, activeDeadlineSeconds: backup.timeoutSeconds, template: { metadata: { labels: context.labels(container) }, spec: pod } };
  return [...(s3 === undefined ? [] : [s3.secret]), context.object('batch/v1', 'CronJob', name, {
    spec: { schedule: backup.schedule, ...(backup.timeZone === undefined ? {} : { timeZone: backup.timeZone }), concurrencyPolicy: 'Forbid', suspend: !backup.enabled || context.stack.running === false, jobTemplate: { spec: job } },
  }, container)];
}

/** The database that the image makes at its first start. */
function defaultDatabases(container: Container): string[] {
  return container.env.filter(({ name }) => /^(POSTGRES_DB|MYSQL_DATABASE|MARIADB_DATABASE)$/.test(name)).map(({ value }) => value);
}

/** MinIO's client, as in Coolify; the keys stand in a Secret and reach it on its input. */
function upload(context: RenderContext, container: Container, name: string, s3: NonNullable<Backup['s3']>, mounts: Json[]): { container: JsonObject; secret: Manifest } {
  const secret = secretManifest(context, `${name}-s3`, new Map([['key', s3.key], ['secret', s3.secret]]), container);
  const fromSecret = (variable: string, key: string): Json => ({ name: variable, valueFrom: { secretKeyRef: { name: `${name}-s3`, key } } });
  return {
    secret,
    container: {
      name: 'upload', image: 'minio/mc:RELEASE.2025-08-13T08-35-41Z', imagePullPolicy: 'IfNotPresent', command: ['/bin/sh', '-c', uploadScript, 'upload', String(s3.keep.days), String(s3.keep.amount)],
      env: [fromSecret('S3_KEY', 'key'), fromSecret('S3_SECRET', 'secret'), { name: 'S3_ENDPOINT', value: /^https?:\/\//.test(s3.endpoint) ? s3.endpoint : `https://${s3.endpoint}` }, { name: 'TARGET', value: `${s3.bucket}/databases/${context.stack.uuid}` }, { name: 'MC_CONFIG_DIR', value: '/tmp/mc' }], volumeMounts: mounts,
    },
  };
}
