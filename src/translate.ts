import { render } from './engine/kubernetes/render';
import { readApplicationBundle } from './stack/application';
import { readCompose } from './stack/compose';
import type { ComposeError } from './stack/compose';
import type { FolderFile, KnownFile } from './stack/composeVolumes';
import { readDatabaseBundle } from './stack/database';
import { seededSource } from './stack/magicVariables';
import { parseDotEnv } from './stack/composeService';
import { atCommit } from './stack/imageTag';
import { readServiceBundle } from './stack/service';
import type { Neighbours, KubernetesDestination } from './model/destination';
import type { Bundle } from './model/instance';
import type { Rendering } from './model/rendering';
import type { Stack } from './model/stack';
import type { YamlSource } from './text/yaml';

export interface Translation { stack: Stack; rendering: Rendering }

export interface ComposeOptions {
  /** The file's name without folder and extension; names the stack. */
  name: string;
  source: string;
  dotEnv?: string;
  seed: string;
  destination: KubernetesDestination;
  readFile?: (path: string) => string | undefined;
  /** The text files of a folder beside the compose file; undefined when it is none, or holds more than a ConfigMap. */
  readFolder?: (path: string) => FolderFile[] | undefined;
  /** The text as read already. */
  yaml?: YamlSource;
}

/** A bundle of API bodies as a stack. */
export function stackOfBundle(bundle: Bundle): Stack | ComposeError {
  switch (bundle.kind) {
    case 'application': return readApplicationBundle(bundle);
    case 'service': return readServiceBundle(bundle);
    case 'database': return readDatabaseBundle(bundle);
  }
}

export function translateBundle(bundle: Bundle, destination: KubernetesDestination, neighbours: Neighbours = new Map()): Translation | ComposeError {
  const stack = stackOfBundle(bundle);
  return 'containers' in stack ? { stack, rendering: render(stack, destination, neighbours) } : stack;
}

/** The same once the newest commit of the code is known: before, images that are built have the branch in their tag. */
export function translationAt({ stack }: Translation, commit: string, destination: KubernetesDestination, neighbours: Neighbours = new Map()): Translation {
  const resolved = atCommit(stack, commit);
  return { stack: resolved, rendering: render(resolved, destination, neighbours) };
}

/** A compose file or Coolify template that stands alone. */
export function translateCompose(text: string, options: ComposeOptions): Translation | ComposeError {
  const stack = readCompose({
    text, source: options.source, kind: 'compose', uuid: options.name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'stack', name: options.name,
    variables: new Map(options.dotEnv === undefined ? [] : parseDotEnv(options.dotEnv)), secrets: seededSource(`${options.seed}\0${options.name}`),
    ...(options.yaml === undefined ? {} : { yaml: options.yaml }),
    wildcardDomain: 'http://127.0.0.1.sslip.io', ...(options.readFile === undefined ? {} : { readFile: options.readFile, fileAt: fileBeside(options.readFile, options.readFolder) }),
  });
  return 'containers' in stack ? { stack, rendering: render(stack, options.destination, new Map()) } : stack;
}

/** A bind mount of a file or folder that lies beside the compose file. */
function fileBeside(readFile: (path: string) => string | undefined, readFolder: ComposeOptions['readFolder']): (service: string, source: string) => KnownFile | undefined {
  return (_service, source) => {
    if (!source.startsWith('./')) return undefined;
    const content = readFile(source);
    if (content !== undefined) return { directory: false, content };
    const files = readFolder?.(source);
    return files === undefined ? undefined : { directory: true, files };
  };
}
