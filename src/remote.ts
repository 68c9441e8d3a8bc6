/** The bundle's entry for what reaches a server: connections, and the runs on them. */
export * from './run';
export * from './ssh';
