import { isObject, scalarText } from '../text/json';
import type { Json } from '../text/json';
import { environmentEntries } from './composeEnvironment';

/** A mapping, or a list of `KEY=value`. */
export function pairs(value: Json | undefined): Record<string, string> {
  return Object.fromEntries(environmentEntries(value).map(([key, item]) => [key, item ?? '']));
}

/** A list, or one string. */
export function strings(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.filter((item) => item !== null && !isObject(item)).map(scalarText);
  return typeof value === 'string' && value !== '' ? [value] : [];
}

/** A scalar that says something. */
export function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** A boolean, however it is spelled. */
export function flag(value: Json | undefined): boolean | undefined {
  return value === true || value === 'true' || value === 'yes' || value === 'on' ? true : value === false || value === 'false' ? false : undefined;
}
