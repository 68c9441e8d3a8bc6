/** Shorter values cannot be masked without hiding ordinary words. */
const shortest = 6;
const mask = '••••••';

function variants(secrets: readonly string[]): string[] {
  const all = new Set<string>();
  for (const secret of secrets) {
    for (const line of [secret, ...secret.split('\n')]) {
      const trimmed = line.trim();
      if (trimmed.length < shortest) continue;
      all.add(trimmed);
      all.add(encodeURIComponent(trimmed));
      all.add(JSON.stringify(trimmed).slice(1, -1));
      // Padding and the last character change when text is appended, so only what is stable is matched.
      const base64 = Buffer.from(trimmed).toString('base64').replace(/=+$/, '');
      if (base64.length > shortest + 1) all.add(base64.slice(0, -1));
    }
  }
  return [...all].sort((a, b) => b.length - a.length);
}

function replaceAll(text: string, needles: readonly string[]): string {
  return needles.reduce((result, needle) => result.replaceAll(needle, mask), text);
}

/** Masks every secret, in the spellings in which tools print them (raw, URL, JSON, base64). */
export function maskText(text: string, secrets: readonly string[]): string {
  return replaceAll(text, variants(secrets));
}

export interface Masker {
  /** Returns what can be shown already; what may still become a secret is held back. */
  push(chunk: string): string;
  /** Returns the rest. */
  flush(): string;
}

/** A masker for a stream: a secret split over two chunks is masked too. */
export function createMasker(secrets: readonly string[]): Masker {
  const needles = variants(secrets);
  let held = '';
  return {
    push(chunk) {
      const text = replaceAll(held + chunk, needles);
      const keep = longestPrefixAtEnd(text, needles);
      held = keep === 0 ? '' : text.slice(-keep);
      return keep === 0 ? text : text.slice(0, -keep);
    },
    flush() {
      const rest = replaceAll(held, needles);
      held = '';
      return rest;
    },
  };
}

function longestPrefixAtEnd(text: string, needles: readonly string[]): number {
  let longest = 0;
  for (const needle of needles) {
    for (let length = Math.min(needle.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(needle.slice(0, length))) longest = length;
    }
  }
  return longest;
}
