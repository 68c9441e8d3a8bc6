import { restoreGlobalDispatcher } from './globalDispatcher';
import { Agent, fetch, WebSocket } from 'undici';

restoreGlobalDispatcher();

export { Agent, fetch, WebSocket };
export type { Response } from 'undici';
