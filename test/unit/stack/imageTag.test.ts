import { describe, expect, it } from 'vitest';
import type { Build } from '../../../src/model/build';
import { configurationHash, imageName, imageTag } from '../../../src/stack/imageTag';

const git: Build['source'] = { kind: 'git', repository: 'https://git.example.com/a/b', branch: 'feature/X', commit: 'HEAD', submodules: true, lfs: true, shallow: true, credentials: { kind: 'none' } };
const build: Build = { pack: 'nixpacks', source: git, repository: 'u1', named: false, baseDirectory: '/', variables: [], secrets: false, injectArguments: true, noCache: false, sourceCommit: false };
const commit = '0123456789abcdef0123456789abcdef01234567';

describe('the tag of an image that is built', () => {
  it('holds the commit, and a hash of all that goes into it', () => {
    expect(imageTag({ ...build, source: { ...git, commit } })).toMatch(/^0123456789ab-[0-9a-f]{8}$/);
    expect(imageTag(build)).toMatch(/^feature-X-[0-9a-f]{8}$/);
    expect(imageName({ ...build, repository: 'registry.example.com/team/app', source: { kind: 'inline', dockerfile: 'FROM a' } })).toMatch(/^registry\.example\.com\/team\/app:inline-[0-9a-f]{8}$/);
  });
  it('changes with the configuration, not with the commit or the order of keys', () => {
    const hash = configurationHash(build);
    expect(configurationHash({ ...build, source: { ...git, commit } })).toBe(hash);
    expect(configurationHash(Object.fromEntries(Object.entries(build).reverse()) as unknown as Build)).toBe(hash);
    expect(configurationHash({ ...build, buildCommand: 'make' })).not.toBe(hash);
    expect(configurationHash({ ...build, variables: [{ name: 'A', value: '1', literal: false, multiline: false, secret: false }] })).not.toBe(hash);
    expect(configurationHash({ ...build, source: { ...git, branch: 'main' } })).not.toBe(hash);
  });
  it('is one that Docker takes', () => {
    for (const branch of ['-x', 'ä/ö', 'a'.repeat(200), '']) expect(imageTag({ ...build, source: { ...git, branch } })).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
  });
});
