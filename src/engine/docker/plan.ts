import type { Build } from '../../model/build';
import type { Plan, StageName, Step } from '../../model/plan';
import type { Container, Stack } from '../../model/stack';

/** The image of Coolify's helper container, in which it clones and builds. */
const helper = 'ghcr.io/coollabsio/coolify-helper';

/**
 * What Coolify's own engine does for a deployment, step by step (`ApplicationDeploymentJob`, `StartService`, `StartPostgresql` and its
 * siblings), to be read beside the plan for Kubernetes. It is never run from here: \`<deployment>\` stands for the id that Coolify makes up.
 */
export function plan(stack: Stack): Plan {
  const steps = stack.kind === 'application' ? applicationSteps(stack) : composeSteps(stack);
  return { id: `docker-${stack.uuid}`.toLowerCase(), namespace: stack.docker?.network ?? 'coolify', resource: { uuid: stack.uuid, name: stack.name }, steps: numbered(steps) };
}

type Part = Omit<Step, 'id'>;

function numbered(parts: readonly Part[]): Step[] {
  return parts.map((part, index) => ({ id: `step-${String(index + 1).padStart(2, '0')}`, ...part }));
}

function step(stage: StageName, title: string, ...argv: string[]): Part {
  return { stage, title, argv };
}

function directoryOf(stack: Stack): string {
  return stack.docker?.directory ?? `/data/coolify/${stack.kind === 'database' ? 'databases' : 'services'}/${stack.uuid}`;
}

/** Files go by base64 through `tee` in Coolify; here they are simply the step's stdin. */
function write(title: string, file: string): Part {
  return { ...step('apply', title, 'tee', file), stdin: file.split('/').at(-1) ?? file };
}

function applicationSteps(stack: Stack): Part[] {
  const directory = directoryOf(stack);
  const builds = stack.containers.flatMap((container) => (container.build === undefined ? [] : [{ container, build: container.build }]));
  const compose = stack.containers.length > 1 || builds.some(({ build }) => build.pack === 'compose');
  const { before, after } = stack.hooks ?? {};
  return [
    step('prepare', 'Look up the addresses of the network', 'docker', 'network', 'inspect', stack.docker?.network ?? 'coolify'),
    step('prepare', 'Start the helper container', 'docker', 'run', '-d', '--network', stack.docker?.network ?? 'coolify', '--name', '<deployment>', '--rm', '-v', '/var/run/docker.sock:/var/run/docker.sock', helper),
    ...(before === undefined ? [] : [step('prepare', 'Run the command before the deployment in the old container', 'docker', 'exec', before.container, 'sh', '-c', before.command)]),
    ...gitSteps(builds[0]?.build), ...builds.flatMap(({ container, build }) => buildSteps(container, build)),
    write('Write the environment', `${directory}/.env`), write('Write the compose file', `${directory}/docker-compose.yaml`), ...pushSteps(builds),
    ...(builds.length === 0 ? [step('apply', 'Pull the image', 'docker', 'compose', '--project-name', stack.uuid, '-f', `${directory}/docker-compose.yaml`, 'pull')] : []),
    ...(compose ? composeUp(stack, directory) : rollingUpdate(stack, directory)),
    ...(after === undefined ? [] : [step('after', 'Run the command after the deployment in the new container', 'docker', 'exec', after.container, 'sh', '-c', after.command)]),
    step('prune', 'Remove the helper container', 'docker', 'rm', '-f', '<deployment>'),
  ];
}

function gitSteps(build: Build | undefined): Part[] {
  if (build === undefined || build.source.kind !== 'git') return [];
  const { repository, branch, commit, shallow, submodules, lfs } = build.source;
  return [
    step('prepare', 'Look up the newest commit', 'git', 'ls-remote', repository, `refs/heads/${branch}`),
    step('prepare', 'Clone', 'git', 'clone', ...(shallow ? ['--depth=1'] : []), ...(submodules ? ['--recurse-submodules'] : []), '-b', branch, repository, '/artifacts/<deployment>'),
    ...(commit === 'HEAD' ? [] : [step('prepare', 'Check the commit out', 'git', '-C', '/artifacts/<deployment>', 'checkout', commit)]),
    ...(lfs ? [step('prepare', 'Fetch large files', 'git', '-C', '/artifacts/<deployment>', 'lfs', 'pull')] : []),
  ];
}

