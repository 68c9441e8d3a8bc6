/**
 * The API server, through an SSH tunnel or directly: the bundle that is loaded at first use. Of @kubernetes/client-node it takes the watch and its HTTP client (undici);
 * not KubeConfig, which runs the programs a kubeconfig names, and not the typed API, which drops fields it does not know.
 */
export { openCluster } from './cluster';
export { ClusterError, type ClusterErrorKind, isClusterError } from './errors';
export { contextsIn, filePathsIn, type KubeconfigContext } from './kubeconfig';
export { minimalKubeconfig } from './minimalKubeconfig';
export { roleFor, rulesFor } from './rules';
export type { AccessRule, Cluster, Dial, DryRun, ListOptions, LogOptions, ObjectRef, OpenOptions, PortForward, WatchOptions } from './types';
