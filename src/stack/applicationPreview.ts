import type { JsonObject } from '../text/json';
import { textField } from './apiFields';
import type { EnvRow } from './apiFields';

/** A preview deployment (`ApplicationPreview`): its own stack beside the production one. */
export interface PullRequest { id: number; fqdn?: string; domains?: string; /** Absent: taken to run. */ status?: string }

export function readPullRequest(preview: JsonObject): PullRequest | undefined {
  const id = Number(preview['pull_request_id'] ?? NaN);
  if (!Number.isInteger(id) || id < 1) return undefined;
  const fqdn = textField(preview, 'fqdn');
  const domains = textField(preview, 'docker_compose_domains');
  const status = textField(preview, 'status');
  return { id, ...(status === undefined ? {} : { status }), ...(fqdn === undefined ? {} : { fqdn }), ...(domains === undefined ? {} : { domains }) };
}

/** The preview's domain: the template filled from the application's first domain (`ApplicationPreview::generate_preview_fqdn`). */
export function previewDomain(application: JsonObject, pull: PullRequest): string | undefined {
  return pull.fqdn ?? filled((textField(application, 'fqdn') ?? '').split(',')[0] ?? '', application, pull);
}

/** Domains of one service of a compose file in a preview: each filled into the template (`generate_preview_fqdn_compose`). */
export function previewDomains(domains: string, application: JsonObject, pull: PullRequest): string {
  return domains.split(',').flatMap((domain) => filled(domain, application, pull) ?? []).join(',');
}

/** Scheme, port and path stay; `{{random}}` is the same at every reading. */
function filled(domain: string, application: JsonObject, pull: PullRequest): string | undefined {
  const match = /^(https?):\/\/([^/:]+)(:\d+)?(\/.*)?$/i.exec(domain.trim());
  if (match === null) return undefined;
  const template = textField(application, 'preview_url_template') ?? '{{pr_id}}.{{domain}}';
  const host = template.replaceAll('{{pr_id}}', String(pull.id)).replaceAll('{{domain}}', match[2] ?? '').replaceAll('{{random}}', `pr${String(pull.id)}`);
  return `${match[1] ?? 'https'}://${host}${match[3] ?? ''}${match[4] ?? ''}`;
}

/** `COOLIFY_BRANCH` of a preview: what is fetched (`ApplicationDeploymentJob`). */
export function previewBranch(application: JsonObject, pull: PullRequest): string {
  const kind = (textField(application, 'source_type') ?? '').endsWith('GitlabApp') || /gitlab/i.test(textField(application, 'git_repository') ?? '') ? 'merge-requests' : 'pull';
  return `${kind}/${String(pull.id)}/head:pr-${String(pull.id)}-coolify`;
}

/** Preview rows; production rows fill missing keys only when there is a preview row at all (facts §3.4). */
export function previewRows(preview: readonly EnvRow[], production: readonly EnvRow[]): EnvRow[] {
  if (!preview.some((row) => row.runtime)) return [...preview];
  const own = new Set(preview.map((row) => row.key));
  return [...preview, ...production.filter((row) => row.runtime && !own.has(row.key)).map((row, index) => ({ ...row, order: preview.length + index }))];
}
