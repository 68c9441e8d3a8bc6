/**
 * undici puts a dispatcher of its own behind the process-wide `fetch` when it is loaded. An extension host is shared with other extensions,
 * so what was there is put back. This module must be imported before undici, `restore` called after it.
 */
const place = Symbol.for('undici.globalDispatcher.1');
const before: unknown = Reflect.get(globalThis, place);

export function restoreGlobalDispatcher(): void {
  Reflect.set(globalThis, place, before);
}
