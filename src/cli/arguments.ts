/** What was asked for on the command line. */
export interface CliArguments { command: string; inputs: string[]; options: Map<string, string>; flags: Set<string> }

interface CommandOptions { withValue: readonly string[]; flags: readonly string[] }

const commands: Record<string, CommandOptions> = {
  translate: { withValue: ['--destination', '--out', '--report', '--seed', '--format'], flags: [] },
  diff: { withValue: ['--destination', '--seed-file', '--save'], flags: ['--json'] },
  deploy: { withValue: ['--destination', '--seed-file', '--run-id', '--expect', '--adopt'], flags: ['--json', '--accept-refused', '--no-wait'] },
  follow: { withValue: ['--destination'], flags: ['--json'] },
  status: { withValue: ['--destination', '--resource'], flags: ['--json'] },
  cancel: { withValue: ['--destination'], flags: ['--json'] },
  rollback: { withValue: ['--destination', '--namespace', '--to', '--run-id'], flags: ['--json'] },
  scoreboard: { withValue: ['--kubeconfig'], flags: ['--json'] },
};

const missing: Record<string, string> = { diff: 'Name a resource.', deploy: 'Name a resource.', follow: 'Name a run.', cancel: 'Name a run.', rollback: "Name the resource's uuid." };

/** Takes the arguments apart; a string is the one sentence that says what is wrong with them. `--` ends the options. */
export function parseArguments(argv: readonly string[]): CliArguments | string {
  const [command, ...rest] = argv;
  if (command === undefined) return 'Name a command.';
  const parsed: CliArguments = { command, inputs: [], options: new Map(), flags: new Set() };
  if (command === '--help' || command === '-h') return { ...parsed, command: '--help' };
  const allowed = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (allowed === undefined) return `There is no command "${command}".`;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    if (word === '--') { parsed.inputs.push(...rest.slice(i + 1)); break; }
    if (!word.startsWith('-') || word === '-') { parsed.inputs.push(word); continue; }
    const [name, inline] = word.startsWith('--') && word.includes('=') ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word, undefined];
    if (name === '--help' || name === '-h') parsed.flags.add('--help');
    else if (allowed.withValue.includes(name)) {
      const value = inline ?? rest[++i];
      if (value === undefined || value === '') return `${name} needs a value.`;
      if (parsed.options.has(name)) return `${name} is given twice.`;
      parsed.options.set(name, value);
    } else if (allowed.flags.includes(name) && inline === undefined) parsed.flags.add(name);
    else return `The option ${word} is not known to ${command}.`;
  }
  if (parsed.inputs.length === 0 && !parsed.flags.has('--help') && command !== 'status') return missing[command] ?? 'Name at least one file or folder.';
  return parsed;
}
