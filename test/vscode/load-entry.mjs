// Loads a bundle as VS Code would, with a stand-in for `vscode`, and prints what was required on the way and how long the processor worked for it.
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
const anything = new Proxy(function () {}, {
  get: (target, key) => key === Symbol.toPrimitive ? () => '' : key === 'prototype' ? target.prototype : anything,
  apply: () => anything,
  construct: () => ({}),
});
const types = readFileSync(load.resolve('@types/vscode/index.d.ts'), 'utf8');
const vscode = Object.fromEntries([...types.matchAll(/export (?:namespace|class|enum|function|const) (\w+)/g)].map(([, name]) => [name, anything]));
const seen = [];
const original = Module._load;
Module._load = (name, ...rest) => {
  seen.push(name);
  return name === 'vscode' ? vscode : original(name, ...rest);
};
const before = process.cpuUsage();
load(process.argv[2]);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ seen: seen.slice(1), ms: (user + system) / 1000 }));
