import type { Build, BuildVariable } from '../../model/build';
import type { Step } from '../../model/plan';
import type { RegistryLogin } from '../../model/registryLogin';
import { quote } from '../../text/shellQuoting';
import { buildScripts } from './planBuildScripts';
import { registryOf } from './planRegistry';

export { buildScripts };

export interface BuildRequest {
  build: Build;
  /** The image as the pods name it: registry, name and tag. */
  image: string;
  /** Text of the private key that fetches the code; the step gets it as a file of mode 0600. */
  deployKey?: string;
  /** Lines of known_hosts for the code's server. Without them the first key seen is remembered on the server, and another one later refused. */
  knownHosts?: string;
}

export interface BuildOptions {
  requests: readonly BuildRequest[];
  /** Docker with its fixed arguments; `['docker']` by default. */
  docker?: string[];
  /** Push to the registry in the image's name, signing in where credentials are given; else the server's own Docker configuration is used. */
  push?: { login?: RegistryLogin };
  /** Without a registry: the containerd client that takes the image, as `['ctr', '-n', 'k8s.io']` or `['k3s', 'ctr']`. The cluster must run on this very server. */
  importWith?: string[];
}

/** Exit with which the check says that the image has to be made. */
const missing = 3;

/** OCI reference: what Docker takes as an image name. */
const imagePattern = /^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
/** Names that mean something to Docker's own client or the loader, so they cannot travel in its environment. */
const loaded = /^(PATH|HOME|ENV|BASH_ENV|IFS|LD_.*|DOCKER_.*|BUILDX_.*|BUILDKIT_.*|COMPOSE_.*|GIT_.*)$/;

/** Steps that make the images of a resource, and their files. Values never stand in a command: they travel in files of the run, mode 0600. */
export function buildSteps({ requests, docker = ['docker'], push, importWith }: BuildOptions): { steps: Step[]; files: Record<string, string> } {
  const parts = requests.map((request, index) => oneBuild(request, index, docker, push !== undefined, importWith));
  const login = push?.login;
  const signIn: Step[] = login === undefined ? [] : [{
    id: 'registry', stage: 'prepare', title: `Sign in to ${registryOf(login.host)}`, argv: ['sh', 'registry.sh', registryOf(login.host), login.username, ...docker], stdin: 'registry-password', timeoutSeconds: 60,
  }];
  return {
    steps: [...signIn, ...parts.flatMap((part) => part.make), ...parts.flatMap((part) => part.deliver)],
    files: Object.assign({}, ...parts.map((part) => part.files), login === undefined ? {} : { 'registry-password': login.password }) as Record<string, string>,
  };
}

function oneBuild(request: BuildRequest, index: number, docker: string[], push: boolean, importWith: string[] | undefined): { make: Step[]; deliver: Step[]; files: Record<string, string> } {
  const { build, image, deployKey, knownHosts } = request;
  if (!imagePattern.test(image)) throw new Error(`${JSON.stringify(image)} is no image name with a tag.`);
  const n = String(index);
  const when = { step: `image-${n}`, exit: missing };
  const check: Step = { id: `image-${n}`, stage: 'prepare', title: `Is ${image} there already?`, argv: ['sh', 'image.sh', build.noCache ? 'no' : 'yes', push ? 'yes' : 'no', image, ...docker], timeoutSeconds: 300 };
  const fetch: Step[] = build.source.kind === 'inline' ? [] : [{
    id: `source-${n}`, stage: 'prepare', title: `Get ${build.source.repository} at ${build.source.commit.slice(0, 12)}`, when, timeoutSeconds: 900,
    argv: ['sh', 'source.sh', n, build.source.repository, build.source.branch, build.source.commit, flag(build.source.submodules), flag(build.source.lfs), flag(build.source.shallow)],
  }];
  const make: Step = {
    id: `build-${n}`, stage: 'build', title: `Build ${image}`, when, timeoutSeconds: 3600,
    argv: ['sh', 'build.sh', n, build.source.kind === 'inline' ? 'inline' : build.pack, image, below(build.baseDirectory), below(build.context ?? ''), below(build.dockerfile ?? 'Dockerfile'),
      build.target ?? '', build.platform ?? '', flag(build.noCache), flag(build.secrets), flag(build.injectArguments), build.static === undefined ? '' : below(build.publishDirectory ?? ''), ...docker],
  };
  const deliver: Step[] = push ? [{ id: `push-${n}`, stage: 'push', title: `Push ${image}`, argv: ['sh', 'push.sh', image, ...docker], timeoutSeconds: 1800 }]
    : importWith === undefined ? [] : [
      { id: `save-${n}`, stage: 'push', title: `Take ${image} out of Docker`, argv: [...docker, 'save', '-o', `source.${n}.tar`, image], timeoutSeconds: 900 },
      { id: `import-${n}`, stage: 'push', title: `Give ${image} to the cluster`, argv: [...importWith, 'images', 'import', `source.${n}.tar`], timeoutSeconds: 900 },
    ];
  const sha = build.source.kind === 'git' && build.sourceCommit ? [{ name: 'SOURCE_COMMIT', value: build.source.commit, literal: true, multiline: false, secret: false }] : [];
  return {
    make: [check, ...fetch, make], deliver,
    files: {
      [`build-${n}.env`]: environment([...build.variables, ...sha]), [`build-${n}.options`]: packOptions(build),
      ...(build.source.kind === 'inline' && { [`build-${n}.dockerfile`]: build.source.dockerfile }),
      ...(build.static !== undefined && { [`build-${n}.nginx`]: build.static.configuration, [`build-${n}.base`]: `${build.static.image}\n` }),
      ...(deployKey !== undefined && { [`build-${n}.key`]: deployKey.endsWith('\n') ? deployKey : `${deployKey}\n` }),
      ...(knownHosts !== undefined && { [`build-${n}.hosts`]: knownHosts }),
    },
  };
}

const flag = (value: boolean): string => (value ? 'yes' : 'no');

/** A path below the source's root. What climbs out of it is refused, never repaired. */
function below(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new Error(`The path ${JSON.stringify(path)} leads out of the repository.`);
  return parts.length === 0 ? '.' : parts.join('/');
}

/** Build variables as shell text: values quoted by the one quoter, names checked, in a file that only the build reads. */
function environment(variables: readonly BuildVariable[]): string {
  const last = new Map(variables.map((variable) => [variable.name, variable]));
  return [...last.values()].map(({ name, value }) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name that a build variable may have.`);
    // `variable NAME VALUE` is defined by the script; a name with a meaning of its own is not exported.
    return `variable ${quote(name)} ${quote(value)} ${loaded.test(name) ? 'argument' : 'exported'}\n`;
  }).join('');
}

function packOptions({ installCommand, buildCommand, startCommand }: Build): string {
  return `install=${quote(installCommand ?? '')}\ncompile=${quote(buildCommand ?? '')}\nstart=${quote(startCommand ?? '')}\n`;
}
