/** Shorter values cannot be masked without hiding ordinary words. Characters. */
export const shortestSecret = 6;

/** Every spelling in which programs print a secret: as it is, line by line, and as shells, JSON, YAML, XML, URLs and base64 write it. */
export function spellings(secrets: readonly string[]): string[] {
  const all = new Set<string>();
  for (const secret of secrets) {
    const lines = secret.split(/\r?\n/);
    // `echo $SECRET` without quotes joins the lines and collapses the blanks.
    for (const part of new Set([secret, ...lines, secret.split(/\s+/).join(' ')])) for (const spelling of spellingsOf(part.trim())) if (spelling.length >= shortestSecret) all.add(spelling);
  }
  return [...all];
}

function spellingsOf(text: string): string[] {
  if (text.length < shortestSecret) return [];
  const json = JSON.stringify(text).slice(1, -1);
  const escaped = shellEscaped(text);
  return [
    text,
    json,
    // Go's encoder, and so kubectl, writes these three as code points.
    json.replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
    JSON.stringify(json).slice(1, -1),
    ascii(json),
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replaceAll("'", "''"),
    text.replace(/["$`\\]/g, '\\$&'),
    text.replace(/[^A-Za-z0-9_@%+=:,./-]/g, '\\$&'),
    escaped,
    xml(text),
    ...urls(text),
    ...[0, 1, 2].flatMap((offset) => base64(text, offset)),
  ];
}

/** `$'…'` as bash and zsh print it under `set -x`. */
function shellEscaped(text: string): string {
  const names: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\u001b': '\\E', "'": "\\'", '\\': '\\\\' };
  return text.replace(/[\n\t\r\u001b'\\]/g, (c) => names[c] ?? c);
}

/** `\u00e9` for everything that is not ASCII, as Python's and PHP's encoders write it. */
function ascii(json: string): string {
  return json.replace(/[^\0-\u007f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function xml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (c) => names[c] ?? c);
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Percent encoding: by component or strict (RFC 3986), blanks as `%20` or `+`, digits in both cases. */
function urls(text: string): string[] {
  // A half of a surrogate pair has no encoding.
  const component = encodeURIComponent(text.replace(loneSurrogate, '\ufffd'));
  const strict = component.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return [component, strict].flatMap((encoded) => [encoded, encoded.replaceAll('%20', '+')]).flatMap((encoded) => [encoded, encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

/** Base64 of the text when `offset` bytes stand before it in its group of three; only the characters that neither neighbour changes. */
function base64(text: string, offset: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
  const stable = bytes.toString('base64').slice(offset === 0 ? 0 : offset + 1, Math.floor((bytes.length * 8) / 6));
  return [stable, stable.replaceAll('+', '-').replaceAll('/', '_')];
}
