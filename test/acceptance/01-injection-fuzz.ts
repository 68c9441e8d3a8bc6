// Random words and the table of hostile payloads, in every field that reaches a server, under five login shells: nothing runs, and each arrives as it was or is refused.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildScripts, buildSteps } from '../../src/engine/kubernetes/planBuild';
import type { Build } from '../../src/model/build';
import type { Plan, Step } from '../../src/model/plan';
import { cancelRun, followRun, listRuns, probeServer, readFiles, runState, startRun } from '../../src/run';
import { connect, type Connection, memoryHostKeys, readScript } from '../../src/ssh';
import { missingForAccounts, startAccounts } from '../harness/accounts.ts';
import { hostilePayloads, randomWords } from '../integration/payloads.ts';
import { full, verdict } from './check.ts';

const noise = 'echo NOISE; echo MORE >&2\n';
const accounts = [
  { name: 'ck-bash', shell: '/bin/bash', files: { '.bashrc': `${noise}set -x\n` } }, { name: 'ck-dash', shell: '/bin/dash' }, { name: 'ck-zsh', shell: '/usr/bin/zsh', files: { '.zshenv': noise } },
  { name: 'ck-fish', shell: '/usr/bin/fish', files: { '.config/fish/config.fish': noise } }, { name: 'ck-tcsh', shell: '/usr/bin/tcsh', files: { '.tcshrc': 'echo NOISE\n' } },
];
const count = full ? 10_000 : 2_000;
const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((word, index) => word === b[index]);

const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
const canary = join(folder, 'ran');
const payloads = hostilePayloads(canary);
const wrong: string[] = [];
const tally = { values: 0, fields: 0, refused: 0 };

/** The plan's own way of writing each word: titles, names, arguments, files. Ids and file names that are none are refused. */
async function throughARun(connection: Connection, user: string, out: string): Promise<void> {
  const plan: Plan = {
    id: 'words', namespace: payloads.join(''), resource: { uuid: payloads.slice(0, 40).join(' '), name: payloads.slice(40).join(' ') }, destination: `$(touch ${canary})`,
    steps: payloads.map((word, index): Step => ({ id: `s${index}`, stage: 'apply', title: word, argv: ['sh', '-c', 'printf \'%s\\0\' "$@" >>"$0"; { cat; printf \'\\0\'; } >>"$0.files"', out, word], stdin: `f${index}` })),
  };
  await startRun(connection, plan, Object.fromEntries(payloads.map((word, index) => [`f${index}`, word])));
  const titles: string[] = [];
  const state = await followRun(connection, 'words', 0, (event) => { if (event.type === 'step') titles.push(event.title); });
  if (state.kind !== 'done' || state.exit !== 0) wrong.push(`${user}: the run ended with ${JSON.stringify(state)}`);
  for (const file of [out, `${out}.files`]) if (!same(readFileSync(file, 'utf8').split('\0').slice(0, -1), payloads)) wrong.push(`${user}: words of a run changed`);
  if ((await listRuns(connection)).length !== 1) wrong.push(`${user}: the list of runs is broken`);
  tally.fields += payloads.length * 3;
  for (const word of payloads.filter((one) => !/^[a-z0-9][a-z0-9._-]*$/.test(one))) {
    for (const attempt of [() => runState(connection, word), () => cancelRun(connection, word), () => followRun(connection, word, 0, () => undefined), () => startRun(connection, { ...plan, id: word }, {}), () => startRun(connection, plan, { [word]: '' })]) {
      const refused = await attempt().then(() => false, (error: unknown) => error instanceof Error && error.message.includes('cannot be a file name'));
      if (refused) tally.refused += 1; else wrong.push(`${user}: ${JSON.stringify(word)} was taken for an id`);
    }
  }
}

