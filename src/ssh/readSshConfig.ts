import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Directive, matchesPattern, parseConfig } from './configSyntax';

/** OpenSSH's own limit on nested Includes. */
const deepest = 16;

/**
 * The user's and the system's ssh_config with all they include, in the order in which they count. A file that is not there, or cannot be read, counts as empty.
 */
export async function readSshConfig(home: string, system = '/etc/ssh/ssh_config'): Promise<Directive[][]> {
  const user = path.join(home, '.ssh');
  return [await readConfigFile(path.join(user, 'config'), user, home, []), await readConfigFile(system, path.dirname(system), home, [])];
}

async function readConfigFile(file: string, base: string, home: string, within: readonly string[]): Promise<Directive[]> {
  // A file that includes itself, perhaps by way of others, is read once.
  if (within.includes(file) || within.length >= deepest) return [];
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  // The parser is pure: what it may include is read before it runs.
  const wanted = new Set<string>();
  parseConfig(text, file, (patterns) => { for (const pattern of patterns) wanted.add(pattern); return []; });
  const found = new Map<string, { path: string; directives: Directive[] }[]>();
  for (const pattern of wanted) {
    const absolute = path.resolve(base, pattern.replace(/^~(?=[/\\]|$)/, () => home));
    const files = await expand(absolute);
    found.set(pattern, await Promise.all(files.map(async (one) => ({ path: one, directives: await readConfigFile(one, base, home, [...within, file]) }))));
  }
  return parseConfig(text, file, (patterns) => patterns.flatMap((pattern) => found.get(pattern) ?? []));
}

/** glob(7) as Include uses it, sorted by name; a leading dot must be written. */
async function expand(pattern: string): Promise<string[]> {
  const { root } = path.parse(pattern);
  let found = [root];
  for (const part of pattern.slice(root.length).split(/[/\\]/).filter((one) => one !== '')) {
    const next = await Promise.all(found.map(async (folder) => {
      if (!/[*?]/.test(part)) return [path.join(folder, part)];
      const names = await readdir(folder).catch(() => []);
      return names.filter((name) => matchesPattern(name, part) && (part.startsWith('.') || !name.startsWith('.'))).sort().map((name) => path.join(folder, name));
    }));
    found = next.flat();
  }
  return found;
}
