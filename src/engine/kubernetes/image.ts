import type { RenderContext } from './context';

/** Puts the destination's registry in front of images that are built, and says where they come from when there is none. */
export function placeImages(context: RenderContext): void {
  const host = context.destination.registry?.host.replace(/\/+$/, '');
  for (const container of context.stack.containers) {
    const { build } = container;
    if (build === undefined || build.named) continue;
    if (host !== undefined) container.image = `${host}/${container.image}`;
    else context.find('image', 'approximated', container.origin, `The image of ${container.name} is built and has no registry to be pushed to; it has to be on the node already.`, { fix: 'Name a registry in the destination, or an image name in Coolify.' });
  }
}
