import type { JsonObject } from '../../text/json';
import { quote } from '../../text/shellQuoting';
import type { Container, ContainerHook } from '../../model/stack';
import type { RenderContext } from './context';
import type { ContainerSecrets } from './secrets';
import { shellEvidence } from './shell';

/** `lifecycle` of a container: its hooks, and a preStop that sends another stop signal than SIGTERM. */
export function lifecycleSpec(context: RenderContext, container: Container, secrets: ContainerSecrets): JsonObject {
  if (container.lifecycle.kind === 'job') return {};
  const start = hookCommand(context, container, container.postStart ?? [], 'post_start');
  const stop = hookCommand(context, container, container.preStop ?? [], 'pre_stop') ?? signalCommand(context, container);
  if (start !== undefined) context.find('hook', 'approximated', container.origin, `The post_start command of ${container.name} runs beside its process, not after it is up, and the container is restarted if it fails.`);
  const spec = {
    ...(start === undefined ? {} : { postStart: { exec: { command: secrets.probe(start) } } }),
    ...(stop === undefined ? {} : { preStop: { exec: { command: secrets.probe(stop) } } }),
  };
  return Object.keys(spec).length === 0 ? {} : { lifecycle: spec };
}

/** Kubernetes has one command for each hook, run as the container's user; several are one shell script. */
function hookCommand(context: RenderContext, container: Container, hooks: readonly ContainerHook[], key: string): string[] | undefined {
  const [first] = hooks;
  if (first === undefined) return undefined;
  for (const hook of hooks) {
    if (hook.user !== undefined && hook.user !== container.user) context.find('hook', 'approximated', container.origin, `The ${key} command of ${container.name} runs as the container's own user, not as "${hook.user}".`, { fix: 'Let the image do it, or an init container.' });
  }
  if (hooks.length === 1 && first.workingDir === undefined && first.env.length === 0) return first.command;
  return ['/bin/sh', '-c', hooks.map(hookScript).join(' && ')];
}

function hookScript(hook: ContainerHook): string {
  const env = hook.env.length === 0 ? '' : `env ${hook.env.map(({ name, value }) => quote(`${name}=${value}`)).join(' ')} `;
  const command = `${env}${hook.command.map(quote).join(' ')}`;
  return hook.workingDir === undefined ? command : `(cd ${quote(hook.workingDir)} && ${command})`;
}

/** The kubelet sends the image's own signal only; before that a shell of the image sends the wanted one and waits for the end. */
function signalCommand(context: RenderContext, container: Container): string[] | undefined {
  const signal = container.stopSignal?.toUpperCase().replace(/^SIG/, '');
  if (signal === undefined || signal === 'TERM' || signal === '15') return undefined;
  const evidence = shellEvidence(container);
  if (evidence === undefined || !/^([A-Z0-9+-]{1,12})$/.test(signal)) {
    context.find('lifecycle', 'approximated', container.origin, `${container.name} is stopped by its image's own signal, not by ${container.stopSignal ?? ''}.`, { fix: 'Set STOPSIGNAL in the image.' });
    return undefined;
  }
  context.find('lifecycle', 'inferred', container.origin, `${container.name} is stopped by ${container.stopSignal ?? ''}: a preStop command sends it and waits until the process has ended.`, { evidence });
  return ['/bin/sh', '-c', `kill -${signal} 1 && while kill -0 1 2>/dev/null; do sleep 1; done`];
}
