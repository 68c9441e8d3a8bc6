// Run by check 03 as another user: looks as often as it can at the words of every process, at /tmp and at /dev/shm, for what is on stdin, until a line `end` comes.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';

const input = createInterface({ input: process.stdin });
const wanted = [];
let ended = false;
input.on('line', (line) => { if (line === 'end') ended = true; else wanted.push(line); });
const attempt = (read) => { try { return read(); } catch { return undefined; } };
const found = new Set();
const look = (where, text) => { if (text !== undefined) for (const word of wanted) if (text.includes(word)) found.add(`${where} ${word}`); };

const known = new Map();
let rounds = 0;
let processes = 0;
let longest = 0;
let last = performance.now();
const start = last;

function round() {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d/.test(pid)) continue;
    // A process that has been seen five times has done its exec; afterwards every five-hundredth round is enough.
    const seen = (known.get(pid) ?? 0) + 1;
    known.set(pid, seen);
    if (seen > 5 && rounds % 500 !== 0) continue;
    if (seen === 1) processes += 1;
    look('cmdline', attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')));
    if (seen === 3) look('environ', attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8')));
  }
  if (rounds % 10 === 0) walk('/dev/shm', 3);
  if (rounds % 200 === 0) walk('/tmp', 2);
  if (known.size > 20_000) known.clear();
  rounds += 1;
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
}

function walk(folder, depth) {
  for (const entry of attempt(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    const path = `${folder}/${entry.name}`;
    look('name', entry.name);
    if (entry.isDirectory() && depth > 0) walk(path, depth - 1);
    // Other tests' files may be large; what a run leaves is small.
    else if (entry.isFile() && (attempt(() => statSync(path).size) ?? Infinity) < 262_144) look('file', attempt(() => readFileSync(path, 'utf8')));
  }
}

console.log('ready');
const next = () => {
  if (ended) { console.log(JSON.stringify({ rounds, processes, seconds: (performance.now() - start) / 1000, longest, found: [...found] })); process.exit(0); }
  round();
  setImmediate(next);
};
next();
