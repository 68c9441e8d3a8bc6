import { isObject, type Json, type JsonObject } from './json';

/** The part of JSON Schema (draft 7) that our own schemas use; a test refuses a schema with any other keyword. */
export interface Shape {
  type?: string;
  const?: Json;
  enum?: Json[];
  pattern?: string;
  /** VS Code's: the sentence for a text that does not match. */
  patternErrorMessage?: string;
  minLength?: number;
  minimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, Shape>;
  additionalProperties?: boolean | Shape;
}

/** What is wrong, and where: a path such as `tls.kind`; empty for the value itself. `unknownKey`: nothing else is wrong than that nobody reads it. */
export interface ShapeFault { path: string; message: string; unknownKey?: true }

/** Everything in which a value differs from a shape, one sentence each, without an end. */
export function shapeFaults(value: Json, shape: Shape, path = ''): ShapeFault[] {
  const wrong = scalarFault(value, shape);
  if (wrong !== undefined) return [{ path, message: path === '' ? wrong : `${path} ${wrong}` }];
  return isObject(value) ? memberFaults(value, shape, path) : [];
}

function memberFaults(value: JsonObject, { properties = {}, required = [], additionalProperties }: Shape, path: string): ShapeFault[] {
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const missing = required.filter((key) => value[key] === undefined).map((key) => ({ path: below(key), message: `${below(key)} is missing` }));
  const faults = Object.entries(value).flatMap(([key, item]): ShapeFault[] => {
    const shape = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (shape === false) return [{ path: below(key), message: `there is no key "${below(key)}"`, unknownKey: true }];
    return typeof shape === 'object' ? shapeFaults(item, shape, below(key)) : [];
  });
  return [...missing, ...faults];
}

const typeNames: Record<string, string> = { string: 'text', integer: 'a whole number', boolean: 'true or false', object: 'a mapping' };

function scalarFault(value: Json, { type, const: only, enum: allowed, pattern, patternErrorMessage, minLength = 0, minimum, maximum }: Shape): string | undefined {
  if (type !== undefined && !isOfType(value, type)) return `must be ${typeNames[type] ?? type}`;
  if (only !== undefined && value !== only) return `must be ${String(only)}`;
  if (allowed !== undefined && !allowed.includes(value)) return `must be one of ${allowed.map(String).join(', ')}`;
  if (typeof value === 'string' && value.length < minLength) return 'must not be empty';
  if (typeof value === 'string' && pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return `is "${value}": ${patternErrorMessage ?? `it does not match ${pattern}`}`;
  if (typeof value === 'number' && minimum !== undefined && value < minimum) return `must be at least ${String(minimum)}`;
  if (typeof value === 'number' && maximum !== undefined && value > maximum) return `must be at most ${String(maximum)}`;
  return undefined;
}

function isOfType(value: Json, type: string): boolean {
  if (type === 'object') return isObject(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}
