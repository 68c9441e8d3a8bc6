import { readFileSync, statSync } from 'node:fs';

const mostBytes = 10 * 1024 * 1024;

/** Why a file is no text: one sentence, without the file's name. `unreadable`: the system refused, so nothing is known of its content. */
export interface NoText { problem: string; unreadable: boolean }

/** A whole UTF-8 file, without a byte order mark and with line ends as they are. */
export function readText(file: string): string | NoText {
  try {
    const stat = statSync(file);
    // A pipe or a device may never end.
    if (!stat.isFile()) return { problem: `${stat.isDirectory() ? 'a folder' : 'a pipe or a device'}, not a file.`, unreadable: false };
    if (stat.size > mostBytes) return { problem: 'larger than 10 MiB, which no compose file is.', unreadable: false };
    return decode(readFileSync(file));
  } catch (error) {
    return { problem: `${systemReason(error)}.`, unreadable: true };
  }
}

function decode(bytes: Buffer): string | NoText {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return { problem: 'written in UTF-16; save it as UTF-8.', unreadable: false };
  if (bytes.includes(0)) return { problem: 'a binary file, not YAML.', unreadable: false };
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { problem: `not UTF-8 (line ${String(firstBadLine(bytes))}); save it as UTF-8.`, unreadable: false };
  }
}

/** A line's bytes are whole characters in UTF-8, so each can be checked alone. */
function firstBadLine(bytes: Buffer): number {
  for (let line = 1, start = 0; ; line++) {
    const end = bytes.indexOf(10, start);
    const part = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (Buffer.compare(Buffer.from(part.toString('utf8')), part) !== 0 || end < 0) return line;
    start = end + 1;
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file or folder', ENOTDIR: 'a part of this path is no folder', EACCES: 'this account may not read or write it', EPERM: 'this account may not read or write it',
  EISDIR: 'a folder, not a file', ELOOP: 'a link that leads back to itself', ENAMETOOLONG: 'the name is too long', ENOSPC: 'the disk is full', EROFS: 'the disk cannot be written to', EMFILE: 'too many files are open',
};

/** What the system said about a file, in words; undefined when the error is none of the system's. */
export function knownReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string' || !('syscall' in error)) return undefined;
  return reasons[error.code] ?? `the system refused (${error.code})`;
}

export function systemReason(error: unknown): string {
  return knownReason(error) ?? (error instanceof Error ? error.message : String(error));
}
