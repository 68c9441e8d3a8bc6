import { isObject, plainJson } from '../../text/json';
import type { Json } from '../../text/json';
import { writeYaml } from '../../text/yaml';
import type { Manifest } from '../../model/manifest';
import type { Rendering } from '../../model/rendering';
import { fileName } from './export';
import type { ExportFiles } from './export';

/**
 * A Kustomize base: the objects as they are, Secrets in a folder of their own (to be encrypted or left out of version control), and the
 * images listed so that a new tag is one line.
 */
export function exportKustomize(rendering: Rendering): ExportFiles {
  const files: ExportFiles = new Map();
  const resources: string[] = [];
  for (const manifest of rendering.manifests) {
    const path = `${manifest.kind === 'Secret' ? 'secrets' : 'base'}/${fileName(manifest)}`;
    files.set(path, writeYaml(plainJson(manifest)));
    resources.push(path);
  }
  const images = imageEntries(imagesOf(rendering.manifests));
  files.set('kustomization.yaml', writeYaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources, ...(images.length === 0 ? {} : { images }) }));
  files.set('.gitignore', '# Secrets are in clear here: encrypt them (SOPS, Sealed Secrets) or keep them out.\nsecrets/\n');
  return files;
}

/** Every image of every container, wherever a pod template stands. */
export function imagesOf(manifests: readonly Manifest[]): string[] {
  const found = new Set<string>();
  const walk = (value: Json): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (key === 'image' && typeof item === 'string' && typeof value['name'] === 'string') found.add(item);
        else walk(item);
      }
    }
  };
  for (const manifest of manifests) walk(plainJson(manifest));
  return [...found].sort();
}

/** Name, and tag or digest, of an image reference; a port in the registry is no tag. */
export function splitImage(image: string): { name: string; tag?: string; digest?: string } {
  const [rest = '', digest] = image.split('@');
  const at = rest.lastIndexOf(':');
  const tagged = at > rest.lastIndexOf('/');
  return { name: tagged ? rest.slice(0, at) : rest, ...(tagged ? { tag: rest.slice(at + 1) } : {}), ...(digest === undefined ? {} : { digest }) };
}

/** Kustomize goes by the name alone: one that occurs in several versions, or without any, or with a tag beside its digest, cannot be listed without changing it. */
function imageEntries(images: readonly string[]): Json[] {
  const parts = images.map(splitImage);
  return parts.filter(({ name, tag, digest }) => (tag === undefined) !== (digest === undefined) && parts.filter((other) => other.name === name).length === 1)
    .map(({ name, tag, digest }): Json => (digest === undefined ? { name, newTag: tag ?? '' } : { name, digest }));
}
