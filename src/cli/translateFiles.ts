import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../text/json';
import { writeYaml } from '../text/yaml';
import type { Manifest } from '../model/manifest';
import type { Finding } from '../model/finding';
import type { CliArguments } from './arguments';
import { readDestinationFile } from './destinationFile';
import { findInputs } from './inputs';
import { worse } from './run';
import type { ExitCode, Output } from './run';
import { translateInput } from './translateInput';

const marker = '.coolify-kubernetes';

interface FileReport { file: string; result: 'translated' | 'refused' | 'bad' | 'skipped'; message?: string; namespace?: string; objects?: number; findings?: Finding[] }

/** `translate`: manifests of every input, and a report of what became of every path. */
export function translateFiles({ inputs: given, options }: CliArguments, output: Output): ExitCode {
  const destination = readDestinationFile(options.get('--destination'));
  if (typeof destination === 'string') return fail(destination, output);
  const inputs = findInputs(given);
  const folders = given.length > 1 || given.some((name) => existsSync(name) && statSync(name).isDirectory());
  const out = options.get('--out');
  const problem = out === undefined ? undefined : prepareFolder(out);
  if (problem !== undefined) return fail(problem, output);
  const reports: FileReport[] = [];
  let exit: ExitCode = 0;
  for (const input of inputs) {
    if (input.kind === 'bad' || input.kind === 'skipped') {
      reports.push({ file: input.file, result: input.kind, message: input.message });
      if (input.kind === 'bad') { output.error(`${input.message}\n`); exit = worse(exit, 2); }
      continue;
    }
    const translation = attempt(() => translateInput(input, destination, options.get('--seed')));
    if ('fault' in translation) {
      output.error(`${input.file}: something went wrong inside the program: ${translation.fault}\n`);
      exit = worse(exit, 1);
    } else if ('rendering' in translation) {
      const { rendering, stack } = translation;
      const findings = [...stack.findings, ...rendering.findings];
      const refused = findings.some((finding) => finding.decision === 'refused');
      exit = worse(exit, refused ? 3 : 0);
      reports.push({ file: input.file, result: refused ? 'refused' : 'translated', namespace: rendering.namespace, objects: rendering.manifests.length, findings });
      if (out === undefined) output.out(documents(rendering.manifests));
      else writeManifests(folders ? path.join(out, input.name) : out, rendering.manifests);
    } else {
      output.error(`${input.file}: ${translation.message}.\n`);
      reports.push({ file: input.file, result: 'bad', message: translation.message });
      exit = worse(exit, 2);
    }
  }
  const report = options.get('--report');
  if (report !== undefined) writeFileSync(report, `${JSON.stringify({ version: 1, exit, files: reports }, null, 2)}\n`, { mode: 0o600 });
  return exit;
}

function attempt<T extends object>(work: () => T): T | { fault: string } {
  try {
    return work();
  } catch (cause) {
    return { fault: cause instanceof Error ? cause.message : String(cause) };
  }
}

function fail(message: string, output: Output): ExitCode {
  output.error(`${message}\n`);
  return 2;
}

/** An own folder is replaced, an empty one used, anything else left alone. A string says why not. */
function prepareFolder(folder: string): string | undefined {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) return `${folder} is no folder.`;
    const entries = readdirSync(folder);
    if (entries.length > 0 && !entries.includes(marker)) return `${folder} is not empty and was not written by this program; choose another folder.`;
    for (const entry of entries) rmSync(path.join(folder, entry), { recursive: true });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(folder, marker), 'Written by coolify-kubernetes translate; replaced by its next run.\n', { mode: 0o600 });
  return undefined;
}

function writeManifests(folder: string, manifests: readonly Manifest[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  manifests.forEach((manifest, index) => {
    const file = `${String(index).padStart(3, '0')}-${manifest.kind.toLowerCase()}-${manifest.metadata.name}.yaml`;
    writeFileSync(path.join(folder, file), writeYaml(plain(manifest)), { mode: 0o600 });
  });
}

function documents(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => `---\n${writeYaml(plain(manifest))}`).join('');
}

/** A manifest is JSON but for keys that are undefined. */
function plain(manifest: Manifest): Json {
  return JSON.parse(JSON.stringify(manifest)) as Json;
}
