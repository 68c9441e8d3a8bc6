import type { RenderedBuild } from '../../model/rendering';
import type { RenderContext } from './context';

/** Puts the destination's registry in front of images that are built, and says where they come from when there is none. */
export function placeImages(context: RenderContext): void {
  const host = context.destination.registry?.host.replace(/\/+$/, '');
  for (const container of context.stack.containers) {
    const { build } = container;
    if (build === undefined || build.named) continue;
    if (host !== undefined) container.image = `${host}/${container.image}`;
    else context.find('image', 'approximated', container.origin, `The image of ${container.name} is built and has no registry to be pushed to; it is given to the containerd of the server that builds it, so other nodes do not have it.`, { fix: 'Name a registry in the destination, or an image name in Coolify.' });
  }
}

/** Images that have to be made, each once. */
export function renderedBuilds({ stack }: RenderContext): RenderedBuild[] {
  const builds = stack.containers.flatMap(({ image, build }) => (build === undefined ? [] : [{ image, build }]));
  return builds.filter(({ image }, index) => builds.findIndex((other) => other.image === image) === index);
}
