import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { scoreOf } from '../../src/cli/score';
import { defaultDestination } from '../../src/model/destination';
import { translateBundle, translateCompose } from '../../src/translate';
import type { Translation } from '../../src/translate';
import { corpus, hasCorpus, recordedBundles } from './bundles';

const missing = 'skipped, because the corpus of recorded answers is not beside the repository';
const runs = (translation: Translation): boolean => translation.rendering.manifests.some((manifest) => ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(manifest.kind));

/** A value that is secret and stands in an object that is none. Shorter ones are words ("evolution") that occur anyway. */
function leaks({ stack, rendering }: Translation): string[] {
  // Names and images are not made from values; a weak password may well be a word in one of them.
  const text = JSON.stringify(rendering.manifests.filter((manifest) => manifest.kind !== 'Secret'), (key, value: unknown) => (['image', 'name', 'metadata', 'host', 'claimName'].includes(key) ? undefined : value));
  const variables = [...stack.sharedEnv, ...stack.containers.flatMap((container) => container.env)].filter((variable) => variable.secret).map((variable) => variable.value);
  return [...new Set([...variables, ...(stack.secretValues ?? [])])].filter((value) => value.length >= 12 && text.includes(JSON.stringify(value).slice(1, -1))).map((value) => `${value.slice(0, 3)}…`);
}

describe('the corpora', () => {
  it('renders every template, decides, and leaks nothing', (context) => {
    if (!hasCorpus) context.skip(missing);
    const folder = path.join(corpus, 'coolify-templates');
    const failed: string[] = [];
    let hosts = 0;
    let resolved = 0;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
      const translation = translateCompose(readFileSync(path.join(folder, file), 'utf8'), { name: file.replace('.yaml', ''), source: file, seed: '1', destination: defaultDestination });
      if (!('rendering' in translation)) { failed.push(`${file}: ${translation.message}`); continue; }
      if (!runs(translation)) failed.push(`${file}: nothing runs`);
      for (const leak of leaks(translation)) failed.push(`${file}: ${leak} stands outside a Secret`);
      hosts += translation.rendering.hostReferences.length;
      resolved += translation.rendering.hostReferences.filter((reference) => reference.resolved).length;
    }
    expect(failed).toEqual([]);
    expect(resolved / hosts).toBeGreaterThan(0.94);
  });
  it('renders every recorded resource, decides every key of it, and leaks nothing', { timeout: 60_000 }, (context) => {
    if (!hasCorpus) context.skip(missing);
    const failed: string[] = [];
    for (const bundle of recordedBundles()) {
      const { keys, file } = scoreOf({ kind: 'bundle', file: JSON.stringify(bundle.resource).slice(0, 60), name: 'recorded', bundle }, undefined, new Map()).score;
      if (keys.decided !== keys.all || keys.all === 0) failed.push(`${file}: ${String(keys.decided)} of ${String(keys.all)} keys are decided`);
      const translation = translateBundle(bundle, defaultDestination);
      if (!('rendering' in translation)) { failed.push(translation.message); continue; }
      if (!runs(translation)) failed.push(`${translation.stack.name}: nothing runs`);
      for (const leak of leaks(translation)) failed.push(`${translation.stack.name}: ${leak} stands outside a Secret`);
    }
    expect(failed).toEqual([]);
  });
});
