import type { Step } from '../../model/plan';
import type { RenderedHook } from '../../model/rendering';
import { retrying } from './planRetry';

/** The file of a run that holds a hook's command: it may hold a secret, so it is never an argument. */
export function hookFile(hook: RenderedHook): string {
  return `${hook.when}-deployment.txt`;
}

/**
 * Coolify's commands around a deployment: before anything changes in the container that still runs, where a failure ends the deployment;
 * after it in the new one, where a failure is only told. Without a pod that is ready both are skipped. Coolify runs the first before it
 * builds; here the build and the API server's checks come first, so that what fails early has run nothing.
 */
export function hookSteps(hooks: readonly RenderedHook[], when: RenderedHook['when'], kubectl: readonly string[]): Step[] {
  return hooks.filter((hook) => hook.when === when).map((hook): Step => ({
    id: `${when}-deployment`, stage: when === 'before' ? 'apply' : 'roll out', title: when === 'before' ? 'Run the command before the deployment' : 'Run the command after the deployment',
    argv: ['sh', 'hook.sh', when, hook.target, hook.container, ...kubectl], stdin: hookFile(hook), timeoutSeconds: 3600,
  }));
}

export const hookScripts: Record<string, string> = {
  // $1 before or after, $2 target, $3 container, kubectl…; the command is on stdin.
  'hook.sh': `
when=$1; target=$2; container=$3; shift 3
ready=$(${retrying} "$@" get "$target" --ignore-not-found -o 'jsonpath={.status.readyReplicas}{.status.numberReady}' </dev/null) || exit 1
case $ready in
  '' | 0) echo 'No container is running, so there is nothing to run it in.'; exit 0 ;;
esac
"$@" exec -i "$target" -c "$container" -- sh -c 'eval "$(cat)"' && exit 0
code=$?
[ "$when" = before ] && exit "$code"
echo "The command after the deployment ended with $code; the deployment stays."
`,
};
