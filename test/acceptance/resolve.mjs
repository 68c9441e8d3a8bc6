// Lets Node run the sources as they are: their imports have no extension, and ssh2 is a CommonJS package whose names Node does not see.
import { createRequire, registerHooks } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const ssh2 = `import { createRequire } from 'node:module'; const all = createRequire(${JSON.stringify(import.meta.url)})('ssh2'); export const { ${Object.keys(require('ssh2')).join(', ')} } = all;`;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'ssh2') return { url: `data:text/javascript,${encodeURIComponent(ssh2)}`, shortCircuit: true };
    if (/^\.\.?\//.test(specifier) && context.parentURL?.endsWith('.ts') && !/\.(ts|mjs|js|json)$/.test(specifier)) {
      for (const end of ['.ts', '/index.ts']) if (existsSync(fileURLToPath(new URL(specifier + end, context.parentURL)))) return next(specifier + end, context);
    }
    return next(specifier, context);
  },
});
