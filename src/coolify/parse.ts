import { isObject, type JsonObject } from '../text/json';

/** Small readers for foreign data: each returns what was asked for or undefined, and never throws. */

export function text(from: JsonObject, key: string): string | undefined {
  const value = from[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number, also one written as a string, as Coolify sends some of them. */
export function number(from: JsonObject, key: string): number | undefined {
  const value = from[key];
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}

export function flag(from: JsonObject, key: string): boolean {
  const value = from[key];
  return value === true || value === 1 || value === '1' || value === 'true';
}

export function object(from: JsonObject, key: string): JsonObject {
  const value = from[key];
  return isObject(value) ? value : {};
}

/** The objects of a list; PHP sends a list with gaps as an object with number-like keys, whose order counts. */
export function objects(value: unknown): JsonObject[] | undefined {
  if (Array.isArray(value)) return value.filter(isObject);
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  return keys.every((key) => /^\d+$/.test(key)) ? Object.values(value).filter(isObject) : undefined;
}

