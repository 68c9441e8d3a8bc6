import { isObject } from '../text/json';
import type { Json } from '../text/json';
import type { Decision } from '../model/finding';
import { servicesIn } from './composeRoot';
import type { FindingList } from './findings';

type KeyDecision = [Decision, string];

/** What Coolify writes into the compose file that it runs (parsers.php, `serviceParser` and `applicationParser`). */
const service: Record<string, KeyDecision> = {
  container_name: ['translated', 'Coolify\'s own name; a Service answers to it.'],
  restart: ['translated', 'Coolify\'s own policy; a workload is always started again.'],
  labels: ['translated', 'Coolify\'s own labels; routing is made from the domains.'],
  networks: ['ignored', 'Coolify\'s own network; the pods of a namespace reach each other.'],
  env_file: ['translated', 'Coolify\'s `.env`; it reaches the container from a Secret.'],
  environment: ['translated', 'Coolify\'s own variables; the container has them.'],
  image: ['translated', 'The image that Coolify builds.'],
};
const topLevel: Record<string, KeyDecision> = {
  networks: ['ignored', 'Coolify\'s own network; the pods of a namespace reach each other.'],
  volumes: ['translated', 'Coolify\'s own names of the volumes; each becomes a claim.'],
};
const other: KeyDecision = ['inferred', 'Coolify writes it when it deploys; it is made anew from the resource\'s own fields.'];

/** Decides the keys of the compose file that Coolify runs that are not in the one that a person wrote. */
export function decideEffectiveKeys(effective: Json, written: Json, findings: FindingList): void {
  if (!isObject(effective) || !isObject(written)) return;
  const add = (path: string[], [decision, message]: KeyDecision): void => { findings.add('key', decision, path, message); };
  for (const key of newKeys(effective, written)) add([key], topLevel[key] ?? other);
  const [ran, own] = [servicesIn(effective), servicesIn(written)];
  for (const [name, definition] of Object.entries(ran)) {
    for (const key of newKeys(definition, own[name])) add(['services', name, key], service[key] ?? other);
  }
}

function newKeys(effective: Json | undefined, written: Json | undefined): string[] {
  const known = isObject(written) ? written : {};
  return isObject(effective) ? Object.keys(effective).filter((key) => !(key in known)) : [];
}
