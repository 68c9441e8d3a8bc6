import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { isCoolifyError } from '../../../src/coolify/errors';
import { Requests } from '../../../src/coolify/requests';

/** A server that answers when it is told to, and notes what it saw. */
class Slow {
  readonly asked: string[] = [];
  readonly open = new Map<string, (body: string) => void>();
  most = 0;
  throttled = 0;
  private readonly server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/api/v1/', '');
    this.asked.push(path);
    if (this.throttled > 0) { this.throttled -= 1; response.writeHead(429, { 'Retry-After': '1' }).end('{}'); return; }
    this.open.set(path, (body) => { this.open.delete(path); response.end(body); });
    request.socket.on('close', () => { this.open.delete(path); });
    this.most = Math.max(this.most, this.open.size);
  });
  async start(freshFor?: number): Promise<Requests> {
    await new Promise<void>((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    const address = this.server.address();
    return new Requests({ url: `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`, token: 't' }, freshFor);
  }
  stop(): void { this.server.closeAllConnections(); this.server.close(); }
  async until(condition: () => boolean): Promise<void> {
    for (let i = 0; !condition(); i++) {
      if (i > 400) throw new Error(`waited in vain; asked: ${this.asked.join(' ')}`);
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }
  }
}

let slow = new Slow();
afterEach(() => { slow.stop(); slow = new Slow(); });

describe('requests', () => {
  it('ask for the same path once, and again when the answer is old or forgotten', async () => {
    const requests = await slow.start(50);
    const both = [requests.get('teams'), requests.get('teams')];
    await slow.until(() => slow.open.size === 1);
    slow.open.get('teams')?.('[1]');
    expect(await Promise.all(both)).toEqual([[1], [1]]);
    expect(await requests.get('teams')).toEqual([1]);
    expect(slow.asked).toEqual(['teams']);
    requests.forget();
    const anew = requests.get('teams');
    await slow.until(() => slow.open.size === 1);
    slow.open.get('teams')?.('[2]');
    expect(await anew).toEqual([2]);
    await new Promise((resolve) => { setTimeout(resolve, 80); });
    void requests.get('teams').catch(() => undefined);
    await slow.until(() => slow.asked.length === 3);
  });

  it('let one waiting caller give up without disturbing the other, and end the request when all have', async () => {
    const requests = await slow.start();
    const [first, second] = [new AbortController(), new AbortController()];
    const one = requests.get('servers', first.signal).catch((error: unknown) => error);
    const other = requests.get('servers', second.signal);
    await slow.until(() => slow.open.size === 1);
    first.abort();
    expect(isCoolifyError(await one) && (await one)).toMatchObject({ kind: 'cancelled' });
    slow.open.get('servers')?.('[]');
    expect(await other).toEqual([]);
    const alone = new AbortController();
    const third = requests.get('projects', alone.signal).catch((error: unknown) => error);
    await slow.until(() => slow.open.has('projects'));
    alone.abort();
    expect(await third).toMatchObject({ kind: 'cancelled' });
    await slow.until(() => !slow.open.has('projects'));
  });

  it('do not remember a failure', async () => {
    const requests = await slow.start();
    const failed = requests.get('teams').catch((error: unknown) => error);
    await slow.until(() => slow.open.size === 1);
    slow.open.get('teams')?.('<html>');
    expect(await failed).toMatchObject({ kind: 'notCoolify' });
    void requests.get('teams').catch(() => undefined);
    await slow.until(() => slow.asked.length === 2);
  });

  it('are few at a time, however many are asked for', async () => {
    const requests = await slow.start();
    const all = Array.from({ length: 40 }, (_, i) => requests.get(`applications/${String(i)}`));
    for (let served = 0; served < 40;) {
      await slow.until(() => slow.open.size > 0);
      for (const answer of [...slow.open.values()]) { answer('{}'); served += 1; }
    }
    expect(await Promise.all(all)).toHaveLength(40);
    expect(slow.most).toBeLessThanOrEqual(6);
  });

  it('all wait when Coolify asks one of them for patience', async () => {
    const requests = await slow.start();
    slow.throttled = 1;
    const start = performance.now();
    const first = requests.get('a');
    await slow.until(() => slow.asked.length === 1);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
    const second = requests.get('b');
    await slow.until(() => slow.open.size === 2);
    expect(performance.now() - start).toBeGreaterThan(900);
    for (const answer of [...slow.open.values()]) answer('{}');
    await Promise.all([first, second]);
    expect(slow.asked.sort()).toEqual(['a', 'a', 'b']);
  });
});
