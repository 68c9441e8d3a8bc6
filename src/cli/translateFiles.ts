import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { plainJson } from '../text/json';
import { writeYaml } from '../text/yaml';
import type { KubernetesDestination } from '../model/destination';
import type { Finding } from '../model/finding';
import type { CliArguments } from './arguments';
import { readDestinationFile } from './destinationFile';
import { oneLine, worse } from './outcome';
import type { ExitCode, Output } from './outcome';
import { findInputs } from './inputs';
import type { Input } from './inputs';
import { exportFiles, exportFormats } from '../engine/kubernetes/exports';
import type { ExportFormat } from '../engine/kubernetes/exports';
import { isInside, prepareFolder, writeFiles } from './outputFolder';
import { knownReason } from './textFile';
import { translateInput } from './translateInput';
import type { Translation } from '../translate';

interface FileReport { file: string; result: 'translated' | 'refused' | 'bad' | 'skipped'; message?: string; namespace?: string; objects?: number; findings?: Finding[] }

/** How many skipped files are named one by one; the report names all. */
const mostSkippedLines = 20;

interface Batch { format: ExportFormat; destination: KubernetesDestination; seed: string | undefined; out: string | undefined; folders: boolean; output: Output }
interface Outcome { exit: ExitCode; report: FileReport }

/** `translate`: manifests of every input, and a report of what became of every path. */
export function translateFiles({ inputs: given, options }: CliArguments, output: Output): ExitCode {
  const destination = readDestinationFile(options.get('--destination'));
  if (typeof destination === 'string') return fail(destination, output);
  const folders = given.length > 1 || given.some((name) => existsSync(name) && statSync(name).isDirectory());
  const out = options.get('--out');
  const format = exportFormats.find((name) => name === (options.get('--format') ?? 'plain'));
  if (format === undefined) return fail(`--format is one of ${exportFormats.join(', ')}.`, output);
  if (format !== 'plain' && out === undefined) return fail(`--format ${format} writes several files; name a folder with --out.`, output);
  const problem = out === undefined ? undefined : endangered(out, given) ?? prepareFolder(out);
  if (problem !== undefined) return fail(problem, output);
  const batch: Batch = { format, destination, seed: options.get('--seed'), out, folders, output };
  const outcomes: Outcome[] = [];
  for (const input of findInputs(given)) outcomes.push(translateOne(input, batch));
  const exit = outcomes.reduce<ExitCode>((all, outcome) => worse(all, outcome.exit), 0);
  const reports = outcomes.map((outcome) => outcome.report);
  listSkipped(reports, output);
  const report = options.get('--report');
  if (report !== undefined) writeReport(report, exit, reports);
  return exit;
}

/** Replacing the folder would take an input with it. */
function endangered(out: string, given: readonly string[]): string | undefined {
  const file = given.find((name) => isInside(out, name));
  return file === undefined ? undefined : `${file} lies in ${out}, which would be replaced; choose another folder.`;
}

function translateOne(input: Input, batch: Batch): Outcome {
  if (input.kind === 'skipped') return { exit: 0, report: { file: input.file, result: 'skipped', message: input.message } };
  if (input.kind === 'bad') return bad(input.file, input.message, 2, batch.output);
  let translation: ReturnType<typeof translateInput>;
  try {
    translation = translateInput(input, batch.destination, batch.seed);
  } catch (cause) {
    const reason = knownReason(cause);
    const message = reason === undefined ? `something went wrong inside the program: ${oneLine(cause)}` : `${reason}.`;
    return bad(input.file, `${input.file}: ${message}`, reason === undefined ? 1 : 2, batch.output);
  }
  if (!('rendering' in translation)) return bad(input.file, `${input.file}: ${translation.message}.`, 2, batch.output);
  const { manifests } = translation.rendering;
  if (batch.out !== undefined) writeFiles(batch.folders ? path.join(batch.out, input.name) : batch.out, exportFiles(translation.rendering, translation.stack.name, batch.format));
  else batch.output.out(manifests.map((manifest) => `---\n${writeYaml(plainJson(manifest))}`).join(''));
  return judged(input.file, translation);
}

function bad(file: string, message: string, exit: ExitCode, output: Output): Outcome {
  output.error(`${message}\n`);
  return { exit, report: { file, result: 'bad', message } };
}

function judged(file: string, { rendering }: Translation): Outcome {
  const { findings } = rendering;
  const refused = findings.some((finding) => finding.decision === 'refused');
  return { exit: refused ? 3 : 0, report: { file, result: refused ? 'refused' : 'translated', namespace: rendering.namespace, objects: rendering.manifests.length, findings } };
}

function listSkipped(reports: readonly FileReport[], output: Output): void {
  const skipped = reports.filter((report) => report.result === 'skipped');
  for (const { file, message } of skipped.slice(0, mostSkippedLines)) output.error(`skipped: ${file}: ${(message ?? '').replace(/\.$/, '')}\n`);
  if (skipped.length > mostSkippedLines) output.error(`skipped: ${String(skipped.length - mostSkippedLines)} more; --report lists them all\n`);
}

/** The report holds no secrets, but tells of a whole installation: it is for its owner only, also where the file was there before. */
function writeReport(file: string, exit: ExitCode, files: readonly FileReport[]): void {
  writeFileSync(file, `${JSON.stringify({ version: 1, exit, files }, null, 2)}\n`, { mode: 0o600 });
  if (statSync(file).isFile()) chmodSync(file, 0o600);
}

function fail(message: string, output: Output): ExitCode {
  output.error(`${message}\n`);
  return 2;
}
