import { spawnSync } from 'node:child_process';

export const serverPackages = [
  'containerd', 'runc', 'containernetworking-plugins', 'docker.io', 'docker-registry', 'openssh-server', 'openssh-client', 'nftables', 'iptables', 'iproute2',
  'procps', 'socat', 'openssl', 'busybox',
];

export function missingPackages(wanted: readonly string[] = serverPackages): string[] {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...wanted], { encoding: 'utf8' });
  const installed = new Set((stdout ?? '').split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
  return wanted.filter((name) => !installed.has(name));
}

const consent = () => process.env['YES'] === '1' || process.env['REQUIRE'] === 'full' || process.argv.includes('--yes');

/** Installs what is missing where that was agreed to. The answer is why something is still missing, or undefined. */
export function ensurePackages(wanted: readonly string[] = serverPackages): string | undefined {
  if (process.platform !== 'linux') return 'a server needs Linux';
  const missing = missingPackages(wanted);
  if (missing.length === 0) return undefined;
  if (!consent()) return `Debian packages are missing, and YES=1 was not set to install them: ${missing.join(' ')}`;
  const root = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  // The machine's own daemons stay as they are: RUNLEVEL=1 keeps the packages from starting any.
  const apt = (...args: string[]) => {
    const [command = '', ...rest] = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-qq', ...args];
    return spawnSync(command, rest, { encoding: 'utf8' });
  };
  console.error(`installing ${missing.join(' ')}`);
  apt('update');
  const { status, stderr } = apt('install', '-y', '--no-install-recommends', ...missing);
  return status === 0 ? undefined : `apt-get could not install ${missing.join(' ')}: ${(stderr ?? '').trim().split('\n').at(-1) ?? ''}`;
}

if (import.meta.main) console.log(ensurePackages() ?? 'all packages are installed');
