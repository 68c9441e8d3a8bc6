import { writeFileSync } from 'node:fs';
import { hostile } from './hostile';
import { plain } from './plain';

/** A test of a suite: its name, and what it does. It fails by throwing. `note` says something that is worth reading. */
export type Tests = Record<string, (note: (line: string) => void) => unknown>;

const suites: Record<string, Tests> = { plain, hostile };

/** Called by VS Code in the extension host. SUITE names the suite, SUITE_REPORT the file for its results. */
export async function run(): Promise<void> {
  const tests = suites[process.env.SUITE ?? 'plain'];
  if (tests === undefined) throw new Error(`there is no suite ${process.env.SUITE}`);
  const report = { passed: [] as string[], failed: [] as { name: string; message: string }[], notes: [] as string[] };
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test((line) => { report.notes.push(line); });
      report.passed.push(name);
    } catch (error) {
      report.failed.push({ name, message: error instanceof Error ? error.message : String(error) });
    }
  }
  for (const line of report.notes) console.log(line);
  for (const { name, message } of report.failed) console.log(`failed: ${name}: ${message}`);
  console.log(`${report.passed.length} passed, ${report.failed.length} failed`);
  if (process.env.SUITE_REPORT !== undefined) writeFileSync(process.env.SUITE_REPORT, JSON.stringify(report));
  if (report.failed.length > 0) throw new Error(`${report.failed.length} tests failed`);
}
