import type { Finding } from './model/finding';
import { readYaml, type YamlSource } from './text/yaml';

/** A finding where an editor can underline it: a part of what Coolify runs today. Offsets are characters. */
export interface Problem { file: string; start: number; end: number; finding: Finding }

/** Places findings a person should look at in the texts of a preview; one whose path is not in any text stands at the beginning of the first. */
export function problemsIn(today: readonly { name: string; text: string }[], findings: readonly Finding[]): Problem[] {
  const [first] = today;
  if (first === undefined) return [];
  const sources = new Map(today.map(({ name, text }) => [name, readYaml(text)]));
  return findings.filter(({ severity }) => severity !== 'info').map((finding) => {
    for (const { name, text } of today) {
      const source = sources.get(name);
      const found = source === undefined || 'kind' in source ? undefined : place(source, finding.origin.path, name.replace(/\.yaml$/, ''));
      if (found !== undefined) return { file: name, ...oneLine(text, found), finding };
    }
    return { file: first.name, ...oneLine(first.text, { start: 0, end: first.text.length }), finding };
  });
}

/** The deepest node of the path that the text has. A service's name may hold dots, so it is taken from the file. */
function place(source: YamlSource, path: string, service: string): { start: number; end: number } | undefined {
  const prefix = `services.${service}`;
  if (path !== prefix && !path.startsWith(`${prefix}.`)) return undefined;
  const rest = path.slice(prefix.length).split('.').filter((part) => part !== '').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  for (let length = rest.length; length >= 0; length--) {
    const found = source.range(['services', service, ...rest.slice(0, length)]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A whole block underlined says nothing; its first line does. */
function oneLine(text: string, { start, end }: { start: number; end: number }): { start: number; end: number } {
  const line = text.indexOf('\n', start);
  return { start, end: line >= 0 && line < end ? line : end };
}
