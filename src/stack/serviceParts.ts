import type { JsonObject } from '../text/json';
import { flagField, textField } from './apiFields';
import { coolify, same, unknown } from './fieldFindings';
import type { FieldDecision } from './fieldFindings';
import type { FindingList } from './findings';

const notPublic: FieldDecision = ['ignored', 'The database is not public.'];
const idle: FieldDecision = ['approximated', 'A LoadBalancer closes idle connections at its own time, not after this one.'];
const about = (field: string): boolean => /^(id|.*_id|.*_at|.*_type|human_name|description|status|server_status|config_hash|compose_parsing_version|is_migrated|exclude_from_status|is_include_timestamps|required_fqdn)$/.test(field);

const fields: Record<string, FieldDecision> = {
  uuid: same, name: same, status: same, applications: same, databases: same, environment: same, docker_compose_raw: same, docker_compose: same,
  destination: ['translated', 'Its network is the scope in which names are found.'], server: ['translated', 'Its time zone is that of the scheduled tasks.'],
  connect_to_docker_network: ['translated', 'The names that other stacks know it by are answered in any case.'],
  is_container_label_escape_enabled: ['ignored', 'Dollars in labels are read as Compose reads them.'],
};
const partFields: Record<string, FieldDecision> = {
  uuid: same, name: same, fqdn: same, image: ['translated', 'It is the one in the compose file.'], ports: ['ignored', 'It is for Coolify\'s display; ports come from the compose file.'], exposes: ['ignored', 'It is for Coolify\'s display; ports come from the compose file.'],
  redirect: same, noindex_domains: same, is_gzip_enabled: same, is_stripprefix_enabled: same, is_force_https_enabled: same, custom_type: same,
  is_public: same, public_port: same, is_log_drain_enabled: ['ignored', 'The cluster collects what containers print.'],
};

/** One decision for each field of a service and of its parts. */
export function decideServiceFields(service: JsonObject, findings: FindingList): void {
  const say = (path: string[], [decision, message]: FieldDecision): void => { findings.add('field', decision, path, message); };
  for (const field of Object.keys(service).sort()) say([field], fields[field] ?? (about(field) ? coolify : unknown));
}

/** The same for an application or database of a service; `list` is where it stands. */
export function decidePart(list: 'applications' | 'databases', part: JsonObject, findings: FindingList): void {
  const at = [list, textField(part, 'name') ?? ''];
  const publicFields = flagField(part, 'is_public') ? { public_port_timeout: idle } : { public_port: notPublic, public_port_timeout: notPublic };
  const said = new Set(findings.all.map(({ origin }) => origin.path));
  const decisions: Record<string, FieldDecision> = { ...partFields, ...publicFields };
  for (const field of Object.keys(part).sort()) {
    const path = [...at, field];
    // What a reader said of the value counts more.
    if (said.has(path.join('.'))) continue;
    const [decision, message] = decisions[field] ?? (about(field) ? coolify : unknown);
    findings.add('field', decision, path, message);
  }
}
