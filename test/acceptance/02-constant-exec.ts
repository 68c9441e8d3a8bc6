// Every command that sshd was given during a build, a deployment, one that fails, a rollback and a cancelling: one constant, and nothing of the user's in it.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plan } from '../../src/engine/kubernetes/plan';
import { rollbackPlan } from '../../src/engine/kubernetes/planOperations';
import { readRevisions, revisionsQuery } from '../../src/engine/kubernetes/planRevision';
import { cancelRun, explainRun, findRuns, followRun, probeServer, readFiles, startRun } from '../../src/run';
import { readScript } from '../../src/ssh';
import type { Json } from '../../src/text/json';
import { hostilePayloads } from '../integration/payloads.ts';
import { verdict } from './check.ts';
import { isGood, withServer } from './cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'record-'));
const record = join(folder, 'commands');
const spy = join(folder, 'spy');
writeFileSync(spy, `#!/bin/sh\nprintf '%s\\0' "$SSH_ORIGINAL_COMMAND" >>${record}\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`);
chmodSync(spy, 0o755);
const canary = join(folder, 'ran');
const secret = 'a-secret-of-the-user';
const environment = Object.fromEntries(hostilePayloads(canary).filter((word) => word.length < 1000 && !/[\0-\x08\x0b-\x1f]/.test(word)).map((word, index) => [`WORD_${index}`, word.replaceAll('$', '$$$$')]));
const stack = (image: string): string => JSON.stringify({ services: { web: { image, command: ['sleep', '100000'], stop_grace_period: '0s', environment: { ...environment, SECRET: secret } } } });

await withServer('02', async ({ name, dial, rendering, planned, run }) => {
  const connection = await dial();
  const resource = { uuid: name, name: `$(touch ${canary})` };
  const wrong: string[] = [];
  const good = (what: string, state: Parameters<typeof isGood>[0], lines: string[] = []): void => { if (!isGood(state)) wrong.push(`${what} ended with ${JSON.stringify(state)} ${lines.slice(-3).join(' / ')}`); };
  await probeServer(connection, { kubeconfigPath: `/'$(touch ${canary})` });
  await readFiles(connection, [`/$(touch ${canary})`]).then(() => { wrong.push('a file was read that is not there'); }, () => undefined);
  const build = {
    pack: 'dockerfile' as const, source: { kind: 'inline' as const, dockerfile: 'FROM 127.0.0.1:5000/test/base:1\nARG WORD\nRUN true\n' }, repository: 'built/app', named: false, baseDirectory: '/',
    variables: [{ name: 'WORD', value: secret, literal: true, multiline: false, secret: true }], secrets: false, injectArguments: false, noCache: false, sourceCommit: false,
  };
  const first = await run(connection, plan(rendering(stack('busybox:1.35'), name), resource, {
    id: `${name}-first`, kubectl: ['kubectl'], rolloutSeconds: 120, builds: { requests: [{ build, image: '127.0.0.1:5000/built/app:1' }], push: { login: { host: '127.0.0.1:5000', username: 'user', password: secret } } },
  }));
  good('the deployment', first.state, first.lines);
  const failed = await run(connection, planned(stack('nowhere/nothing:9'), name, { rolloutSeconds: 20 }));
  if (isGood(failed.state)) wrong.push('the broken image was deployed');
  await explainRun(connection, failed.id);
  const { stdout } = await readScript(connection, 'kubectl "$@"', ['-n', name, ...revisionsQuery(resource)]);
  const [revision] = readRevisions(JSON.parse(stdout) as Json);
  if (revision === undefined) throw new Error('there is no revision');
  const back = await run(connection, rollbackPlan(revision, resource, { id: `${name}-back`, kubectl: ['kubectl'], rolloutSeconds: 120 }));
  good('the rollback', back.state, back.lines);
  const cancelled = planned(stack('busybox:1.35'), name);
  await startRun(connection, cancelled.plan, cancelled.files);
  await cancelRun(connection, cancelled.plan.id);
  await followRun(connection, cancelled.plan.id, 0, () => undefined);
  await findRuns(connection, { resourceUuid: name });
  const commands = readFileSync(record, 'utf8').split('\0').slice(0, -1);
  const different = [...new Set(commands)];
  const users = different.filter((command) => [name, secret, canary, 'web', 'busybox'].some((word) => command.includes(word)));
  const ran = readScript(connection, 'test -e "$1" && echo ran', [canary]);
  if ((await ran).stdout !== '') wrong.push('a word was run');
  verdict('02', wrong.length === 0 && commands.length > 10 && different.length <= 2 && users.length === 0, `${commands.length} commands, ${different.length} different (${different.slice(0, 3).join(' | ')}), ${users.length} with a word of the user's ${wrong.join('; ')}`);
}, { sshd: [`ForceCommand ${spy}`] });
rmSync(folder, { recursive: true, force: true });
