import { isAlias, isMap, isScalar, isSeq, parseDocument, stringify, visit, LineCounter } from 'yaml';
import type { Alias, Document, Node, Pair } from 'yaml';
import type { Json } from './json';

/** A YAML text that cannot be used; `message` names the place (line and column). */
export interface YamlError { kind: 'yaml'; message: string }

export interface YamlSource {
  value: Json;
  /** Character offsets of the node at a path, for findings. */
  range(path: readonly (string | number)[]): { start: number; end: number } | undefined;
}

/** How many nodes an expanded document may have: an alias bomb stops here. */
const mostNodes = 500_000;

/**
 * Reads one YAML document as Coolify's parser does (YAML 1.2: `no` is a string), with merge keys, also the list merges
 * that some of Coolify's templates hold, and octal file modes as Compose reads them (`0755`).
 */
export function readYaml(text: string): YamlSource | YamlError {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: '1.2', uniqueKeys: false, lineCounter: lines, keepSourceTokens: false });
  const error = document.errors[0];
  if (error !== undefined) return { kind: 'yaml', message: (error.message.split('\n')[0] ?? 'not YAML').replace(/:$/, '') };
  const reader = new Reader(document);
  try {
    const value = reader.plain(document.contents as Node | null);
    return { value, range: (path) => rangeAt(document, path) };
  } catch (cause) {
    return { kind: 'yaml', message: cause instanceof Error ? cause.message : String(cause) };
  }
}

class Reader {
  private nodes = 0;
  private readonly open = new Set<Node>();
  private readonly targets: ReadonlyMap<Alias, Node>;
  constructor(document: Document) { this.targets = aliasTargets(document); }

  plain(node: Node | null | undefined): Json {
    this.nodes += 1;
    if (this.nodes > mostNodes) throw new Error('The document grows beyond all measure by its aliases (an alias bomb).');
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.alias(this.targets.get(node), node.source);
    if (isScalar(node)) return scalar(node.value, node.source);
    if (isSeq(node)) return node.items.map((item) => this.plain(item as Node));
    if (isMap(node)) return this.map(node.items as Pair<Node, Node | null>[]);
    return null;
  }

  private alias(target: Node | undefined, name: string): Json {
    if (target === undefined) throw new Error(`The alias *${name} has no anchor.`);
    if (this.open.has(target)) throw new Error(`The alias *${name} refers to itself.`);
    this.open.add(target);
    const value = this.plain(target);
    this.open.delete(target);
    return value;
  }

  private map(items: Pair<Node, Node | null>[]): Json {
    const own: { [key: string]: Json } = {};
    let merged: { [key: string]: Json } = {};
    for (const { key, value } of items) {
      const name = String(this.plain(key) ?? '');
      if (name === '<<') merged = { ...merged, ...mergeSources(this.plain(value)) };
      else Object.defineProperty(own, name, { value: this.plain(value), enumerable: true, writable: true, configurable: true });
    }
    return { ...merged, ...own };
  }
}

/** Each alias's target: the last anchor of its name before it. Looked up once, since the library searches the document each time. */
function aliasTargets(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, (_key, node) => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node, target);
    } else if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) anchors.set(node.anchor, node);
  });
  return targets;
}

/** What `<<` brings: a map, or a list of maps of which the first wins; plain list entries become keys (`- A=b`), as Coolify's parser takes them. */
function mergeSources(value: Json): { [key: string]: Json } {
  if (Array.isArray(value)) {
    const result: { [key: string]: Json } = {};
    for (const item of [...value].reverse()) {
      if (typeof item === 'string') {
        const at = item.indexOf('=');
        result[at < 0 ? item : item.slice(0, at)] = at < 0 ? null : item.slice(at + 1);
      } else Object.assign(result, mergeSources(item));
    }
    return result;
  }
  return value !== null && typeof value === 'object' ? value : {};
}

function scalar(value: unknown, source: string | undefined): Json {
  if (typeof value === 'number' && source !== undefined && /^0[0-7]+$/.test(source)) return parseInt(source, 8);
  if (typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^[-+]?\d+$/.test(source)) return source;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}

function rangeAt(document: Document, path: readonly (string | number)[]): { start: number; end: number } | undefined {
  const node = document.getIn(path, true);
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return undefined;
  return node.range == null ? undefined : { start: node.range[0], end: node.range[1] };
}

/** The one place that writes YAML: strings that YAML 1.1 readers would take for something else are quoted, lines never folded. */
export function writeYaml(value: Json): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
