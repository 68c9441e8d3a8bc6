import { describe, expect, it } from 'vitest';
import { objects } from '../../../src/coolify/parse';
import { parseResource, parseServer, parseStatus } from '../../../src/coolify/parseInstance';

describe('a status', () => {
  it.each([
    ['running:healthy', { state: 'running', health: 'healthy', excluded: false }],
    ['running (healthy)', { state: 'running', health: 'healthy', excluded: false }],
    ['degraded:unhealthy:excluded', { state: 'degraded', health: 'unhealthy', excluded: true }],
    ['exited', { state: 'exited', excluded: false }],
    [undefined, { state: 'unknown', excluded: false }],
  ])('%s', (value, status) => { expect(parseStatus(value)).toEqual(status); });
});

describe('foreign data', () => {
  it('takes an object with gaps for a list, in its order', () => {
    expect(objects({ 3: { a: 1 }, 7: { a: 2 } })).toEqual([{ a: 1 }, { a: 2 }]);
    expect(objects({ message: 'no list' })).toBeUndefined();
    expect(objects('text')).toBeUndefined();
  });
  it('drops what has no uuid and survives what has nothing else', () => {
    expect(parseServer({})).toBeUndefined();
    expect(parseServer({ uuid: 'u' })).toMatchObject({ name: 'u', port: 22, reachable: false });
    expect(parseResource({ uuid: 'u', type: 'mystery' })).toBeUndefined();
  });
});
