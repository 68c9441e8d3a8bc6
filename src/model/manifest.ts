import type { Json } from '../text/json';

export type { Json };

/** One Kubernetes object, as it is sent to the API server. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [key: string]: Json | undefined | Manifest['metadata'];
}
