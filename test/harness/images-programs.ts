import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from './images.ts';
import { pushLayers } from './images-push.ts';
import type { ImageConfig } from './images-push.ts';
import { nodeProgram, npmLayer } from './images-npm.ts';
import type { NpmLayer } from './images-npm.ts';
import { debianLayer, missingForRoots, programLayer } from './images-roots.ts';
import type { Progress, RootLayer } from './images-roots.ts';

/** An image with the real program in it, from Debian or npm, behind the contract of the official image. Files of its own are in `programs/NAME`. */
export interface ProgramImage extends RootLayer {
  /** The names under which it can be pulled, as people write them. The version may be another one than the tag says. */
  images: readonly string[];
  /** What is installed from npm, and runs with Node. */
  npm?: Omit<NpmLayer, 'name'>;
  config: ImageConfig;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const nodePath = `/opt/node/node_modules/.bin:${path}`;
const ports = (...numbers: number[]): Record<string, object> => Object.fromEntries(numbers.map((number) => [`${number}/tcp`, {}]));

/** All that can be had. Numbers of accounts are those of the official images. */
export const programs: readonly ProgramImage[] = [
  { name: 'debian', images: ['debian:bookworm-slim', 'debian:12-slim', 'debian:12'], packages: [], users: [], config: { Env: [`PATH=${path}`], Cmd: ['bash'] } },
  {
    name: 'postgres', images: ['postgres:15-alpine', 'postgres:16-alpine', 'postgres:17-alpine', 'postgres:15', 'postgres:16', 'postgres:17'],
    packages: ['postgresql-15'], users: [['postgres', 70, 70]],
    after: `rm -rf /var/lib/postgresql/* /etc/postgresql/*; sed -i "s/^#listen_addresses.*/listen_addresses = '*'/" /usr/share/postgresql/15/postgresql.conf.sample
mkdir -p /docker-entrypoint-initdb.d /var/lib/postgresql/data /run/postgresql; chown -R postgres:postgres /var/lib/postgresql /run/postgresql; chmod 1777 /var/lib/postgresql/data; chmod 3777 /run/postgresql`,
    config: {
      Env: [`PATH=/usr/lib/postgresql/15/bin:${path}`, 'LANG=C.UTF-8', 'PG_MAJOR=15', 'PGDATA=/var/lib/postgresql/data'], Entrypoint: ['docker-entrypoint.sh'], Cmd: ['postgres'],
      ExposedPorts: ports(5432), Volumes: { '/var/lib/postgresql/data': {} }, StopSignal: 'SIGINT',
    },
  },
  {
    name: 'redis', images: ['redis:7.2', 'redis:7.2-alpine', 'redis:7.4-alpine', 'redis:7-alpine', 'redis:7', 'redis:alpine', 'redis:latest'],
    packages: ['redis-server', 'redis-tools'], users: [['redis', 999, 1000]], after: 'mkdir /data; chown redis:redis /data',
    config: { Env: [`PATH=${path}`], Entrypoint: ['docker-entrypoint.sh'], Cmd: ['redis-server'], WorkingDir: '/data', ExposedPorts: ports(6379), Volumes: { '/data': {} } },
  },
  {
    name: 'rabbitmq', images: ['rabbitmq:3-management', 'rabbitmq:3', 'rabbitmq:management'],
    packages: ['rabbitmq-server'], users: [['rabbitmq', 999, 999]],
    after: `PATH=/usr/lib/rabbitmq/bin:$PATH HOME=/var/lib/rabbitmq rabbitmq-plugins enable --offline rabbitmq_management
rm -rf /var/lib/rabbitmq/.erlang.cookie /var/lib/rabbitmq/mnesia; mkdir -p /var/log/rabbitmq; chown -R rabbitmq:rabbitmq /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq; chmod 1777 /var/lib/rabbitmq`,
    config: {
      Env: [`PATH=/usr/lib/rabbitmq/bin:${path}`, 'HOME=/var/lib/rabbitmq', 'RABBITMQ_DATA_DIR=/var/lib/rabbitmq', 'RABBITMQ_LOGS=-', 'LANG=C.UTF-8'],
      Entrypoint: ['docker-entrypoint.sh'], Cmd: ['rabbitmq-server'], ExposedPorts: ports(4369, 5671, 5672, 15672, 25672), Volumes: { '/var/lib/rabbitmq': {} },
    },
  },
  {
    name: 'nginx', images: ['nginx:1.27-alpine', 'nginx:1.27', 'nginx:alpine', 'nginx:latest'],
    packages: ['nginx-light', 'curl', 'wget'], users: [['nginx', 101, 101]], after: 'rm -rf /etc/nginx/sites-enabled /etc/nginx/conf.d/* /var/www; mkdir /docker-entrypoint.d; ln -sf /dev/stdout /var/log/nginx/access.log; ln -sf /dev/stderr /var/log/nginx/error.log',
    config: { Env: [`PATH=${path}`], Entrypoint: ['/docker-entrypoint.sh'], Cmd: ['nginx', '-g', 'daemon off;'], ExposedPorts: ports(80), StopSignal: 'SIGQUIT' },
  },
  {
    name: 'mosquitto', images: ['eclipse-mosquitto:latest', 'eclipse-mosquitto:2'],
    packages: ['mosquitto', 'mosquitto-clients'], users: [['mosquitto', 1883, 1883]],
    after: 'mkdir -p /mosquitto/config /mosquitto/data /mosquitto/log; echo "listener 1883" >/mosquitto/config/mosquitto.conf; chown -R mosquitto:mosquitto /mosquitto',
    config: { Env: [`PATH=${path}`], Cmd: ['mosquitto', '-c', '/mosquitto/config/mosquitto.conf'], ExposedPorts: ports(1883), Volumes: { '/mosquitto/data': {}, '/mosquitto/log': {} } },
  },
  {
    name: 'registry', images: ['registry:3', 'registry:2'],
    packages: ['docker-registry', 'apache2-utils', 'wget'], users: [], after: 'ln -s docker-registry /usr/bin/registry',
    config: { Env: [`PATH=${path}`], Entrypoint: ['/entrypoint.sh'], Cmd: ['/etc/docker/registry/config.yml'], ExposedPorts: ports(5000), Volumes: { '/var/lib/registry': {} } },
  },
  {
    name: 'node-red', images: ['nodered/node-red:latest'], packages: ['curl'], users: [['node-red', 1000, 1000]], after: 'mkdir /data; chown node-red:node-red /data',
    npm: { packages: { 'node-red': '4.1.8' } },
    config: { Env: [`PATH=${nodePath}`, 'HOME=/data'], Entrypoint: ['node', '/opt/node-red/node_modules/node-red/red.js', '--userDir', '/data'], WorkingDir: '/data', User: '1000', ExposedPorts: ports(1880), Volumes: { '/data': {} } },
  },
  {
    name: 'verdaccio', images: ['verdaccio/verdaccio:6'], packages: ['curl'], users: [['verdaccio', 10001, 10001]], after: 'mkdir -p /verdaccio/storage; chown verdaccio:verdaccio /verdaccio/storage',
    npm: { packages: { verdaccio: '6.10.4' }, overrides: { 'node-fetch': '2.7.0' } },
    config: { Env: [`PATH=${nodePath}`, 'HOME=/verdaccio'], Cmd: ['node', '/opt/verdaccio/node_modules/verdaccio/bin/verdaccio', '--config', '/verdaccio/conf/config.yaml', '--listen', 'http://0.0.0.0:4873'], User: '10001', ExposedPorts: ports(4873), Volumes: { '/verdaccio/storage': {} } },
  },
];

function programOf(name: string): ProgramImage {
  const found = programs.find((program) => program.images.includes(name));
  if (found === undefined) throw new Error(`there is no program for the image ${name}; there is ${programs.flatMap((program) => program.images).join(', ')}`);
  return found;
}

/** Why these images cannot be had here, in one line; undefined when they can. Installs packages only where that was agreed to. */
export function missingForPrograms(names: readonly string[]): string | undefined {
  return missingForRoots(names.map(programOf).filter((program) => program.packages.length > 0));
}

/**
 * Puts images with real programs under their real names, such as `postgres:16-alpine`, into the registry of the server in which `run` runs.
 * What they are made of is cached outside the checkout; the first time it takes two to four minutes and needs a Debian mirror.
 */
export function pushProgramImages(run: Run, names: readonly string[], progress: Progress = () => undefined): void {
  for (const program of new Set(names.map(programOf))) {
    const layers = [debianLayer(progress), ...(program.packages.length === 0 ? [] : [programLayer(program, progress)]), ...(program.npm === undefined ? [] : [npmLayer(nodeProgram, progress), npmLayer({ name: program.name, ...program.npm }, progress)])];
    const files = join(import.meta.dirname, 'programs', program.name);
    const start = Date.now();
    const wanted = program.images.filter((name) => names.includes(name));
    pushLayers(run, layers, existsSync(files) ? files : undefined, program.config, wanted.map((name) => (name.includes('/') ? name : `library/${name}`)));
    progress(`pushed ${wanted.join(', ')} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
}

/** Makes the given images' layers, or all, ahead of time: `node test/harness/images-programs.ts [IMAGE…]`. */
if (import.meta.main) {
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  for (const program of names.length === 0 ? programs : new Set(names.map(programOf))) {
    const progress = (line: string): void => { console.error(line); };
    if (program.packages.length > 0) console.log(programLayer(program, progress).path);
    if (program.npm !== undefined) console.log(npmLayer(nodeProgram, progress).path, npmLayer({ name: program.name, ...program.npm }, progress).path);
  }
}
