import type { Json, JsonObject } from '../text/json';
import type { Decision } from '../model/finding';
import { findingName, FindingList } from './findings';
import type { FindingName } from './findings';

export type FieldDecision = [decision: Decision, message: string];

/** What is said of many fields, whatever the resource. */
export const same: FieldDecision = ['translated', 'Same behaviour.'];
export const coolify: FieldDecision = ['ignored', 'It concerns Coolify itself and does not change what runs.'];
export const unknown: FieldDecision = ['ignored', 'No field that changes what runs is known by this name.'];

const rank: Record<Decision, number> = { refused: 4, approximated: 3, inferred: 2, translated: 1, ignored: 0 };

interface Said { name: FindingName; decision: Decision; messages: string[]; evidence?: string; fix?: string }

/**
 * Findings about an API object: each of its fields ends in exactly one. What several readers say of one field becomes one finding
 * with the strongest decision; deeper paths (`fqdn.1`) are findings of their own.
 */
export class FieldFindings extends FindingList {
  private readonly fields = new Map<string, Said>();

  override add(name: FindingName, decision: Decision, path: string[], message: string, more: { evidence?: string; fix?: string } = {}): void {
    const [field] = path;
    if (path.length !== 1 || field === undefined) { super.add(name, decision, path, message, more); return; }
    const before = this.fields.get(field);
    if (before === undefined || rank[decision] > rank[before.decision]) this.fields.set(field, { name, decision, messages: [message], ...more });
    else if (decision === before.decision && !before.messages.includes(message)) before.messages.push(message);
  }

  /** Says the rest: every key that nobody spoke of has its default, and all are written out by name, in whatever order they came. */
  finish(object: JsonObject, defaults: (field: string, value: Json) => FieldDecision, prefix: string[] = []): void {
    for (const [key, value] of Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const path = [...prefix, key].join('.');
      const said = this.fields.get(path);
      const [decision, message] = defaults(path, value);
      if (said === undefined) super.add('field', decision, [path], message);
      else this.write(path, said);
      this.fields.delete(path);
    }
  }

  /** Writes what was said of fields that the object does not have (an absent key is a hidden one). */
  finishRest(): void {
    for (const [field, said] of [...this.fields].sort(([a], [b]) => (a < b ? -1 : 1))) this.write(field, said);
    this.fields.clear();
  }

  private write(field: string, { name, decision, messages, evidence, fix }: Said): void {
    super.add(name, decision, [field], messages.join(' '), { ...(evidence === undefined ? {} : { evidence }), ...(fix === undefined ? {} : { fix }) });
  }
}

/** What the compose reader says of a service that Coolify wrote, as findings about the fields that it was written from; `fieldOf` names the field of a key. */
export function passOn(reading: FindingList, findings: FieldFindings, fieldOf: (key: string, rest: readonly string[]) => string | undefined): void {
  for (const { code, decision, origin, message, fix } of reading.all) {
    const [, , key = '', ...rest] = origin.path.split('.');
    const field = fieldOf(key, rest);
    const name = findingName(code);
    if (field === undefined || name === undefined || decision === 'translated' || /^(update|rollback)_config$/.test(rest[0] ?? '')) continue;
    findings.add(name, decision, [field, key, ...rest], message, fix === undefined ? {} : { fix });
  }
}
