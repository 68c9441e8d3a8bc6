// Logins that talk, trace, mask files or lack a PATH: the run is the same. Where nothing can be written, the reason is told.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { followRun, startRun } from '../../src/run';
import { planOf, sh, verdict, withSshd } from './check.ts';

const words = ["a'b", '$(id)', 'ü\nx', '-n'];
const results: string[] = [];
const cases: { name: string; bashrc?: string; environment?: string; banner?: boolean; fails?: RegExp }[] = [
  { name: 'noise', bashrc: 'echo NOISE; echo noise >&2' },
  { name: 'trace', bashrc: 'set -x' },
  { name: 'nounset and errexit', bashrc: 'set -eu' },
  { name: 'umask 077', bashrc: 'umask 077' },
  { name: 'banner', banner: true },
  { name: 'locale C', environment: 'LC_ALL=C LANG=C' },
  { name: 'bare PATH', environment: 'PATH=/usr/bin:/bin' },
  { name: 'alias', bashrc: "alias cat='cat -n'; cd() { echo no; }; printf() { echo hijacked; }; export -f printf" },
  { name: 'folder that cannot be written', environment: 'XDG_STATE_HOME=/proc/nowhere', fails: /could not handle the run: .*\/proc\/nowhere/ },
];
for (const { name, bashrc = '', environment = '', banner = false, fails } of cases) {
  await withSshd('17', async ({ dial }) => {
    const connection = await dial();
    const plan = planOf('r', { id: 'words', stage: 'apply', title: 'words', argv: ['printf', '<%s>', ...words] }, sh('secret', 'cat', { stdin: 'a.json' }));
    const lines: string[] = [];
    try {
      await startRun(connection, plan, { 'a.json': 'content' });
      const state = await followRun(connection, plan.id, 0, (event) => { if (event.type === 'output') lines.push(event.text); });
      const same = lines.join('\n') === `${words.map((word) => `<${word}>`).join('')}\ncontent`;
      results.push(`${state.kind === 'done' && state.exit === 0 && same && fails === undefined ? 'ok' : `BAD ${JSON.stringify([state, lines])}`} ${name}`);
    } catch (error) {
      const message = error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error);
      results.push(`${fails?.test(message) === true ? 'ok' : `BAD ${message}`} ${name}`);
    }
  }, (home) => {
    mkdirSync(join(home, 'home'), { recursive: true });
    writeFileSync(join(home, 'home/.bashrc'), `${bashrc}\n`);
    writeFileSync(join(home, 'banner'), 'Welcome, | and =done 0\n');
    return banner ? [`Banner ${home}/banner`] : [];
  }, (home) => `HOME=${home}/home ${environment.includes('XDG') ? '' : `XDG_STATE_HOME=${home}`} ${environment}`);
}
verdict('17', results.length === cases.length && results.every((line) => line.startsWith('ok')), `${results.join('; ')} (a plain run under each; fish, tcsh, zsh and dash are in 01)`);
