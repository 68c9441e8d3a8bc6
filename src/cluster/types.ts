import type { Duplex } from 'node:stream';
import type { Manifest } from '../model/manifest';
import type { JsonObject } from '../text/json';

/** Opens a stream to a host and port: through an SSH connection (`forward`), for instance. */
export type Dial = (host: string, port: number) => Promise<Duplex>;

export interface OpenOptions {
  /** How the API server is reached; absent: directly from this machine. */
  dial?: Dial;
  /** The context to use; absent: the current one. */
  context?: string;
  /** Contents of the files that the kubeconfig names (`filePathsIn`), read where the kubeconfig was read. Nothing is read from this machine. */
  files?: Readonly<Record<string, string>>;
  /** For one answer, or the start of a stream; 20 000 by default. */
  timeoutMs?: number;
}

export interface ObjectRef { apiVersion: string; kind: string; name: string; namespace?: string }

export type DryRun =
  /** The object as it would be, defaults and all. */
  | { kind: 'ok'; object: Manifest }
  /** Its namespace is not there yet, so the API server cannot say. */
  | { kind: 'noNamespace' }
  /** `conflict`: fields that another field manager owns. */
  | { kind: 'refused'; message: string; conflict?: { owner: string; fields: string[] } };

export interface ListOptions { namespace?: string; labelSelector?: string; fieldSelector?: string; signal?: AbortSignal }

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  signal: AbortSignal;
  /** `retrying`: the set may be out of date; the reason is one sentence. */
  onState?: (state: 'live' | 'retrying', reason?: string) => void;
}

export interface LogOptions {
  /** Goes on until the container ends. */
  follow?: boolean;
  tailLines?: number;
  /** Of the container before its last restart. */
  previous?: boolean;
  timestamps?: boolean;
  signal?: AbortSignal;
}

export interface PortForward { /** On 127.0.0.1 of this machine. */ port: number; close(): Promise<void> }

export interface AccessRule { verb: string; /** '' is the core group. */ group: string; /** `pods`, or with a subresource `pods/log`. */ resource: string; /** Absent: cluster-scoped. */ namespace?: string }

/** An API server with the credentials of one kubeconfig context. Everything throws `ClusterError`. */
export interface Cluster {
  readonly server: string;
  readonly contextName: string;
  readonly defaultNamespace?: string;
  /** What the user should know about the kubeconfig: unverified TLS, a certificate about to expire. */
  readonly warnings: readonly string[];
  /** As `v1.34.4`. */
  version(signal?: AbortSignal): Promise<string>;
  /** Undefined when it is not there, nor its kind. Without managedFields. */
  get(ref: ObjectRef, signal?: AbortSignal): Promise<Manifest | undefined>;
  /** What a server-side apply would do (dryRun=All, fieldValidation=Strict). The manifest is sent as it is: no field gets lost. */
  dryRun(manifest: Manifest, options: { fieldManager: string; signal?: AbortSignal }): Promise<DryRun>;
  /** Every object, page by page. Without a namespace: of all namespaces. */
  list(apiVersion: string, kind: string, options?: ListOptions): Promise<JsonObject[]>;
  /**
   * Reports the whole set, at first and after changes, at most five times a second, until the signal ends it. Survives a lost connection.
   * @throws ClusterError only for what waiting does not mend (credentials, permissions, an unknown kind).
   */
  watch(apiVersion: string, kind: string, options: WatchOptions, onChange: (items: JsonObject[]) => void): Promise<void>;
  logs(pod: { namespace: string; name: string; container?: string }, options: LogOptions, onText: (text: string) => void): Promise<void>;
  /** Those of the rules that this account lacks. */
  missingPermissions(rules: readonly AccessRule[], signal?: AbortSignal): Promise<AccessRule[]>;
  /** A port of this machine's loopback that leads to a port of a pod. */
  forwardPort(target: { namespace: string; pod: string; port: number }, options?: { onProblem?: (message: string) => void }): Promise<PortForward>;
  /** Ends every request, watch and forwarded port. */
  close(): void;
}
