import { describe, expect, it } from 'vitest';
import { clusterDiff } from '../../../src/diff/clusterDiff';
import { Placeholders } from '../../../src/diff/mask';
import type { Manifest } from '../../../src/model/manifest';

const secret = (value: string, more: Record<string, string> = {}): Manifest => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' }, data: { PASSWORD: Buffer.from(value).toString('base64'), ...more } });
const diff = (pairs: Parameters<typeof clusterDiff>[0], secrets: string[] = []) => clusterDiff(pairs, new Placeholders(), secrets);

describe('live and would-be, side by side', () => {
  it('shows that a secret changed, not what it was', () => {
    const [file] = diff([{ manifest: secret('new-password'), live: secret('old-password'), wouldBe: secret('new-password') }], ['new-password']);
    expect(file).toMatchObject({ name: 'secret-s.yaml', change: 'change' });
    expect(`${file?.left}${file?.right}`).not.toMatch(/password|b2xkL|bmV3/);
    expect(file?.left).toContain('‹secret 1›');
    expect(file?.right).toContain('‹secret 2›');
    expect(diff([{ manifest: secret('same-password'), live: secret('same-password'), wouldBe: secret('same-password') }])[0]?.change).toBe('none');
  });
  it('leaves out what the server owns', () => {
    const live = { ...secret('x-password'), metadata: { name: 's', namespace: 'n', uid: 'u', resourceVersion: '7', creationTimestamp: 'now', managedFields: [], generation: 2 } as never, status: { a: 1 } };
    expect(diff([{ manifest: secret('x-password'), live, wouldBe: secret('x-password') }])[0]?.change).toBe('none');
  });
  it('says why the server could not be asked, above what would be created', () => {
    const [file] = diff([{ manifest: secret('a-password'), remark: 'Not validated: value "a-password" is wrong.\nSecond line.' }], ['a-password']);
    expect(file).toMatchObject({ change: 'create', left: '' });
    expect(file?.right).toMatch(/^# Not validated: value "‹secret \d›" is wrong\.\n# Second line\.\napiVersion: v1/);
  });
});
