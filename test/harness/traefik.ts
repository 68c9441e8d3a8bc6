import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, once } from './cache.ts';
import { build, goModule } from './kube.ts';
import { printedProgress, type Progress } from './progress.ts';
import type { TestServer } from './server.ts';

/** Coolify's proxy is `traefik:v3.6`. */
const version = '3.6.12';
const module = `github.com/traefik/traefik/v3@v${version}`;
const definitions = 'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml';

/** The file with Traefik's custom resource definitions; for it nothing is built. */
export async function traefikDefinitions(progress: Progress = printedProgress()): Promise<string> {
  return join(await goModule(module, progress), definitions);
}

/** The folder with Traefik and `crds.yml`, its custom resource definitions; built once for each machine, about eight minutes. */
export async function traefikBinary(progress: Progress = printedProgress()): Promise<string> {
  const target = join(cacheFolder(), `traefik-${version}-${process.arch}`);
  if (!existsSync(target)) await once(target, async (folder) => {
    const source = await goModule(module, progress);
    // Where it lies, its go.mod is the main one, so what it replaces counts.
    await build(progress, `Building Traefik ${version} from Go modules, once for this machine`, source, './cmd/traefik',
      ['build', '-v', '-trimpath', '-ldflags', `-s -w -X github.com/traefik/traefik/v3/pkg/version.Version=${version}`, '-o', join(folder, 'traefik'), './cmd/traefik'], { GOFLAGS: '-buildvcs=false' });
    copyFileSync(join(source, definitions), join(folder, 'crds.yml'));
  });
  return target;
}

/** Where the two proxies of a server answer, on ports 80 and 443 as proxies do. */
export const proxyAddresses = { docker: '198.18.0.1', kubernetes: '198.18.0.2' } as const;

/** Starts two Traefiks in a server: one with the settings of Coolify's proxy, which reads Docker's labels, and one with those of the Helm chart and k3s, which reads the cluster. */
export function startProxies(server: TestServer, folder: string): void {
  const must = (argv: string[]): void => {
    const { code, stderr } = server.exec(argv);
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr.trim()}`);
  };
  must(['ip', 'addr', 'add', `${proxyAddresses.kubernetes}/24`, 'dev', 'node0']);
  must(['kubectl', 'apply', '--server-side', '-f', join(folder, 'crds.yml')]);
  must(['kubectl', 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  const common = [join(folder, 'traefik'), '--global.checknewversion=false', '--global.sendanonymoususage=false', '--log.level=INFO'];
  server.start('traefik-docker', [...common, `--entrypoints.http.address=${proxyAddresses.docker}:80`, `--entrypoints.https.address=${proxyAddresses.docker}:443`,
    '--providers.docker=true', '--providers.docker.exposedbydefault=false', `--providers.docker.endpoint=unix://${server.dir}/run/docker.sock`,
    // No authority can be reached from here; without one, Traefik serves its default certificate, as it does in the cluster.
    '--certificatesresolvers.letsencrypt.acme.httpchallenge.entrypoint=http', `--certificatesresolvers.letsencrypt.acme.storage=${server.dir}/run/acme.json`, '--certificatesresolvers.letsencrypt.acme.caserver=http://127.0.0.1:1/']);
  server.start('traefik-kubernetes', [...common, `--entrypoints.web.address=${proxyAddresses.kubernetes}:80`, `--entrypoints.websecure.address=${proxyAddresses.kubernetes}:443`, '--entrypoints.websecure.http.tls=true',
    '--providers.kubernetesingress=true', '--providers.kubernetescrd=true']);
}

if (import.meta.main) console.log(await traefikBinary());
