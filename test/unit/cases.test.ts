import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDestination } from '../../src/model/destinationReader';
import type { Finding } from '../../src/model/finding';
import { defaultDestination } from '../../src/model/destination';
import type { KubernetesDestination } from '../../src/model/destination';
import type { Manifest } from '../../src/model/manifest';
import { translateCompose } from '../../src/translate';
import { isObject, plainJson } from '../../src/text/json';
import type { Json, JsonObject } from '../../src/text/json';
import { readYaml, writeYaml } from '../../src/text/yaml';

const folder = path.join(import.meta.dirname, '../../docs/cases');
const ours = ['app.kubernetes.io/managed-by', 'app.kubernetes.io/name', 'coolify-kubernetes/resource', 'coolify-kubernetes/container'];

/** The parts of a case that a person writes: the text, the compose file, the destination, and which objects are shown. */
interface Written { head: string; compose: string; destination: KubernetesDestination; shown: string[] }

function written(text: string): Written {
  const [, head = '', heading = ''] = /^([^]*?)(?:\n## In Kubernetes([^\n]*)(?:\n[^]*)?)?$/.exec(text.trimEnd()) ?? [];
  const block = (name: string): string | undefined => new RegExp(`## ${name}\n+\`\`\`yaml\n([^]*?)\`\`\``).exec(head)?.[1];
  const compose = block('Compose');
  if (compose === undefined) throw new Error('A case needs a block "## Compose".');
  return { head: head.trimEnd(), compose, destination: destinationOf(block('Destination')), shown: heading.replace(/^: */, '').split(', ').filter((name) => name !== '') };
}

function destinationOf(text: string | undefined): KubernetesDestination {
  if (text === undefined) return defaultDestination;
  const yaml = readYaml(text);
  if ('kind' in yaml || !isObject(yaml.value)) throw new Error('The destination is no mapping.');
  const destination = readDestination({ ...plainJson(defaultDestination) as JsonObject, ...yaml.value });
  if (destination === undefined) throw new Error('The destination cannot be read.');
  return destination;
}

const without = (object: JsonObject, keys: readonly string[]): JsonObject => Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

/** Leaves out what every object carries: its namespace and the labels that say whose it is. Selectors stay. */
function plain(value: Json, inSelector = false): Json {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (!isObject(value)) return value;
  const own = inSelector ? value : without(value, ours);
  return Object.fromEntries(Object.entries(own).flatMap(([key, item]): [string, Json][] => {
    if (key === 'metadata' && isObject(item)) {
      const metadata = plain(without(item, ['namespace']));
      return isObject(metadata) && Object.keys(metadata).length === 0 ? [] : [[key, metadata]];
    }
    const kept = plain(item, /[sS]elector$|^matchLabels$/.test(key) || inSelector);
    return key === 'labels' && isObject(kept) && Object.keys(kept).length === 0 ? [] : [[key, kept]];
  }));
}

const line = ({ code, decision, origin, message, fix }: Finding): string => `- **${decision}** \`${origin.path}\` ${message}${fix === undefined ? '' : ` *${fix}*`} (${code})`;

function asCase(name: string, text: string): string {
  const { head, compose, destination, shown } = written(text);
  const translation = translateCompose(compose, { name: name.replace(/^\d+-/, ''), source: 'compose.yaml', seed: '1', destination });
  if (!('rendering' in translation)) throw new Error(translation.message);
  const { manifests, findings } = translation.rendering;
  const title = (manifest: Manifest): string => `${manifest.kind} ${manifest.metadata.name}`;
  const missing = shown.filter((wanted) => !manifests.some((manifest) => title(manifest) === wanted));
  if (missing.length > 0) throw new Error(`There is no ${missing.join(', ')} among ${manifests.map(title).join(', ')}.`);
  const objects = manifests.filter((manifest) => (shown.length === 0 ? manifest.kind !== 'Namespace' : shown.includes(title(manifest))));
  const told = findings.filter(({ code }) => code !== 'CK1000');
  return `${head}\n\n## In Kubernetes${shown.length === 0 ? '' : `: ${shown.join(', ')}`}\n\n\`\`\`yaml\n${objects.map((manifest) => writeYaml(plain(plainJson(manifest)))).join('---\n')}\`\`\`\n\n## What is said\n\n${told.length === 0 ? 'Nothing: it is the same there.' : told.map(line).join('\n')}\n`;
}

describe('cases that the documentation shows', () => {
  it.each(readdirSync(folder).filter((name) => /^\d/.test(name)))('%s is what the translator makes', async (file) => {
    const text = readFileSync(path.join(folder, file), 'utf8');
    await expect(asCase(file.replace('.md', ''), text)).toMatchFileSnapshot(path.join(folder, file));
  });
});
