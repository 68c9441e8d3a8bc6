// Builds the bundles: the small entry, and what is loaded at first use.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import path from 'node:path';

const sources = path.join(import.meta.dirname, 'src') + path.sep;
const bundles = { extension: 'src/extension.ts', core: 'src/core.ts', ssh: 'src/remote.ts', cluster: 'src/cluster/index.ts', cli: 'src/cli.ts', 'cli/run': 'src/cli/run.ts', 'cli/serverCommands': 'src/cli/serverCommands.ts', 'cli/scoreboard': 'src/cli/scoreboard.ts' };
const entryPoints = Object.fromEntries(Object.entries(bundles).filter(([, file]) => existsSync(file)));

/** A bundle that our own code asks for stays a file of its own; a dependency's file of the same name (`ssh2` has a `server.js`) does not. */
const ourBundles = {
  name: 'our-bundles',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/(core|ssh|cluster|cli\/run|serverCommands|scoreboard)\.js$/ }, ({ path: file, importer }) => (importer.startsWith(sources) ? { path: file, external: true } : undefined));
  },
};

await build({
  entryPoints, outdir: 'dist', bundle: true, platform: 'node', format: 'cjs', target: 'node20', minify: true, sourcemap: false,
  external: ['vscode', 'cpu-features', '*.node'], plugins: [ourBundles], logLevel: 'warning',
  // Other bundles are required: Node's loader of ES modules costs a fifth of a short command.
  supported: { 'dynamic-import': false },
  // undici's own switch, as Node sets it for its built-in copy: leaves out an experimental second HTTP parser (150 KB).
  define: { esbuildDetection: 'true' },
});
