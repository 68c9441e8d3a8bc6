import tseslint from 'typescript-eslint';

// The table of rooms: a room imports only from the rooms named for it. Lint is what keeps the walls up.
const rooms = {
  text: [],
  model: ['text'],
  coolify: ['text', 'model'],
  stack: ['text', 'model', 'coolify'],
  'engine/docker': ['text', 'model', 'stack'],
  'engine/kubernetes': ['text', 'model', 'stack'],
  diff: ['text', 'model'],
  ssh: ['text', 'model'],
  cluster: ['text', 'model', 'ssh'],
  run: ['text', 'model', 'ssh', 'cluster'],
  ui: ['text', 'model', 'coolify', 'stack', 'engine', 'diff', 'ssh', 'cluster', 'run'],
};
const all = ['text', 'model', 'coolify', 'stack', 'engine/docker', 'engine/kubernetes', 'diff', 'ssh', 'cluster', 'run', 'ui'];
const packages = [
  { name: 'vscode', rooms: ['ui'], message: 'Only src/ui and src/extension.ts import vscode.' },
  { name: 'ssh2', rooms: ['ssh'], message: 'Only src/ssh imports ssh2.' },
  { name: '@kubernetes/client-node', rooms: ['cluster'], message: 'Only src/cluster imports the Kubernetes client.' },
  { name: 'yaml', rooms: ['text'], message: 'YAML is read and written in src/text only.' },
];

const boundary = (room) => ({
  files: [`src/${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', {
      paths: packages.filter((p) => !p.rooms.includes(room)).map(({ name, message }) => ({ name, message })),
      patterns: all.filter((other) => other !== room && !rooms[room].some((r) => other === r || other.startsWith(`${r}/`))).map((other) => ({
        regex: `^(\\.\\./)+${other}(/|$)`, message: `src/${room} may not import from src/${other}.`,
      })),
    }],
  },
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'artefacts/', '.vscode-test/'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  { rules: { '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }] } },
  ...Object.keys(rooms).map(boundary),
);
