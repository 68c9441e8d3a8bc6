/** How Coolify builds one image, and all a build pipeline needs to do the same (facts: application model, ApplicationDeploymentJob). */
export interface Build {
  pack: 'nixpacks' | 'railpack' | 'static' | 'dockerfile' | 'compose';
  source: GitSource | { kind: 'inline'; dockerfile: string };
  /** Image name without tag, as Coolify calls it: `docker_registry_image_name`, else the uuid, for Compose `<uuid>_<service>`. */
  repository: string;
  /** True when Coolify itself would push the image there; otherwise the destination's registry is put in front. */
  named: boolean;
  /** A directory below the repository's root, with a leading slash; Coolify's `base_directory`. */
  baseDirectory: string;
  /** Where the static output lies, below the base directory. */
  publishDirectory?: string;
  /** Options of nixpacks and railpack; other packs do not use them. */
  installCommand?: string;
  buildCommand?: string;
  startCommand?: string;
  /** Path of the Dockerfile below the build context. */
  dockerfile?: string;
  target?: string;
  /** The build context below the base directory; Compose's `build.context`. */
  context?: string;
  /** Output served by nginx: the base image, and the text of its `conf.d/default.conf`. */
  static?: { image: string; configuration: string };
  /** Build-time variables in Coolify's order (`is_buildtime`), then Compose's `build.args`. */
  variables: BuildVariable[];
  /** BuildKit secrets instead of build arguments (`use_build_secrets`). */
  secrets: boolean;
  /** ARG lines are put after each FROM (`inject_build_args_to_dockerfile`). */
  injectArguments: boolean;
  noCache: boolean;
  /** `include_source_commit_in_build`. */
  sourceCommit: boolean;
  /** `linux/amd64`, where one is asked for. */
  platform?: string;
}

export interface BuildVariable { name: string; value: string; literal: boolean; multiline: boolean; secret: boolean }

export interface GitSource {
  kind: 'git';
  /** A URL, an scp form (`git@host:path`), or `owner/repository` of a GitHub or GitLab App. */
  repository: string;
  branch: string;
  /** A full SHA, or `HEAD`: the branch's newest, which has to be resolved before the run. */
  commit: string;
  submodules: boolean;
  lfs: boolean;
  shallow: boolean;
  /** What fetches the code: nothing, a deploy key of Coolify (its numeric id), or an App. */
  credentials: { kind: 'none' } | { kind: 'deployKey'; privateKeyId: number } | { kind: 'app'; sourceType: string; sourceId: number };
}
