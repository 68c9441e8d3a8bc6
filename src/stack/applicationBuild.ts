import type { JsonObject } from '../text/json';
import type { Build, BuildVariable, GitSource } from '../model/build';
import { flagField, numberField, textField } from './apiFields';
import type { EnvRow } from './apiFields';
import { inOrder } from './coolifyEnvironment';
import { looksSecret } from './secretNames';

/** Where the code comes from, and with what credentials (facts §2.1, "deployment type"). */
export function gitSource(application: JsonObject, settings: JsonObject): GitSource {
  const key = numberField(application, 'private_key_id');
  const sourceId = numberField(application, 'source_id');
  const on = (field: string): boolean => settings[field] === undefined || flagField(settings, field);
  return {
    kind: 'git', repository: repositoryOf(application, sourceId), branch: textField(application, 'git_branch') ?? 'main',
    commit: textField(application, 'git_commit_sha') ?? 'HEAD', submodules: on('is_git_submodules_enabled'), lfs: on('is_git_lfs_enabled'), shallow: on('is_git_shallow_clone_enabled'),
    credentials: key !== undefined && key > 0 ? { kind: 'deployKey', privateKeyId: key }
      : sourceId !== undefined && sourceId > 0 ? { kind: 'app', sourceType: (textField(application, 'source_type') ?? '').split('\\').at(-1) ?? '', sourceId } : { kind: 'none' },
  };
}

/** Public repositories of a source without an app of its own (id 0) are fetched over HTTPS from where the source is; Coolify names only owner and repository. */
function repositoryOf(application: JsonObject, sourceId: number | undefined): string {
  const repository = textField(application, 'git_full_url') ?? textField(application, 'git_repository') ?? '';
  if (sourceId !== 0 || !/^[\w.-]+(\/[\w.-]+)+$/.test(repository)) return repository;
  return `https://${(textField(application, 'source_type') ?? '').endsWith('GitlabApp') ? 'gitlab.com' : 'github.com'}/${repository}`;
}

/** What Coolify would build for an application without a compose file; undefined for an image that is only pulled. */
export function applicationBuild(application: JsonObject, settings: JsonObject, rows: readonly EnvRow[]): Build | undefined {
  const pack = textField(application, 'build_pack') ?? 'nixpacks';
  if (pack === 'dockerimage' || pack === 'dockercompose') return undefined;
  const inline = textField(application, 'dockerfile');
  const build: Build = {
    // A pasted Dockerfile wins over the build pack.
    pack: inline !== undefined ? 'dockerfile' : pack === 'railpack' || pack === 'static' || pack === 'dockerfile' ? pack : 'nixpacks',
    source: inline === undefined ? gitSource(application, settings) : { kind: 'inline', dockerfile: inline },
    repository: textField(application, 'docker_registry_image_name') ?? textField(application, 'uuid') ?? 'application', named: textField(application, 'docker_registry_image_name') !== undefined,
    baseDirectory: textField(application, 'base_directory') ?? '/', ...buildSettings(settings, rows),
  };
  if (build.pack === 'dockerfile' && inline === undefined) build.dockerfile = textField(application, 'dockerfile_location') ?? '/Dockerfile';
  const optional = { publishDirectory: 'publish_directory', target: 'dockerfile_target_build', ...(build.pack === 'nixpacks' || build.pack === 'railpack' ? { installCommand: 'install_command', buildCommand: 'build_command', startCommand: 'start_command' } : {}) } as const;
  for (const [key, field] of Object.entries(optional)) {
    const value = textField(application, field);
    if (value !== undefined) build[key as keyof typeof optional] = value;
  }
  if (build.pack === 'static' || (flagField(settings, 'is_static') && build.pack !== 'dockerfile')) {
    build.static = { image: textField(application, 'static_image') ?? 'nginx:alpine', configuration: nginxConfiguration(application, flagField(settings, 'is_spa')) };
  }
  return build;
}

/** What is the same for every build of an application. */
export function buildSettings(settings: JsonObject, rows: readonly EnvRow[]): Pick<Build, 'variables' | 'secrets' | 'injectArguments' | 'noCache' | 'sourceCommit'> {
  return {
    variables: inOrder(rows.filter((row) => row.buildtime), flagField(settings, 'is_env_sorting_enabled')).map(buildVariable), secrets: flagField(settings, 'use_build_secrets'),
    injectArguments: settings['inject_build_args_to_dockerfile'] === undefined || flagField(settings, 'inject_build_args_to_dockerfile'), noCache: flagField(settings, 'disable_build_cache'),
    sourceCommit: flagField(settings, 'include_source_commit_in_build'),
  };
}

function buildVariable(row: EnvRow): BuildVariable {
  return { name: row.key, value: row.value, literal: row.literal, multiline: row.multiline, secret: row.secret || looksSecret(row.key, row.value) };
}

/** `conf.d/default.conf` of a static site: the user's own, Coolify's for a single page application, or its usual one. */
export function nginxConfiguration(application: JsonObject, spa: boolean): string {
  const custom = textField(application, 'custom_nginx_configuration');
  if (custom !== undefined) return custom;
  return `server {
    location / {
        root /usr/share/nginx/html;
${spa ? singlePage : plainSite}    }

    # Handle 404 errors
    error_page 404 /404.html;
    location = /404.html {
        root /usr/share/nginx/html;
        internal;
    }

    # Handle server errors (50x)
    error_page 500 502 503 504 /50x.html;
    location = /50x.html {
        root /usr/share/nginx/html;
        internal;
    }
}
`;
}

/** Every path that is no file is the application's own. */
const singlePage = `        index index.html;
        try_files $uri $uri/ /index.html;
`;
const plainSite = `        index index.html index.htm;
        try_files $uri $uri.html $uri/index.html $uri/index.htm $uri/ =404;
`;
