// Sixteen formats of key files, each with the right passphrase, a wrong one and none; and a key of many rounds, while which is opened other work goes on.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, isSshError, memoryHostKeys } from '../../src/ssh';
import { keygen, lockedFormats, openFormats, writePublic } from '../harness/keyFormats.ts';
import { verdict, withSshd } from './check.ts';

const answers = { right: 'right', wrong: 'wrong', none: undefined };
/** What has to come of it, and how often the passphrase is asked for. */
const expected = { open: { right: 'in 0', wrong: 'in 0', none: 'in 0' }, locked: { right: 'in 1', wrong: 'key-format 3', none: 'authentication 1' } };

await withSshd('08', async ({ sshd }) => {
  const folder = mkdtempSync(join(tmpdir(), 'matrix-'));
  const hostKeys = memoryHostKeys();
  const wrong: string[] = [];
  const attempt = async (text: string, passphrase: string | undefined): Promise<string> => {
    let asked = 0;
    try {
      (await connect({
        host: sshd.host, port: sshd.port, user: sshd.user, hostKeys, confirmHostKey: () => Promise.resolve(true),
        auth: { keys: [{ name: 'the key', text }], passphrase: () => { asked += 1; return Promise.resolve(passphrase); } },
      })).close();
      return `in ${asked}`;
    } catch (error) {
      return `${isSshError(error) ? error.kind : String(error)} ${asked}`;
    }
  };
  try {
    let cells = 0;
    for (const [kind, formats] of [['open', openFormats], ['locked', lockedFormats]] as const) {
      for (const [name, make] of Object.entries(formats)) {
        const file = join(folder, name.replace(/\W+/g, '-'));
        make(file);
        writePublic(file);
        sshd.authorise(readFileSync(`${file}.pub`, 'utf8'));
        for (const word of ['right', 'wrong', 'none'] as const) {
          const outcome = await attempt(readFileSync(file, 'utf8'), answers[word]);
          cells += 1;
          if (outcome !== expected[kind][word]) wrong.push(`${name}, ${word}: ${outcome} instead of ${expected[kind][word]}`);
        }
      }
    }
    const slow = join(folder, 'slow');
    keygen('-t', 'ed25519', '-a', '100', '-N', 'right')(slow);
    sshd.authorise(readFileSync(`${slow}.pub`, 'utf8'));
    // Processor time from one turn of the loop to the next: what other programs on the machine take does not count.
    let longest = 0;
    let turns = 0;
    let last = process.cpuUsage();
    const timer = setInterval(() => {
      const spent = process.cpuUsage(last);
      last = process.cpuUsage();
      longest = Math.max(longest, (spent.user + spent.system) / 1000);
      turns += 1;
    }, 1);
    const start = performance.now();
    const outcome = await attempt(readFileSync(slow, 'utf8'), 'right');
    const took = performance.now() - start;
    clearInterval(timer);
    const passed = wrong.length === 0 && cells === 48 && outcome === 'in 1' && longest <= 50 && turns > 20;
    verdict('08', passed, `${cells} cells, ${wrong.length} wrong; 100 rounds: ${outcome}, ${took.toFixed(0)} ms in ${turns} turns of the loop, the longest ${longest.toFixed(0)} ms of the processor ${wrong.join('; ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
