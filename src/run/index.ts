export { sanitise } from './events';
export { explain, type Explanation } from './explain';
export { cancelRun, followRun, listRuns, type Reconnect, runState, type RunSummary, startRun } from './run';
