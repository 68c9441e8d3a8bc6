/** Every id that package.json and the code share. A unit test compares the two. */
export const commands = {
  connect: 'coolifyKubernetes.connect',
  signIn: 'coolifyKubernetes.signIn',
  removeInstance: 'coolifyKubernetes.removeInstance',
  refresh: 'coolifyKubernetes.refresh',
  addDestination: 'coolifyKubernetes.addDestination',
  editDestination: 'coolifyKubernetes.editDestination',
  duplicateDestination: 'coolifyKubernetes.duplicateDestination',
  removeDestination: 'coolifyKubernetes.removeDestination',
  testDestination: 'coolifyKubernetes.testDestination',
  assess: 'coolifyKubernetes.assess',
  previewManifests: 'coolifyKubernetes.previewManifests',
  diffWithCluster: 'coolifyKubernetes.diffWithCluster',
  changesSinceLastRun: 'coolifyKubernetes.changesSinceLastRun',
  deploy: 'coolifyKubernetes.deploy',
  restart: 'coolifyKubernetes.restart',
  stop: 'coolifyKubernetes.stop',
  start: 'coolifyKubernetes.start',
  rollback: 'coolifyKubernetes.rollback',
  followRun: 'coolifyKubernetes.followRun',
  open: 'coolifyKubernetes.open',
  viewLogs: 'coolifyKubernetes.viewLogs',
} as const;

export const settings = { section: 'coolifyKubernetes', instances: 'instances', destinations: 'destinations' } as const;
export const views = { resources: 'coolifyKubernetes.resources' } as const;

/** `contextValue`s of tree rows, as `when` clauses test them. */
export const rowKinds = {
  instance: 'instance', server: 'server', destination: 'destination', kubernetes: 'kubernetes', deployed: 'deployed', pod: 'pod',
  project: 'project', environment: 'environment', resource: 'resource', message: 'message',
} as const;

export const scheme = 'coolify-kubernetes';
