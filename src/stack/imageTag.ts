import { createHash } from 'node:crypto';
import type { Build } from '../model/build';
import type { Stack } from '../model/stack';

const sha = /^[0-9a-f]{7,64}$/;

/** True when the commit is known, so that the tag names exactly one image. */
export function commitIsKnown(commit: string): boolean {
  return sha.test(commit);
}

/**
 * The tag of an image that is built: the commit (twelve characters) and eight of the SHA-256 of everything else that goes into it.
 * The same commit and configuration give the same tag, so a build can be skipped; another configuration gives another tag, so the pods roll.
 * A commit that is not resolved yet stands as the branch. Docker allows 128 of `[A-Za-z0-9_.-]`.
 */
export function imageTag(build: Build): string {
  const { source } = build;
  const stem = source.kind === 'inline' ? 'inline' : commitIsKnown(source.commit) ? source.commit.slice(0, 12) : slug(source.branch);
  return `${stem}-${configurationHash(build)}`;
}

/** Name and tag of the image, without the destination's registry (see `engine/kubernetes/image.ts`). */
export function imageName(build: Build): string {
  return `${build.repository}:${imageTag(build)}`;
}

/** Eight hexadecimal characters over what the image is built from, the commit excepted; the order of keys does not matter. */
export function configurationHash(build: Build): string {
  const source = build.source.kind === 'git' ? { ...build.source, commit: '', credentials: null } : build.source;
  return createHash('sha256').update(canonical({ ...build, source })).digest('hex').slice(0, 8);
}

/** The stack once the commit is known: images and `SOURCE_COMMIT` follow. Pinned commits stay. */
export function atCommit(stack: Stack, commit: string): Stack {
  const copy = structuredClone(stack);
  const known = new Map<string, string>();
  for (const container of copy.containers) {
    const { build } = container;
    if (build === undefined || build.source.kind !== 'git' || commitIsKnown(build.source.commit)) continue;
    build.source.commit = commit;
    container.image = imageName(build);
    container.alwaysPull = false;
    known.set('SOURCE_COMMIT', commit);
  }
  for (const variable of [...copy.sharedEnv, ...copy.containers.flatMap((container) => container.env)]) {
    if (variable.origin.source === 'injected') variable.value = known.get(variable.name) ?? variable.value;
  }
  return copy;
}

function slug(branch: string): string {
  const text = branch.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[-.]+/, '').slice(0, 60);
  return text === '' ? 'head' : text;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'object' && item !== null && !Array.isArray(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item));
}
