import type { KubernetesDestination, Neighbours } from '../../model/destination';
import type { Finding } from '../../model/finding';
import type { Bundle } from '../../model/instance';

export interface Translation {
  /** What Coolify runs today, secrets masked. */
  today: { name: string; text: string }[];
  /** What would be applied, secrets masked. `left` names the part of today that it replaces; empty when there is none. */
  files: { name: string; left: string; text: string }[];
  findings: Finding[];
}

export interface Core {
  translateBundle(bundle: Bundle, destination: KubernetesDestination, neighbours?: Neighbours): Translation;
}

function isCore(value: unknown): value is Core {
  return typeof value === 'object' && value !== null && 'translateBundle' in value && typeof value.translateBundle === 'function';
}

/** The translator's bundle, loaded at first use. */
export function loadCore(): Core {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a bundle of its own, loaded when it is needed
  const loaded: unknown = require('./core.js');
  if (!isCore(loaded)) throw new Error('The translator is missing from this installation; install the extension again.');
  return loaded;
}
