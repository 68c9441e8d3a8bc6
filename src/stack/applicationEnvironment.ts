import type { JsonObject } from '../text/json';
import { asJson, flagField, listField, numberField, textField } from './apiFields';
import type { ApplicationInput } from './application';
import { coolifyEnvironment, inOrder } from './coolifyEnvironment';
import type { CoolifyEnvironment, EnvLine } from './coolifyEnvironment';
import { previewBranch, previewDomain } from './applicationPreview';

/** Coolify's `.env` of an application in its order: what it injects, domains and names of compose services, the user's, PORT, HOST (facts §3.4). */
export function applicationEnvironment(input: ApplicationInput, ports: readonly number[], containerName: string, compose: readonly EnvLine[] = []): CoolifyEnvironment {
  const { application, settings, pull } = input;
  const isCompose = textField(application, 'build_pack') === 'dockercompose';
  const generated = /^SERVICE_(URL|FQDN|NAME)_/;
  const rows = inOrder(input.rows.filter((row) => row.runtime && !(isCompose && generated.test(row.key))), flagField(settings, 'is_env_sorting_enabled'));
  const own = new Set(rows.map((row) => row.key));
  const fqdn = (pull === undefined ? textField(application, 'fqdn') : previewDomain(application, pull)) ?? '';
  const pulled = textField(application, 'build_pack') === 'dockerimage' || textField(application, 'dockerfile') !== undefined;
  const branch = pull !== undefined ? previewBranch(application, pull) : pulled ? '' : textField(application, 'git_branch') ?? '';
  const lines: EnvLine[] = [];
  const inject = (key: string, value: string, unless = key): void => { if (!own.has(unless)) lines.push({ key, value, literal: false, injected: true }); };
  inject('SOURCE_COMMIT', pulled ? 'HEAD' : textField(application, 'git_commit_sha') ?? 'HEAD');
  // The guards are crossed in Coolify: a user's COOLIFY_FQDN suppresses COOLIFY_URL and the other way round.
  const hosts = fqdn.replace(/https?:\/\//g, '');
  const swapped = hasOldParser(application);
  inject('COOLIFY_URL', swapped ? hosts : fqdn, 'COOLIFY_FQDN');
  inject('COOLIFY_FQDN', swapped ? fqdn : hosts, 'COOLIFY_URL');
  if (!isCompose) {
    inject('COOLIFY_BRANCH', branch);
    inject('COOLIFY_RESOURCE_UUID', textField(application, 'uuid') ?? '');
    inject('COOLIFY_CONTAINER_NAME', containerName);
  }
  lines.push(...compose, ...rows.map(({ key, value, literal, secret }): EnvLine => ({ key, value, literal, secret })));
  const [port] = ports;
  if (!isCompose && port !== undefined) inject('PORT', String(port));
  inject('HOST', '0.0.0.0');
  return coolifyEnvironment(lines, input.findings);
}

/** Applications made before the third parser have URL and FQDN the other way round (facts §3.5). */
export function hasOldParser(application: JsonObject): boolean {
  return (numberField(application, 'compose_parsing_version') ?? 5) < 3;
}

/** Rows that no container receives, and why (facts §3.1). */
export function decideRows({ application, bundle, rows, pull, findings }: ApplicationInput): void {
  const pulled = textField(application, 'build_pack') === 'dockerimage';
  for (const { key, runtime, buildtime } of rows) {
    if (runtime) continue;
    const control = /^(NIXPACKS|RAILPACK)_/.test(key);
    const [decision, message] = !buildtime ? ['ignored', 'It is neither for the build nor for the container.'] as const : pulled ? ['ignored', 'It is for the build, and the image is pulled.'] as const
      : ['translated', control ? 'It steers the builder and does not reach the container.' : 'It is for the build only.'] as const;
    findings.add('field', decision, ['envs', key], `${key}: ${message}`);
  }
  const previews = pull === undefined ? listField(asJson(bundle.envs)).filter((row) => flagField(row, 'is_preview')).length : 0;
  if (previews > 0) findings.add('preview', 'ignored', ['envs'], `${String(previews)} variables belong to preview deployments, which are stacks of their own.`);
}
