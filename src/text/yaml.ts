import { isAlias, isMap, isScalar, isSeq, parseDocument, visit, LineCounter } from 'yaml';
import type { Alias, Document, Node, Pair } from 'yaml';
import type { Json } from './json';
import { writeBlock } from './yamlWriter';

/** A YAML text that cannot be used; `message` names the place (line and column). */
export interface YamlError { kind: 'yaml'; message: string }

export interface YamlSource {
  value: Json;
  /** Character offsets of the node at a path, for findings. */
  range(path: readonly (string | number)[]): { start: number; end: number } | undefined;
}

/** How many nodes an expanded document may have: an alias bomb stops here. */
const mostNodes = 500_000;
/** How deep a document may nest; what reads it recurses. No compose file comes near. */
const deepest = 200;

/**
 * Reads one YAML document as Coolify's parser does (YAML 1.2: `no` is a string), with merge keys, also the list merges
 * that some of Coolify's templates hold, and octal file modes as Compose reads them (`0755`).
 */
export function readYaml(text: string): YamlSource | YamlError {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { version: '1.2', uniqueKeys: false, lineCounter: lines, keepSourceTokens: false });
    const error = document.errors[0];
    if (error !== undefined) return { kind: 'yaml', message: firstSentence(error.message) };
    const value = new Reader(document, lines).plain(document.contents as Node | null);
    return { value, range: (path) => rangeAt(document, path) };
  } catch (cause) {
    // The library's own recursion ends in a RangeError, at a depth that depends on the stack.
    return { kind: 'yaml', message: cause instanceof RangeError ? tooDeep : cause instanceof Error ? cause.message : String(cause) };
  }
}

const tooDeep = 'The document nests too deep';

/** The library's messages go on with the source line and a caret. */
function firstSentence(message: string): string {
  const line = (message.split('\n')[0] ?? '').replace(/:$/, '');
  return line === '' ? 'not YAML' : line.startsWith('Maximum call stack') ? tooDeep + line.replace(/^.*?(?= at line|$)/, '') : line.startsWith('Source contains multiple documents') ? 'There is more than one document (a line "---") in it' : line;
}

class Reader {
  private nodes = 0;
  private depth = 0;
  private aliases = 0;
  private readonly open = new Set<Node>();
  private readonly targets: ReadonlyMap<Alias, Node>;
  constructor(document: Document, private readonly lines: LineCounter) { this.targets = aliasTargets(document); }

  plain(node: Node | null | undefined): Json {
    if (node === null || node === undefined) return null;
    this.nodes += 1;
    if (this.nodes > mostNodes) throw this.problem(this.aliases > 0 ? 'The document grows beyond all measure by its aliases (an alias bomb)' : 'The document holds too many values', node);
    this.depth += 1;
    if (this.depth > deepest) throw this.problem(tooDeep, node);
    const value = this.valueOf(node);
    this.depth -= 1;
    return value;
  }

  private valueOf(node: Node): Json {
    if (isAlias(node)) return this.alias(node);
    if (isScalar(node)) return scalar(node.value, node.source, node.type === 'PLAIN');
    if (isSeq(node)) return node.items.map((item) => this.plain(item as Node));
    if (isMap(node)) return this.map(node.items as Pair<Node, Node | null>[]);
    return null;
  }

  private alias(node: Alias): Json {
    const target = this.targets.get(node);
    if (target === undefined) throw this.problem(`The alias *${node.source} has no anchor before it`, node);
    if (this.open.has(target)) throw this.problem(`The alias *${node.source} refers to itself`, node);
    this.aliases += 1;
    this.open.add(target);
    const value = this.plain(target);
    this.open.delete(target);
    return value;
  }

  private problem(message: string, node: Node): Error {
    const at = node.range == null ? undefined : this.lines.linePos(node.range[0]);
    return new Error(at === undefined ? message : `${message} at line ${String(at.line)}, column ${String(at.col)}`);
  }

  private map(items: Pair<Node, Node | null>[]): Json {
    const own: { [key: string]: Json } = {};
    let merged: { [key: string]: Json } = {};
    for (const { key, value } of items) {
      const plainKey = this.plain(key);
      if (typeof plainKey === 'object' && plainKey !== null) throw this.problem('A key is a list or a mapping, not a text', key);
      const name = String(plainKey ?? '');
      if (name === '<<') merged = { ...merged, ...mergeSources(this.plain(value)) };
      else if (name === '__proto__') Object.defineProperty(own, name, { value: this.plain(value), enumerable: true, writable: true, configurable: true });
      else own[name] = this.plain(value);
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

function scalar(value: unknown, source: string | undefined, plain: boolean): Json {
  // Compose's and Coolify's readers both take `1_000` for a number.
  if (plain && typeof value === 'string' && /^[-+]?[1-9]\d*_[\d_]*$/.test(value)) return Number(value.replaceAll('_', ''));
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
  return writeBlock(value);
}
