/** A JSON value; manifests and parsed documents are plain data. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as JSON has it: without members that are undefined, and sharing nothing with the original. */
export function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** A scalar as text, nothing as none. A list or mapping where a text belongs is written as JSON: it may have a `toString` of its own, which is no function. */
export function scalarText(value: Json | undefined): string {
  return value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A scalar as a number; NaN for what is none. */
export function scalarNumber(value: Json | undefined): number {
  return value === null || value === undefined || typeof value === 'object' ? NaN : Number(value);
}
