import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-package-'));
const vsix = path.join(folder, 'extension.vsix');
const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
const bundle = (name: string): string => path.join(root, 'dist', name);
let said = '';

beforeAll(() => {
  execFileSync(process.execPath, ['esbuild.mjs'], { cwd: root });
  const { stdout, stderr, status } = spawnSync(process.execPath, [vsce, 'package', '--no-dependencies', '--out', vsix], { cwd: root, encoding: 'utf8' });
  said = stdout + stderr;
  expect(status, said).toBe(0);
});
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe('the packaged extension', { timeout: 180_000 }, () => {
  it('is packed without a warning', () => { expect(said).not.toMatch(/warn/i); });

  it('is small: the entry below 150 KB, all of it below 1 MB', () => {
    expect(statSync(bundle('extension.js')).size).toBeLessThan(150_000);
    expect(statSync(vsix).size).toBeLessThan(1_000_000);
    console.log(`entry ${statSync(bundle('extension.js')).size} bytes, .vsix ${statSync(vsix).size} bytes`);
  });

  it('holds what belongs in it and nothing else', () => {
    const listed = execFileSync(process.execPath, [vsce, 'ls', '--no-dependencies'], { cwd: root, encoding: 'utf8' }).trim().split('\n').sort();
    expect(listed).toEqual([
      'CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'dist/cluster.js', 'dist/core.js', 'dist/extension.js', 'dist/ssh.js',
      'media/activity-bar.svg', 'media/icon.png', 'package.json', 'package.nls.json',
    ]);
  });

  it('has no schemas of Kubernetes in it, and its entry loads no other bundle', () => {
    for (const name of ['extension.js', 'core.js', 'ssh.js', 'cluster.js']) {
      const text = readFileSync(bundle(name), 'utf8');
      expect(text).not.toContain('io.k8s.api.');
      expect(text).not.toContain('x-kubernetes-group-version-kind');
    }
    // What the entry requires by itself, before anybody uses it.
    const said = execFileSync(process.execPath, [path.join(import.meta.dirname, 'load-entry.mjs'), bundle('extension.js')], { encoding: 'utf8' });
    const { seen, ms } = JSON.parse(said) as { seen: string[]; ms: number };
    console.log(`the entry loads in ${ms.toFixed(0)} ms of the processor`);
    expect(seen.filter((name) => name.startsWith('./'))).toEqual([]);
    expect(seen).toContain('vscode');
    expect(ms).toBeLessThan(200);
  });
});