function buildSteps(container: Container, build: Build): Part[] {
  const folder = `/artifacts/<deployment>${build.baseDirectory === '/' ? '' : build.baseDirectory}`;
  const names = build.variables.map((variable) => variable.name);
  const options = [...(build.noCache ? ['--no-cache'] : []), ...(build.target === undefined ? [] : ['--target', build.target]), ...names.flatMap((name) => (build.secrets ? ['--secret', `id=${name},env=${name}`] : ['--build-arg', name]))];
  const docker = (title: string, file: string): Part => step('build', title, 'docker', 'build', ...options, '--network', 'host', '-f', file, '-t', container.image, folder);
  switch (build.pack) {
    case 'nixpacks': return [
      step('build', 'Plan the build', 'nixpacks', 'plan', '-f', 'json', ...flags(build, ['--install-cmd', '--build-cmd', '--start-cmd']), folder),
      step('build', 'Write the Dockerfile', 'nixpacks', 'build', '-c', '/artifacts/thegameplan.json', '--no-error-without-start', '-n', container.image, folder, '-o', folder), docker('Build the image', `${folder}/.nixpacks/Dockerfile`), ...nginx(build, docker),
    ];
    case 'railpack': return [
      step('build', 'Plan the build', 'railpack', 'prepare', ...flags(build, ['--install-cmd', '--build-cmd', '--start-cmd']), '--plan-out', '/artifacts/railpack-plan.json', folder),
      step('build', 'Build the image', 'docker', 'buildx', 'build', '--build-arg', 'BUILDKIT_SYNTAX=ghcr.io/railwayapp/railpack-frontend', '-f', '/artifacts/railpack-plan.json', '-t', container.image, folder), ...nginx(build, docker),
    ];
    case 'static': return [docker('Copy the files into nginx', `${folder}/Dockerfile`)];
    case 'compose': return [step('build', `Build ${container.name}`, 'docker', 'compose', '--project-directory', folder, 'build', '--pull', container.name)];
    case 'dockerfile': return [docker('Build the image', build.source.kind === 'inline' ? `${folder}/Dockerfile` : `${folder}${build.dockerfile ?? '/Dockerfile'}`)];
  }
}

function flags({ installCommand, buildCommand, startCommand }: Build, names: [string, string, string]): string[] {
  return [installCommand, buildCommand, startCommand].flatMap((command, index) => (command === undefined ? [] : [names[index] ?? '', command]));
}

function nginx(build: Build, docker: (title: string, file: string) => Part): Part[] {
  return build.static === undefined ? [] : [docker('Copy the output into nginx', '/artifacts/Dockerfile.static')];
}

function pushSteps(builds: readonly { container: Container; build: Build }[]): Part[] {
  return builds.filter(({ build }) => build.named).map(({ container }) => step('push', 'Push the image', 'docker', 'push', container.image));
}

function composeFile(stack: Stack, directory: string): string[] {
  return ['docker', 'compose', '--project-name', stack.uuid, '--project-directory', directory, '-f', `${directory}/docker-compose.yaml`];
}

/** Without host ports or a fixed name the new container starts beside the old one, which goes when the new one is healthy. */
function rollingUpdate(stack: Stack, directory: string): Part[] {
  const [container] = stack.containers;
  const fixed = container?.ports.some((port) => port.published !== undefined) === true || (container?.hostNames.length ?? 0) > 1;
  const stop = [step('roll out', 'Stop the old container', 'docker', 'stop', '-t', String(container?.stopGraceSeconds ?? 30), stack.uuid), step('roll out', 'Remove the old container', 'docker', 'rm', '-f', stack.uuid)];
  if (stack.docker?.swarm === true) return [step('apply', 'Deploy to the Swarm', 'docker', 'stack', 'deploy', '--detach=true', '--with-registry-auth', '-c', `${directory}/docker-compose.yaml`, stack.uuid)];
  const up = step('apply', 'Start the new container', ...composeFile(stack, directory), 'up', '--build', '-d');
  const wait = container?.healthCheck === undefined ? [] : [step('roll out', 'Wait until it is healthy', 'docker', 'inspect', '--format={{json .State.Health.Status}}', stack.uuid)];
  return fixed ? [...stop, up, ...wait] : [up, ...wait, ...stop];
}

/** No rolling update for a compose stack: all stop, then all start. */
function composeUp(stack: Stack, directory: string): Part[] {
  return [
    step('roll out', 'Stop the old containers', ...composeFile(stack, directory), 'stop'), step('apply', 'Create the network', 'docker', 'network', 'create', '--attachable', stack.uuid),
    step('apply', 'Connect the proxy', 'docker', 'network', 'connect', stack.uuid, 'coolify-proxy'), step('apply', 'Start the containers', ...composeFile(stack, directory), 'up', '-d'),
  ];
}

function composeSteps(stack: Stack): Part[] {
  const directory = directoryOf(stack);
  const file = `${directory}/docker-compose.yml`;
  const files = stack.containers.flatMap((container) => container.mounts).flatMap((mount) => (mount.kind === 'file' ? [write(`Write ${mount.target}`, `${directory}/${mount.target.split('/').at(-1) ?? 'file'}`)] : []));
  if (stack.kind === 'database') {
    return [
      step('prepare', 'Make the folder', 'mkdir', '-p', directory), ...files, write('Write the compose file', file), step('apply', 'Pull the image', 'docker', 'compose', '-f', file, 'pull'),
      step('roll out', 'Stop the old container', 'docker', 'stop', '-t', '10', stack.uuid), step('roll out', 'Remove the old container', 'docker', 'rm', '-f', stack.uuid), step('apply', 'Start the container', 'docker', 'compose', '-f', file, 'up', '-d'),
    ];
  }
  return [
    step('prepare', 'Make the folder', 'mkdir', '-p', directory), ...files, write('Write the environment', `${directory}/.env`), write('Write the compose file', file), step('apply', 'Create the network', 'docker', 'network', 'create', '--attachable', stack.uuid),
    step('apply', 'Start the containers', 'docker', 'compose', '--project-name', stack.uuid, '--project-directory', directory, '-f', file, 'up', '-d', '--remove-orphans', '--force-recreate', '--build'),
    step('after', 'Connect the proxy', 'docker', 'network', 'connect', stack.uuid, 'coolify-proxy'),
  ];
}
