import type { Manifest } from '../../model/manifest';
import type { RegistryLogin } from '../../model/registryLogin';
import type { Step } from '../../model/plan';
import { ownerLabel } from './naming';
import { applyStep } from './planApply';

/** File of a run with the pull Secret. */
export const pullSecretFile = 'pull-secret.json';

/**
 * The Secret with which the nodes pull from the registry (`kubernetes.io/dockerconfigjson`). It belongs to the namespace, not to one of its
 * resources: nothing prunes it, and no preview shows it.
 */
export function pullSecret({ host, username, password }: RegistryLogin, name: string, namespace: string): Manifest {
  const auths = { [registryOf(host)]: { username, password, auth: Buffer.from(`${username}:${password}`).toString('base64') } };
  return {
    apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata: { name, namespace, labels: { [ownerLabel]: 'coolify-kubernetes' } },
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  };
}

/** Host and port, without the path that a destination puts before its images. */
export function registryOf(host: string): string {
  return host.split('/')[0] ?? host;
}

/** Writes the Secret; one that somebody else made stays. */
export function pullSecretStep(name: string, kubectl: readonly string[]): Step {
  const step = applyStep('pull-secret', 'apply', `Give the namespace the pull Secret ${name}`, pullSecretFile, kubectl);
  return { ...step, argv: ['sh', 'pull-secret.sh', name, ...step.argv] };
}

export const registryScripts: Record<string, string> = {
  // $1 name, command that applies it…; stdin the Secret
  'pull-secret.sh': String.raw`
name=$1; shift
"$@" >pull-secret.out 2>&1 && { cat pull-secret.out; exit 0; }
code=$?
if grep -q 'conflict with' pull-secret.out; then echo "The Secret $name was made by somebody else and stays as it is."; exit 0; fi
cat pull-secret.out; exit "$code"
`,
};
