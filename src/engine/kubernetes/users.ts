/** Ids that a name has in an image's `/etc/passwd`, and what tells so. */
export interface KnownUser { uid: number; gid?: number; evidence: string }

const everywhere: Record<string, [number, number]> = { root: [0, 0], nobody: [65_534, 65_534], daemon: [1, 1] };

/** Users that official images make: image (its last part), user, uid and gid in the Debian variant, and in the Alpine one where it differs. */
const byImage: [RegExp, string, [number, number], [number, number]?][] = [
  [/^(node|.*-node|n8n|ghost|.*devcontainer.*)$/, 'node', [1000, 1000]], [/^(postgres|postgis|pgvector|timescaledb)/, 'postgres', [999, 999], [70, 70]], [/^(mysql|mariadb|percona)/, 'mysql', [999, 999]],
  [/^(redis|valkey|keydb)/, 'redis', [999, 999], [999, 1000]], [/^(mongo|mongodb)/, 'mongodb', [999, 999]], [/^rabbitmq/, 'rabbitmq', [999, 999], [100, 101]], [/^nginx/, 'nginx', [101, 101]], [/^grafana/, 'grafana', [472, 0]],
  [/^(elasticsearch|opensearch|logstash|kibana)/, 'elasticsearch', [1000, 1000]], [/^memcached/, 'memcache', [11_211, 11_211]], [/^(jenkins)/, 'jenkins', [1000, 1000]], [/^haproxy/, 'haproxy', [99, 99]], [/^(gitea|forgejo)/, 'git', [1000, 1000]],
];

/** `www-data` and the like: made by the distribution, so the same in all its images. */
const byDistribution: Record<string, { debian: [number, number]; alpine: [number, number] }> = {
  'www-data': { debian: [33, 33], alpine: [82, 82] }, mail: { debian: [8, 8], alpine: [8, 12] }, games: { debian: [5, 60], alpine: [35, 35] }, guest: { debian: [405, 100], alpine: [405, 100] },
};

const groups: Record<string, { debian: number; alpine: number }> = {
  root: { debian: 0, alpine: 0 }, adm: { debian: 4, alpine: 4 }, tty: { debian: 5, alpine: 5 }, disk: { debian: 6, alpine: 6 }, dialout: { debian: 20, alpine: 20 }, audio: { debian: 29, alpine: 18 }, video: { debian: 44, alpine: 27 },
  users: { debian: 100, alpine: 100 }, 'www-data': { debian: 33, alpine: 82 }, nogroup: { debian: 65_534, alpine: 65_533 }, nobody: { debian: 65_534, alpine: 65_534 },
};

function lastPart(image: string): string {
  return (image.split('@')[0] ?? '').split('/').at(-1)?.split(':')[0] ?? '';
}

function isAlpine(image: string): boolean {
  return /alpine/i.test(image);
}

/** A user's numbers, where the image's own list of users is known without reading it. */
export function knownUser(image: string, name: string): KnownUser | undefined {
  const common = everywhere[name];
  if (common !== undefined) return { uid: common[0], gid: common[1], evidence: `"${name}" is ${String(common[0])} in every Linux image` };
  const own = byImage.find(([pattern, user]) => user === name && pattern.test(lastPart(image)));
  const distribution = byDistribution[name];
  const ids = own === undefined ? distribution?.[isAlpine(image) ? 'alpine' : 'debian'] : isAlpine(image) ? own[3] ?? own[2] : own[2];
  if (ids === undefined) return undefined;
  return { uid: ids[0], gid: ids[1], evidence: own === undefined ? `"${name}" is ${String(ids[0])} in ${isAlpine(image) ? 'Alpine' : 'Debian'}` : `the image ${lastPart(image)} makes it so` };
}

export function knownGroup(image: string, name: string): number | undefined {
  return groups[name]?.[isAlpine(image) ? 'alpine' : 'debian'];
}

/** Compose `user` in numbers, as far as they are known: `uid`, `uid:gid`, `name`, `name:group`. */
export function numericUser(image: string, user: string): KnownUser | undefined {
  const [name = '', group] = user.split(':');
  const numeric = /^\d+$/.test(name) ? { uid: Number(name), evidence: '' } : knownUser(image, name);
  if (numeric === undefined) return undefined;
  if (group === undefined || group === '') return numeric;
  const gid = /^\d+$/.test(group) ? Number(group) : knownGroup(image, group) ?? (group === name ? numeric.gid : undefined);
  return gid === undefined ? undefined : { uid: numeric.uid, gid, evidence: numeric.evidence === '' && !/^\d+$/.test(group) ? `"${group}" has that number in the distribution` : numeric.evidence };
}
