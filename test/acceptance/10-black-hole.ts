// The network swallows everything for a while, without closing anything, at random moments of runs: a dead link is noticed within 15 s, the run is followed again, and the log is the server's.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as dial, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { followRun, startRun } from '../../src/run';
import type { Connection } from '../../src/ssh';
import { full, pause, planOf, random, sh, verdict, withSshd } from './check.ts';

/** A road on which packets can get stuck. They are kept and sent again afterwards, as TCP does; what was given up meanwhile is gone. */
async function road(port: number): Promise<{ port: number; block: () => void; free: () => void; close: () => void }> {
  let blocked = false;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('data', (chunk: Buffer) => { to.write(chunk); });
      // Neither is the end of a connection seen through a hole.
      from.on('close', () => { sockets.delete(from); if (!blocked) to.destroy(); });
      if (blocked) from.pause();
    }
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    block: () => { blocked = true; for (const socket of sockets) socket.pause(); },
    free: () => { blocked = false; for (const socket of sockets) socket.resume(); },
    close: () => { server.close(); for (const socket of sockets) socket.destroy(); },
  };
}

const hash = (lines: string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex');

await withSshd('10', async ({ dial: connectTo, home, runs, sshd }) => {
  const seed = Date.now() % 100_000;
  const pick = random(seed);
  const holes = full ? [5, 30, 300].flatMap((seconds) => Array.from({ length: 20 }, () => seconds)) : [5, 5, 5, 25, 25, 25];
  let slowest = 0;
  let attached = 0;
  let noticed = 0;
  const one = async (seconds: number, index: number): Promise<string | undefined> => {
    const way = await road(sshd.port);
    try {
      // The run ends while nobody can be reached, or after it, in turns.
      const lines = index % 2 === 0 ? (seconds + 8) * 10 : 60;
      const plan = planOf(`r${index}`, sh('count', `echo x >>${home}/ran.${index}; i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i of ${lines}"; sleep 0.1; done`));
      let blockedAt = 0;
      const watch = (connection: Connection): Connection => {
        void connection.closed.then(() => { if (blockedAt > 0) { noticed += 1; slowest = Math.max(slowest, Date.now() - blockedAt); blockedAt = 0; } });
        return connection;
      };
      const connection = watch(await connectTo(way.port));
      await startRun(connection, plan, {});
      const hole = pause(500 + pick(3000)).then(async () => { blockedAt = Date.now(); way.block(); await pause(seconds * 1000); way.free(); });
      const seen: string[] = [];
      const state = await followRun(connection, plan.id, 0, (event) => { if (event.type === 'output') seen.push(event.text); }, undefined, async () => { const next = await connectTo(way.port); attached += 1; return next; });
      await hole;
      blockedAt = 0;
      const log = readFileSync(join(runs, plan.id, 'log'), 'utf8').split('\n').flatMap((line) => (line.split('\t')[1] === 'output' ? [line.split('\t').slice(3).join('\t')] : []));
      const once = readFileSync(join(home, `ran.${index}`), 'utf8') === 'x\n';
      if (state.kind === 'done' && state.exit === 0 && seen.length === lines && hash(seen) === hash(log) && once) return undefined;
      return `a hole of ${seconds} s: ${JSON.stringify(state)}, ${seen.length} of ${log.length} lines`;
    } finally { way.close(); }
  };
  const wrong = (await Promise.all(holes.map(one))).filter((line) => line !== undefined);
  // A short hole may be outlived; a long one must be noticed.
  const long = holes.filter((seconds) => seconds > 15).length;
  verdict('10', wrong.length === 0 && slowest <= 15_000 && noticed >= long, `${wrong.length} wrong of ${holes.length} holes of ${[...new Set(holes)].join(', ')} s, noticed ${noticed} times after at most ${(slowest / 1000).toFixed(1)} s, ${attached} times attached again (seed ${seed})${full ? '' : ' (20 each of 5, 30 and 300 s with --full)'} ${wrong.join('; ')}`);
}, () => ['MaxStartups 100:30:200']);
