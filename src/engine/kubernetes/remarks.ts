import type { Container } from '../../model/stack';
import type { RenderContext } from './context';

/** What works differently, or not at all, and shows in no object. */
export function remarks(context: RenderContext): void {
  for (const container of context.stack.containers) {
    dependencies(context, container);
    data(context, container);
    if (container.stopSignal !== undefined && container.stopSignal !== 'SIGTERM') context.find('lifecycle', 'approximated', container.origin, `${container.name} is stopped by its image's own signal, not by ${container.stopSignal}.`, { fix: 'Set STOPSIGNAL in the image.' });
    if (container.init === true) context.find('lifecycle', 'ignored', container.origin, `${container.name} asks for an init process; Kubernetes adds none.`);
    if (container.domainname !== undefined) context.find('network', 'ignored', container.origin, `The domain name of ${container.name} is left out; the cluster's DNS names its pods.`);
    if (container.privileged === true) context.find('security', 'translated', container.origin, `${container.name} runs privileged.`);
  }
  for (const volume of context.stack.volumes) if (volume.external === true) context.find('external', 'approximated', volume.origin, `The volume "${volume.name}" exists outside of the stack; its claim starts empty.`, { fix: 'Copy the data.' });
}

function dependencies(context: RenderContext, container: Container): void {
  for (const { container: other, condition } of container.dependsOn) {
    context.find('dependency', 'approximated', container.origin, `${container.name} waits for ${other} (${condition}): objects are applied in that order, and Kubernetes restarts a container until its dependency answers.`);
  }
}

function data(context: RenderContext, container: Container): void {
  for (const mount of container.mounts) {
    if (mount.kind === 'directory') context.find('directory', 'approximated', mount.origin, `The folder ${mount.hostPath} becomes a claim that starts empty.`, { fix: 'Copy its files into the claim.' });
    if (mount.kind === 'volume' && mount.noCopy !== true) context.find('copyUp', 'approximated', mount.origin, `Docker fills an empty volume at ${mount.target} with what the image has there; a claim starts empty.`);
    if (mount.kind === 'hostPath') context.find('volume', 'approximated', mount.origin, `${mount.path} is that of the node on which the pod runs.`);
  }
}
