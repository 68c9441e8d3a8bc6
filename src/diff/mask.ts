import { isObject } from '../text/json';
import type { Json } from '../text/json';

/** Below this a value would be found in ordinary words. */
const shortest = 6;

/**
 * Replaces secret values by numbered placeholders: equal values, equal number, on both sides of a diff, so that one sees that
 * something changed without seeing what.
 */
export class Placeholders {
  private readonly numbers = new Map<string, number>();

  private placeholder(value: string): string {
    const number = this.numbers.get(value) ?? this.numbers.size + 1;
    this.numbers.set(value, number);
    return `‹secret ${String(number)}›`;
  }

  /** A Secret as it is shown: each value of `data` decoded and replaced. */
  secret(data: Json | undefined): Json {
    if (!isObject(data)) return data ?? null;
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, this.placeholder(Buffer.from(String(value), 'base64').toString())]));
  }

  /** Text with every known secret replaced, longest first. */
  text(text: string, secrets: readonly string[]): string {
    return [...secrets].filter((secret) => secret.length >= shortest).sort((a, b) => b.length - a.length).reduce((result, secret) => result.replaceAll(secret, this.placeholder(secret)), text);
  }
}
