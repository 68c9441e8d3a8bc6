export { sanitise } from './events';
export { type Advice, defaultsFrom, type DestinationDefaults, noClusterAdvice } from './destinationDefaults';
export { explain, type Explanation } from './explain';
export { readFiles, readKubeconfig, type ReadOptions, ServerFileError, type ServerFileErrorKind } from './kubeconfig';
export { type ProbeOptions, probeServer } from './probe';
export { explainRun } from './explainRun';
export { cancelRun, type FollowOptions, followRun, type Reconnect, runState, startRun } from './run';
export { findRuns, listRuns, type RunSummary } from './runList';
