import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A folder outside the checkout for what is expensive to make; one sub-folder for each key. */
export function cacheFolder(...key: string[]): string {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'coolify-kubernetes', ...key);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Makes `final` unless it is there. It is made beside its place and then moved, so that a half-made one is never taken for finished;
 * of several processes one makes it and the others wait.
 */
export async function once(final: string, make: (folder: string) => Promise<void>): Promise<void> {
  const unlock = await lock(`${final}.lock`);
  try {
    if (existsSync(final)) return;
    const folder = mkdtempSync(`${final}.`);
    try {
      await make(folder);
      renameSync(folder, final);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  } finally {
    unlock();
  }
}

/** Waits for a lock file, and takes it over from a process that is gone. */
async function lock(path: string): Promise<() => void> {
  for (;;) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => { rmSync(path, { force: true }); };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (isStale(path)) rmSync(path, { force: true });
    else await sleep(300);
  }
}

function isStale(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // Between its making and its writing a lock is empty.
    return pid > 0 && !isAlive(pid);
  } catch { return false; }
}

function isAlive(pid: number): boolean {
  try { process.kill(pid, 0); return true; } catch (error) { return error instanceof Error && 'code' in error && error.code === 'EPERM'; }
}

if (import.meta.main) console.log(cacheFolder(...process.argv.slice(2)));
