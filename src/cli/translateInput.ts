import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { KubernetesDestination, Neighbours } from '../model/destination';
import type { ComposeError } from '../stack/compose';
import { translateBundle, translateCompose } from '../translate';
import type { Translation } from '../translate';
import type { Input } from './inputs';
import { readBeside, readFolderBeside } from './besideFiles';

/** One file as manifests. A thrown error inside the translator is told as what it is: our own fault, at this file. */
export function translateInput(input: Extract<Input, { kind: 'compose' | 'bundle' }>, destination: KubernetesDestination, seed: string | undefined, neighbours: Neighbours = new Map()): Translation | ComposeError {
  if (input.kind === 'bundle') return translateBundle(input.bundle, destination, neighbours);
  const folder = path.dirname(input.file);
  return translateCompose(input.text, {
    yaml: input.yaml,
    name: input.project, source: path.basename(input.file), ...(input.dotEnv === undefined ? {} : { dotEnv: input.dotEnv }),
    seed: seed ?? randomBytes(32).toString('hex'), destination, readFile: (relative) => readBeside(folder, relative), readFolder: (relative) => readFolderBeside(folder, relative),
  });
}