/** Every field of a build. `docker` is a stand-in that writes down its words, so that what reached it can be compared; git is the real one. */
async function throughABuild(connection: Connection, user: string, home: string): Promise<void> {
  const docker = join(home, 'docker-stand-in');
  writeFileSync(docker, '#!/bin/sh\ncase $1 in image | pull) exit 1 ;; version) exit 0 ;; login) cat >/dev/null ;; esac\n{ printf \'%s\\0\' "$@"; printf \'W=%s\\0\' "$WORD"; } >>"$0.record"\n', { mode: 0o755 });
  const plain: Build = {
    pack: 'dockerfile', source: { kind: 'inline', dockerfile: 'FROM scratch\n' }, repository: 'built/app', named: false, baseDirectory: '/', variables: [], secrets: false, injectArguments: false, noCache: false, sourceCommit: false,
  };
  const git = { kind: 'git' as const, repository: 'https://127.0.0.1:1/x.git', branch: 'main', commit: 'HEAD', submodules: true, lfs: true, shallow: true, credentials: { kind: 'none' as const } };
  const variable = (name: string, value: string) => ({ name, value, literal: true, multiline: false, secret: true });
  const variants = (word: string): [string, Build, string?][] => [
    ['repository', { ...plain, source: { ...git, repository: word } }], ['branch', { ...plain, source: { ...git, branch: word } }], ['commit', { ...plain, source: { ...git, commit: word } }],
    ['words of docker build', { ...plain, source: { kind: 'inline', dockerfile: word }, target: word, platform: word, variables: [variable('WORD', word)] }],
    ['base directory', { ...plain, baseDirectory: word }], ['context', { ...plain, context: word }], ['file', { ...plain, dockerfile: word }], ['name', { ...plain, variables: [variable(word, 'x')] }],
    ['commands', { ...plain, pack: 'nixpacks', installCommand: word, buildCommand: word, startCommand: word }], ['publish directory', { ...plain, pack: 'static', static: { image: word, configuration: word }, publishDirectory: word } as Build],
    ['image', plain, word],
  ];
  const steps: Step[] = [];
  const files: Record<string, string> = {};
  let number = 0;
  const add = (what: string, word: string, options: Parameters<typeof buildSteps>[0]): void => {
    try {
      const built = buildSteps({ docker: [docker], ...options });
      const mark = `n${number++}`;
      // Every step is run, whatever became of the one before: the words stay the same, only the exit is not told.
      steps.push(...built.steps.filter((step) => /^(source|build|registry)/.test(step.id)).map(({ when: _, ...step }): Step => ({
        ...step, id: `${mark}-${step.id}`, argv: ['sh', '-c', 'for f in "$(cat private)/$0"-*; do cp -- "$f" "${f%/*}/${f##*/$0-}"; done; "$@"; exit 0', mark, ...step.argv], ...(step.stdin !== undefined && { stdin: `${mark}-${step.stdin}` }),
      })));
      for (const [name, text] of Object.entries(built.files)) files[`${mark}-${name}`] = text;
      tally.fields += 1;
    } catch (error) {
      // Refused, and named.
      if (error instanceof Error && (error.message.includes(JSON.stringify(word)) || /NUL/.test(error.message))) tally.refused += 1;
      else wrong.push(`${what} ${JSON.stringify(word)}: ${String(error)}`);
    }
  };
  // Each of these takes a dozen processes, so the bounded form takes one in three, others in each run.
  const turn = Date.now() % 3;
  const words = payloads.filter((word, index) => word.length < 1000 && (full || index % 3 === turn));
  for (const word of words) {
    for (const [what, build, image = '127.0.0.1:1/app:1'] of variants(word)) add(what, word, { requests: [{ build, image }] });
    add('registry', word, { requests: [], push: { login: { host: word, username: word, password: word } } });
  }
  await startRun(connection, { id: 'build', namespace: 'n', resource: { uuid: 'b', name: 'b' }, steps, scripts: buildScripts }, files);
  const state = await followRun(connection, 'build', 0, () => undefined);
  if (state.kind !== 'done' || state.exit !== 0) wrong.push(`${user}: the builds ended with ${JSON.stringify(state)}`);
  const record = readFileSync(`${docker}.record`, 'utf8').split('\0');
  const after = (flag: string): Set<string> => new Set(record.flatMap((word, index) => (word === flag ? [record[index + 1] ?? ''] : [])));
  const [targets, platforms, users, values] = [after('--target'), after('--platform'), after('--username'), new Set(record.filter((word) => word.startsWith('W=')).map((word) => word.slice(2)))];
  for (const word of words.filter((one) => one !== '')) {
    for (const [what, seen] of Object.entries({ targets, platforms, users, values })) if (!seen.has(word)) wrong.push(`${user}: ${JSON.stringify(word)} did not arrive among the ${what}`);
  }
}

