/** A JSON value; manifests are plain data until they are written as YAML. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One Kubernetes object, as it is sent to the API server. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [key: string]: Json | undefined | Manifest['metadata'];
}
