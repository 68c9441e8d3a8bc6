const units: Record<string, number> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 };

/** Docker's sizes (`512m`, `1.5g`, `.5 GiB`, `64kb`, bytes): binary multiples, any case (docker/go-units RAMInBytes). Undefined when it is no size. */
export function parseDockerBytes(text: string | number): number | undefined {
  const match = /^(\d+\.?\d*|\.\d+) ?(b|([kmgtp])(?:i?b)?)?$/i.exec(String(text).trim());
  if (match === null) return undefined;
  return Math.floor(Number(match[1]) * (units[(match[3] ?? '').toLowerCase()] ?? 1));
}

const seconds: Record<string, number> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, 'µs': 1e-6, ns: 1e-9 };

/** Compose's durations (`1m30s`, `500ms`; a bare number is taken as seconds) in seconds. Undefined when it is no duration. */
export function parseDuration(text: string | number): number | undefined {
  const trimmed = String(text).trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  let total = 0;
  let rest = trimmed;
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)(w|d|h|ms|us|µs|ns|m|s)/.exec(rest);
    if (match === null) return undefined;
    total += Number(match[1]) * (seconds[match[2] ?? ''] ?? 0);
    rest = rest.slice(match[0].length);
  }
  return trimmed === '' ? undefined : total;
}
