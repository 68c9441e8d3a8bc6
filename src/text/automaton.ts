/** Rows beyond this number are kept sparse: they are deep in the tree, where text seldom gets. Bounds the memory for long secrets. */
const mostRows = 8192;

/**
 * Finds many words in one pass (Aho and Corasick, 1975), character by character, with a state that can be kept between two pieces of a stream.
 * State 0 is the start; states are numbered level by level.
 */
export class Automaton {
  /** Class of each UTF-16 code unit; 0 for those in no word. */
  private readonly classes = new Uint16Array(65536);
  private readonly width: number;
  private readonly rows: Int32Array;
  private readonly dense: number;
  private readonly fail: Int32Array;
  private readonly children: Map<number, number>[];
  /** How many characters of the text before it a state stands for: what may still become a word. */
  readonly depth: Int32Array;
  /** Length of the longest word that ends in a state, or 0. */
  readonly found: Int32Array;

  constructor(words: readonly string[]) {
    let classes = 1;
    for (const word of words) {
      for (let i = 0; i < word.length; i++) {
        const code = word.charCodeAt(i);
        if (this.classes[code] === 0) this.classes[code] = classes++;
      }
    }
    this.width = classes;
    const { children, ends } = this.tree(words);
    this.children = children;
    const count = children.length;
    this.fail = new Int32Array(count);
    this.depth = new Int32Array(count);
    this.found = new Int32Array(count);
    this.dense = Math.min(count, mostRows);
    this.rows = new Int32Array(this.dense * this.width);
    this.link(ends);
  }

  /** The words as a tree, numbered level by level. */
  private tree(words: readonly string[]): { children: Map<number, number>[]; ends: Set<number> } {
    interface Node { next: Map<number, Node>; end: boolean }
    const root: Node = { next: new Map(), end: false };
    for (const word of words) {
      let node = root;
      for (let i = 0; i < word.length; i++) {
        const key = this.classes[word.charCodeAt(i)] ?? 0;
        let next = node.next.get(key);
        if (next === undefined) node.next.set(key, next = { next: new Map(), end: false });
        node = next;
      }
      node.end = word !== '';
    }
    const queue = [root];
    const children: Map<number, number>[] = [];
    const ends = new Set<number>();
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at] ?? root;
      if (node.end) ends.add(at);
      children.push(new Map([...node.next].map(([key, next]) => [key, queue.push(next) - 1])));
    }
    return { children, ends };
  }

  private link(ends: ReadonlySet<number>): void {
    for (let state = 0; state < this.children.length; state++) {
      if (ends.has(state)) this.found[state] = this.depth[state] ?? 0;
      const suffix = this.fail[state] ?? 0;
      this.found[state] = Math.max(this.found[state] ?? 0, this.found[suffix] ?? 0);
      if (state < this.dense) {
        for (let key = 0; key < this.width; key++) this.rows[state * this.width + key] = state === 0 ? 0 : this.rows[suffix * this.width + key] ?? 0;
      }
      for (const [key, child] of this.children[state] ?? []) {
        this.depth[child] = (this.depth[state] ?? 0) + 1;
        this.fail[child] = state === 0 ? 0 : this.step(suffix, key);
      }
      if (state < this.dense) for (const [key, child] of this.children[state] ?? []) this.rows[state * this.width + key] = child;
    }
  }

  private step(from: number, key: number): number {
    let state = from;
    while (state >= this.dense) {
      const child = this.children[state]?.get(key);
      if (child !== undefined) return child;
      state = this.fail[state] ?? 0;
    }
    return this.rows[state * this.width + key] ?? 0;
  }

  /** Reads a piece of text; `onFound` gets the end of each word in it (exclusive) and its length. Returns the state after it. */
  read(from: number, text: string, onFound: (end: number, length: number) => void): number {
    const { classes, rows, width, dense, found } = this;
    let state = from;
    for (let i = 0; i < text.length; i++) {
      const key = classes[text.charCodeAt(i)] as number;
      state = state < dense ? rows[state * width + key] as number : this.step(state, key);
      const length = found[state] as number;
      if (length !== 0) onFound(i + 1, length);
    }
    return state;
  }
}
