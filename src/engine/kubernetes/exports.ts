import type { Rendering } from '../../model/rendering';
import { exportPlain } from './export';
import type { ExportFiles, ExportFormat } from './export';
import { exportHelm } from './exportHelm';
import { exportKustomize } from './exportKustomize';

export { exportFormats } from './export';
export type { ExportFiles, ExportFormat } from './export';

/** A rendering as files to keep: plain manifests, a Kustomize base or a Helm chart. */
export function exportFiles(rendering: Rendering, name: string, format: ExportFormat): ExportFiles {
  switch (format) {
    case 'plain': return exportPlain(rendering);
    case 'kustomize': return exportKustomize(rendering);
    case 'helm': return exportHelm(rendering, name);
  }
}
