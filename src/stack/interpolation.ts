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
  for (;;) {
    const at = text.indexOf('$', i);
    if (at < 0) return result + text.slice(i);
    result += text.slice(i, at);
    if (text.charAt(at + 1) === '$') { result += '$'; i = at + 2; continue; }
    const braced = text.charAt(at + 1) === '{';
    nameAt.lastIndex = at + (braced ? 2 : 1);
    const name = nameAt.exec(text)?.[0];
    const end = name === undefined ? -1 : braced ? closingBrace(text, at + 2 + name.length) : at + name.length;
    if (name === undefined || end < 0) { result += '$'; i = at + 1; continue; }
    const rest = braced ? text.slice(at + 2 + name.length, end) : '';
    const operator = /^(?::-|:\?|:\+|-|\?|\+)/.exec(rest)?.[0] ?? '';
    result += replace({ name, operator, argument: rest.slice(operator.length) });
    i = end + 1;
  }
}

/**
 * Where the reference ends whose name ends at `from`: as compose-go counts, any brace opens (so a default may be JSON) and what
 * follows it at once counts for nothing; when that does not come out even, the line's last brace closes. Negative when none does.
 */
function closingBrace(text: string, from: number): number {
  if (text.charAt(from) === '}') return from;
  if (!/[-+?]/.test(text.charAt(from) === ':' ? text.charAt(from + 1) : text.charAt(from))) return -1;
  const newLine = text.indexOf('\n', from);
  const last = text.lastIndexOf('}', newLine < 0 ? text.length : newLine);
  let depth = 1;
  for (let i = from; i <= last; i++) {
    if (text.charAt(i) === '}') {
      depth -= 1;
      if (depth === 0) return i;
    } else if (text.charAt(i) === '{') {
      depth += 1;
      i += 1;
    }
  }
  return last < from ? -1 : last;
}
