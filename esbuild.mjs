// Builds the bundles: the small entry, and what is loaded at first use.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';

const bundles = { extension: 'src/extension.ts', core: 'src/core.ts', ssh: 'src/remote.ts', cluster: 'src/cluster/index.ts', cli: 'src/cli.ts', scoreboard: 'src/cli/scoreboard.ts' };
const entryPoints = Object.fromEntries(Object.entries(bundles).filter(([, file]) => existsSync(file)));

await build({
  entryPoints, outdir: 'dist', bundle: true, platform: 'node', format: 'cjs', target: 'node20', minify: true, sourcemap: false,
  external: ['vscode', 'cpu-features', '*.node', './core.js', './ssh.js', './cluster.js', './scoreboard.js'], logLevel: 'warning',
  // undici's own switch, as Node sets it for its built-in copy: leaves out an experimental second HTTP parser (150 KB).
  define: { esbuildDetection: 'true' },
});
