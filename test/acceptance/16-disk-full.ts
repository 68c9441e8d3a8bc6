// No space where runs are kept: at the delivery and in the middle of a log; and none for Docker's data. Never a success, and the message names what is wrong.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { followRun, startRun } from '../../src/run';
import { withServer } from './cluster.ts';
import { planOf, sh, short, verdict, withSshd } from './check.ts';

if (process.getuid?.() !== 0) console.log('SKIP 16 because a small file system needs root');
else await withSshd('16', async ({ dial, home }) => {
  const folder = join(home, 'coolify-kubernetes');
  mkdirSync(folder, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]).status !== 0) { console.log('SKIP 16 because no small file system can be mounted here'); return; }
  try {
    const connection = await dial();
    const flood = planOf('a', sh('flood', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo "line $i that fills the disk bit by bit"; done'), sh('after', 'true'));
    await startRun(connection, flood, {});
    let last = '';
    const state = await followRun(connection, flood.id, 0, (event) => { if (event.type === 'output') last = event.text; }, AbortSignal.timeout(60_000));
    let refusal = '';
    await startRun(connection, planOf('b', sh('x', 'true')), { 'manifests.json': 'x'.repeat(100_000) }).catch((error: unknown) => { refusal = error instanceof Error ? error.message : String(error); });
    const told = state.kind === 'done' && state.exit !== 0 && last.startsWith('The disk is full') && last.includes(folder);
    verdict('16', told && /space|incomplete/i.test(refusal), `full in the log: ${JSON.stringify(state)} ${last}; full at the start: ${refusal.replaceAll('\n', ' ')}`);
  } finally {
    spawnSync('umount', ['-l', folder]);
  }
});

let data = '';
// Among the short checks this part has no place: it starts a whole server.
if (process.getuid?.() === 0 && !short) await withServer('16', async ({ name, dial, planned, run }) => {
  // What is left is less than the build needs, and no layer of it can be written.
  const free = (): number => { const { bavail, bsize } = statfsSync(data); return bavail * bsize; };
  writeFileSync(join(data, 'filler'), Buffer.alloc(Math.max(0, free() - 4_000_000)));
  const uuid = `${name}-app`;
  const image = '127.0.0.1:5000/built/large:1';
  const build = { pack: 'dockerfile' as const, source: { kind: 'inline' as const, dockerfile: 'FROM 127.0.0.1:5000/test/base:1\nRUN dd if=/dev/zero of=/large bs=1M count=30\n' }, repository: 'built/large', named: false, baseDirectory: '/', variables: [], secrets: false, injectArguments: false, noCache: false, sourceCommit: false };
  const { state, lines } = await run(await dial(), planned(`services:\n  web: {image: "${image}"}\n`, uuid, { builds: { requests: [{ build, image }], push: {} } }));
  const told = lines.find((line) => line.startsWith('The disk of Docker is full')) ?? '';
  verdict('16', state.kind === 'done' && state.exit !== 0 && told.includes(data), `full in Docker's data with ${free()} bytes left: ${JSON.stringify(state)} ${told || lines.slice(-3).join(' / ')}`);
}, { prepare: (dir) => {
  data = join(dir, 'data/docker');
  mkdirSync(data, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', data]).status !== 0) throw new Error('no small file system can be mounted');
} });
if (data !== '') spawnSync('umount', ['-l', data]);
