import { flagField, textField } from './apiFields';
import type { ApplicationInput } from './application';
import { coolifyEnvironment, inOrder } from './coolifyEnvironment';
import type { CoolifyEnvironment, EnvLine } from './coolifyEnvironment';
import { previewDomain } from './applicationPreview';

/** Coolify's `.env` of an application in its order: what it injects, domains and names of compose services, the user's, PORT, HOST (facts §3.4). */
export function applicationEnvironment(input: ApplicationInput, ports: readonly number[], containerName: string, compose: readonly EnvLine[] = []): CoolifyEnvironment {
  const { application, settings, pull } = input;
  const isCompose = textField(application, 'build_pack') === 'dockercompose';
  const generated = /^SERVICE_(URL|FQDN|NAME)_/;
  const rows = inOrder(input.rows.filter((row) => row.runtime && !(isCompose && generated.test(row.key))), flagField(settings, 'is_env_sorting_enabled'));
  const own = new Set(rows.map((row) => row.key));
  const fqdn = (pull === undefined ? textField(application, 'fqdn') : previewDomain(application, pull)) ?? '';
  const pulled = textField(application, 'build_pack') === 'dockerimage' || textField(application, 'dockerfile') !== undefined;
  const branch = pull !== undefined ? `pull/${String(pull.id)}/head:pr-${String(pull.id)}-coolify` : pulled ? '' : textField(application, 'git_branch') ?? '';
  const lines: EnvLine[] = [];
  const inject = (key: string, value: string, unless = key): void => { if (!own.has(unless)) lines.push({ key, value, literal: false, injected: true }); };
  inject('SOURCE_COMMIT', pulled ? 'HEAD' : textField(application, 'git_commit_sha') ?? 'HEAD');
  // The guards are crossed in Coolify: a user's COOLIFY_FQDN suppresses COOLIFY_URL and the other way round.
  inject('COOLIFY_URL', fqdn, 'COOLIFY_FQDN');
  inject('COOLIFY_FQDN', fqdn.replace(/https?:\/\//g, ''), 'COOLIFY_URL');
  if (!isCompose) {
    inject('COOLIFY_BRANCH', branch);
    inject('COOLIFY_RESOURCE_UUID', textField(application, 'uuid') ?? '');
    inject('COOLIFY_CONTAINER_NAME', containerName);
  }
  lines.push(...compose, ...rows.map(({ key, value, literal }): EnvLine => ({ key, value, literal })));
  const [port] = ports;
  if (!isCompose && port !== undefined) inject('PORT', String(port));
  inject('HOST', '0.0.0.0');
  return coolifyEnvironment(lines, input.findings);
}
