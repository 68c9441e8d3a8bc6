/** What was asked for on the command line. */
export interface CliArguments { command: string; inputs: string[]; options: Map<string, string>; flags: Set<string> }

const withValue = new Set(['--destination', '--out', '--report', '--seed', '--kubeconfig']);
const known = new Set(['--json', '--help']);

/** Takes the arguments apart; a string is the one sentence that says what is wrong with them. */
export function parseArguments(argv: readonly string[]): CliArguments | string {
  const [command, ...rest] = argv;
  const parsed: CliArguments = { command: command ?? '--help', inputs: [], options: new Map(), flags: new Set() };
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    const [name, inline] = word.startsWith('--') && word.includes('=') ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word, undefined];
    if (withValue.has(name)) {
      const value = inline ?? rest[++i];
      if (value === undefined) return `${name} needs a value.`;
      parsed.options.set(name, value);
    } else if (known.has(name)) parsed.flags.add(name);
    else if (word.startsWith('--')) return `The option ${word} is not known.`;
    else parsed.inputs.push(word);
  }
  return parsed;
}
