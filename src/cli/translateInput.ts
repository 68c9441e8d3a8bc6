import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { KubernetesDestination, Neighbours } from '../model/destination';
import type { ComposeError } from '../stack/compose';
import { translateBundle, translateCompose } from '../translate';
import type { Translation } from '../translate';
import type { Input } from './inputs';
import { readText } from './textFile';

/** One file as manifests. A thrown error inside the translator is told as what it is: our own fault, at this file. */
export function translateInput(input: Extract<Input, { kind: 'compose' | 'bundle' }>, destination: KubernetesDestination, seed: string | undefined, neighbours: Neighbours = new Map()): Translation | ComposeError {
  if (input.kind === 'bundle') return translateBundle(input.bundle, destination, neighbours);
  const folder = path.dirname(input.file);
  return translateCompose(input.text, {
    yaml: input.yaml,
    name: input.project, source: path.basename(input.file), ...(input.dotEnv === undefined ? {} : { dotEnv: input.dotEnv }),
    seed: seed ?? randomBytes(32).toString('hex'), destination, readFile: (relative) => readBeside(folder, relative),
  });
}

/** A text file below the compose file's folder; nothing outside it is read, not by a link either. */
function readBeside(folder: string, relative: string): string | undefined {
  if (relative.includes('\0')) return undefined;
  const file = path.resolve(folder, relative);
  if (!existsSync(file) || !statSync(file).isFile()) return undefined;
  const inside = path.relative(realpathSync(folder), realpathSync(file));
  if (inside.startsWith('..') || path.isAbsolute(inside)) return undefined;
  const text = readText(file);
  return typeof text === 'string' ? text : undefined;
}
