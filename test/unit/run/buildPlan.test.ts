import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildSteps } from '../../../src/engine/kubernetes/planBuild';
import type { Build } from '../../../src/model/build';

const build = (more: Partial<Build> = {}): Build => ({
  pack: 'dockerfile', source: { kind: 'git', repository: 'https://example.org/x.git', branch: 'main', commit: 'a'.repeat(40), submodules: false, lfs: false, shallow: true, credentials: { kind: 'none' } },
  repository: 'x', named: false, baseDirectory: '/', variables: [], secrets: false, injectArguments: false, noCache: false, sourceCommit: false, ...more,
});
const one = (more: Partial<Build> = {}, image = 'x:1') => buildSteps({ requests: [{ build: build(more), image }] });
const variable = (name: string, value: string) => ({ name, value, literal: true, multiline: false, secret: true });

describe('the steps of a build', () => {
  it.each(['../..', '/a/../../b', 'a/..'])('refuse the path %j, which leads out of the repository', (path) => {
    expect(() => one({ baseDirectory: path })).toThrow(/leads out/);
    expect(() => one({ dockerfile: path })).toThrow(/leads out/);
  });
  it.each(['x', 'x:', '-x:1', 'x:1;id', 'x:1\n', '$(id):1', 'X:1'])('refuse %j as an image', (image) => { expect(() => one({}, image)).toThrow(/image name/); });
  it.each(['A;id', 'A=B', 'A\nB', '', '1A', 'a b'])('refuse %j as the name of a variable', (name) => { expect(() => one({ variables: [variable(name, 'x')] })).toThrow(/name/); });

  it('carry values in a file only, which gives them back through a real shell, whatever they are', () => {
    const value = fc.string({ unit: 'binary', maxLength: 40 }).filter((s) => !s.includes('\0') && Buffer.from(s).toString() === s);
    fc.assert(fc.property(value, (text) => {
      const { steps, files } = one({ variables: [variable('WORD', text), variable('DOCKER_HOST', 'tcp://elsewhere')] });
      if (text.length > 4) expect(JSON.stringify(steps)).not.toContain(JSON.stringify(text).slice(1, -1));
      const input = `variable() { [ "$3" != exported ] || eval "export $1=\\$2"; }\n${files['build-0.env'] ?? ''}\nprintf '%s|%s' "$WORD" "$DOCKER_HOST"`;
      expect(spawnSync('/bin/sh', ['-s'], { input, env: { PATH: '/bin:/usr/bin' } }).stdout.toString()).toBe(`${text}|`);
    }), { numRuns: 50 });
  });

  it('come after a check, so that an image that is there is not built again', () => {
    const { steps } = buildSteps({ requests: [{ build: build(), image: 'r.example.org/x:1' }], push: { login: { host: 'r.example.org', username: 'u', password: 'pw-pw-pw' } } });
    expect(steps.map((s) => `${s.stage}: ${s.id}${s.when === undefined ? '' : ` when ${s.when.step} ${String(s.when.exit)}`}`)).toEqual([
      'prepare: registry', 'prepare: image-0', 'prepare: source-0 when image-0 3', 'build: build-0 when image-0 3', 'push: push-0']);
    expect(JSON.stringify(steps)).not.toContain('pw-pw-pw');
  });
});
