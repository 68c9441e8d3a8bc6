import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultFolder } from '../harness/coolify';

/** Recordings of a Coolify that a test may change while it runs, as a person would in the dashboard. */
export class Recordings {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-recordings-'));
  constructor() { cpSync(defaultFolder(), this.folder, { recursive: true }); }
  /** In the answers to every token: some were recorded with more than one. */
  change(name: string, members: Record<string, string | null>): void {
    for (const role of ['root', 'sensitive', 'read']) {
      const file = path.join(this.folder, role, `${name}.json`);
      if (!existsSync(file)) continue;
      const recording = JSON.parse(readFileSync(file, 'utf8')) as { body: object };
      writeFileSync(file, JSON.stringify({ ...recording, body: { ...recording.body, ...members } }));
    }
  }
}