const reason = missingForAccounts(['zsh', 'fish', 'tcsh', 'dash']);
if (reason !== undefined) console.log(`SKIP 01 because ${reason}`);
else {
  chmodSync(folder, 0o777);
  const server = await startAccounts(accounts);
  const open: Connection[] = [];
  try {
    for (const { name: user } of accounts) {
      const connection = await connect({ host: server.sshd.host, port: server.sshd.port, user, hostKeys: memoryHostKeys(), confirmHostKey: () => Promise.resolve(true), auth: { keys: [{ name: 'key', text: server.sshd.privateKey }] } });
      open.push(connection);
      const words = randomWords(count);
      for (const some of [payloads, words]) {
        const { stdout } = await readScript(connection, 'printf \'%s\\0\' "$@"', some);
        if (!same(stdout.split('\0').slice(0, -1), some)) wrong.push(`${user}: values of a script changed`);
        tally.values += some.length;
      }
      if (await startRun(connection, { id: 'nul', namespace: 'n', resource: { uuid: 'n', name: 'n' }, steps: [] }, { bytes: 'a\0b' }).then(() => true, (error: unknown) => !/bytes.*NUL/.test(String(error)))) wrong.push(`${user}: NUL in a file was not refused`);
      if (await readScript(connection, ':', ['a\0b']).then(() => true, (error: unknown) => !/NUL/.test(String(error)))) wrong.push(`${user}: NUL was not refused`);
      const all = payloads.filter((text) => text !== '').slice(0, -1).join('/');
      const probe = await probeServer(connection, { kubeconfigPath: all });
      if (probe.kubeconfigs[0]?.path !== all) wrong.push(`${user}: the path of a kubeconfig changed`);
      const legal = hostilePayloads('ran', 'touch ran').filter((name) => name !== '' && name !== '~' && !name.includes('/') && Buffer.byteLength(name) < 255);
      for (const name of legal) writeFileSync(join(server.home(user), name), name);
      if (!same([...(await readFiles(connection, legal.map((name) => join(server.home(user), name)))).values()], legal)) wrong.push(`${user}: paths of files changed`);
      await throughARun(connection, user, join(server.home(user), 'words.out'));
      if (full || user === 'ck-fish') await throughABuild(connection, user, server.home(user));
      for (const file of [canary, join(server.home(user), 'ran')]) if (existsSync(file)) wrong.push(`${user}: something ran`);
    }
    verdict('01', wrong.length === 0, `${tally.values} words as values (${count} random ones${full ? '' : '; 10000 with --full'} and ${payloads.length} payloads per login shell, valid UTF-8), ${tally.fields} in fields of runs and builds, ${tally.refused} refused by name, ${accounts.length} login shells${full ? '' : ', fields of builds under fish only and for a third of the payloads'}: ${wrong.length} changed or run ${wrong.slice(0, 5).join('; ')}`);
  } catch (error) {
    verdict('01', false, `${error instanceof Error ? error.stack ?? error.message : String(error)}`.replaceAll('\n', ' | '));
  } finally {
    for (const connection of open) connection.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
