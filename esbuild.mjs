// Builds the bundles: the small entry, and what is loaded at first use.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';

const bundles = { extension: 'src/extension.ts', core: 'src/core.ts', ssh: 'src/remote.ts', cluster: 'src/cluster/index.ts', cli: 'src/cli.ts', 'cli/run': 'src/cli/run.ts', 'cli/server': 'src/cli/server.ts', 'cli/scoreboard': 'src/cli/scoreboard.ts' };
const entryPoints = Object.fromEntries(Object.entries(bundles).filter(([, file]) => existsSync(file)));

await build({
  entryPoints, outdir: 'dist', bundle: true, platform: 'node', format: 'cjs', target: 'node20', minify: true, sourcemap: false,
  external: ['vscode', 'cpu-features', '*.node', './core.js', './ssh.js', './cluster.js', './cli/run.js', './server.js', './scoreboard.js'], logLevel: 'warning',
  // Other bundles are required: Node's loader of ES modules costs a fifth of a short command.
  supported: { 'dynamic-import': false },
  // undici's own switch, as Node sets it for its built-in copy: leaves out an experimental second HTTP parser (150 KB).
  define: { esbuildDetection: 'true' },
});
