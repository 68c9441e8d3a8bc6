import type * as cluster from '../../cluster';
import type * as core from '../../core';
import type * as remote from '../../remote';

export type Core = typeof core;
export type Remote = typeof remote;
export type ClusterClient = typeof cluster;

/* eslint-disable @typescript-eslint/no-require-imports -- bundles of their own, loaded at first use */

/** The translator. */
export const loadCore = (): Core => require('./core.js') as Core;
/** SSH and runs. */
export const loadRemote = (): Remote => require('./ssh.js') as Remote;
/** The Kubernetes client. */
export const loadCluster = (): ClusterClient => require('./cluster.js') as ClusterClient;
