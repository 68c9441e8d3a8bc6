/** What a template refers to: a variable, and how (`:-`, `-`, `:?`, `?`, `:+`, `+`, or none). */
export interface VariableReference { name: string; operator: string; argument: string }

export interface InterpolationProblem { name: string; message: string }

/** A name's value; undefined when unset. */
export type Lookup = (name: string) => string | undefined;

const nameAt = /[A-Za-z_][A-Za-z0-9_]*/y;

/**
 * Compose's interpolation (compose-go template): `$VAR`, `${VAR}`, the operators with nested arguments, `$$` for a dollar.
 * Unset variables become empty, as in Compose; a required one that is missing is reported. What is not a reference stays as it is.
 */
export function interpolate(text: string, lookup: Lookup, onProblem?: (problem: InterpolationProblem) => void): string {
  return walk(text, (reference) => {
    const value = lookup(reference.name);
    const argument = (): string => interpolate(reference.argument, lookup, onProblem);
    switch (reference.operator) {
      case ':-': return value === undefined || value === '' ? argument() : value;
      case '-': return value ?? argument();
      case ':+': return value === undefined || value === '' ? '' : argument();
      case '+': return value === undefined ? '' : argument();
      case ':?': case '?':
        if (value === undefined || (value === '' && reference.operator === ':?')) onProblem?.({ name: reference.name, message: reference.argument });
        return value ?? '';
      default: return value ?? '';
    }
  });
}

/** Every reference in a text, those inside default values too. */
export function references(text: string): VariableReference[] {
  const found: VariableReference[] = [];
  walk(text, (reference) => {
    found.push(reference, ...references(reference.argument));
    return '';
  });
  return found;
}

function walk(text: string, replace: (reference: VariableReference) => string): string {
  let result = '';
  let i = 0;
  while (i < text.length) {
    const c = text.charAt(i);
    if (c !== '$') { result += c; i += 1; continue; }
    if (text.charAt(i + 1) === '$') { result += '$'; i += 2; continue; }
    const braced = text.charAt(i + 1) === '{';
    nameAt.lastIndex = i + (braced ? 2 : 1);
    const name = nameAt.exec(text)?.[0];
    if (name === undefined) { result += c; i += 1; continue; }
    if (!braced) { result += replace({ name, operator: '', argument: '' }); i += 1 + name.length; continue; }
    const end = closingBrace(text, i + 2);
    if (end < 0) { result += c; i += 1; continue; }
    const rest = text.slice(i + 2 + name.length, end);
    const operator = /^(:-|:\?|:\+|-|\?|\+)/.exec(rest)?.[0] ?? '';
    result += replace({ name, operator, argument: rest.slice(operator.length) });
    i = end + 1;
  }
  return result;
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text.startsWith('${', i)) { depth += 1; i += 1; } else if (text.charAt(i) === '}') {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return -1;
}
