// No space where runs are kept: at the delivery and in the middle of a log. Never a success, and the message names what is wrong.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { followRun, startRun } from '../../src/run';
import { planOf, sh, verdict, withSshd } from './check.ts';

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
    verdict('16', told && /space|incomplete/i.test(refusal), `full in the log: ${JSON.stringify(state)} ${last}; full at the start: ${refusal.replaceAll('\n', ' ')}; Docker's own data is not filled here`);
  } finally {
    spawnSync('umount', ['-l', folder]);
  }
});
