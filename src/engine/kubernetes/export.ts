import { plainJson } from '../../text/json';
import { writeYaml } from '../../text/yaml';
import type { Manifest } from '../../model/manifest';
import type { Rendering } from '../../model/rendering';

export type ExportFormat = 'plain' | 'kustomize' | 'helm';
export const exportFormats: readonly ExportFormat[] = ['plain', 'kustomize', 'helm'];

/** Files by their path below the target folder. */
export type ExportFiles = Map<string, string>;

/** One file for each object, numbered in apply order: `kubectl apply -f folder` takes them as they are. */
export function exportPlain(rendering: Rendering): ExportFiles {
  return new Map(rendering.manifests.map((manifest, index) => [`${String(index).padStart(3, '0')}-${fileName(manifest)}`, writeYaml(plainJson(manifest))]));
}

export function fileName({ kind, metadata }: Manifest): string {
  return `${kind.toLowerCase()}-${metadata.name}.yaml`;
}
