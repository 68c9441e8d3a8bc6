import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/run';
import { builtBundle } from '../../harness/bundles';

/** The built command line, run as a shell runs it. */
const root = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-process-'));
let cli = '';
beforeAll(async () => { cli = await builtBundle('cli'); });
afterAll(() => { rmSync(root, { recursive: true }); });

interface Result { status: number | null; stdout: string; stderr: string }
const run = (argv: readonly string[], options: { cwd?: string; uid?: number } = {}): Result => spawnSync(process.execPath, [cli, ...argv], { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 28, ...options });
const at = (name: string): string => path.join(root, name);
function file(name: string, content: string | Buffer): string {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
  return at(name);
}
/** Relative paths of all files below a folder. */
const filesIn = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(folder, name)).isFile()).sort();
const contents = (folder: string): string => filesIn(folder).map((name) => `${name}\n${readFileSync(path.join(folder, name), 'utf8')}`).join('\n');
const good = 'services:\n  web:\n    image: nginx:1\n';
const withSecret = 'services:\n  db:\n    image: postgres:17\n    environment: {POSTGRES_PASSWORD: $SERVICE_PASSWORD_DB}\n';
const refused = 'services:\n  web:\n    image: nginx:1\n    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]\n';

/** What a person is told: sentences with the place, no stack trace, no object printed by accident. */
function expectSentences(stderr: string, place: string): void {
  const lines = stderr.trim().split('\n').filter((line) => !line.startsWith('skipped: '));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(place);
  expect(lines[0]).toMatch(/\S{3,}.*\.$/);
  expect(stderr).not.toMatch(/^\s+at |\[object |undefined|node:internal|Error:/m);
}

describe('translate', () => {
  it('writes the manifests of one file straight into the folder, for the owner only', () => {
    const out = at('one/out');
    const result = run(['translate', file('one/web.yaml', good), '--out', out]);
    expect(result).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(filesIn(out)).toEqual(['.coolify-kubernetes', '000-namespace-web.yaml', '001-service-web.yaml', '002-deployment-web.yaml']);
    for (const name of filesIn(out)) expect(statSync(path.join(out, name)).mode & 0o777, name).toBe(0o600);
  });

  it('prints them without a folder, and ends quietly when the reader has seen enough', async () => {
    expect(run(['translate', file('one/web.yaml', good)]).stdout).toMatch(/^---\napiVersion: v1\nkind: Namespace\n[^]*kind: Deployment\n/);
    file('many.yaml', `services:\n${Array.from({ length: 400 }, (_, i) => `  s${String(i)}: {image: "nginx:1", command: "${'x'.repeat(200)}"}\n`).join('')}`);
    const child = spawn(process.execPath, [cli, 'translate', at('many.yaml')], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => { stderr += data.toString(); });
    child.stdout.once('data', () => { child.stdout.destroy(); });
    expect(await new Promise((resolve) => { child.on('close', resolve); })).toBe(0);
    expect(stderr).toBe('');
  });

  it('gives each file of a folder one folder, named by its path without extension', () => {
    file('tree/a.yaml', good);
    file('tree/deep/er/b.yml', good);
    file('tree/c.json', '{"services": {"web": {"image": "nginx:1"}}}');
    expect(run(['translate', at('tree'), '--out', at('tree-out')]).status).toBe(0);
    expect([...new Set(filesIn(at('tree-out')).map((name) => path.dirname(name)))].sort()).toEqual(['.', 'a', 'c', 'deep/er/b']);
  });

  it('gives each of several files one folder, and never two of them the same', () => {
    expect(run(['translate', file('several/x/app.yaml', good), file('several/y/app.yml', withSecret), file('several/z/other.yaml', good), '--out', at('several-out')]).status).toBe(0);
    expect([...new Set(filesIn(at('several-out')).map((name) => path.dirname(name)))].sort()).toEqual(['.', 'app', 'app-2', 'other']);
    expect(contents(at('several-out/app-2'))).toContain('postgres:17');
  });

  it('counts only YAML with services in a folder, and lists the rest as skipped', () => {
    file('mixed/app.yaml', good);
    file('mixed/pod.yaml', 'kind: Pod\n');
    file('mixed/notes.txt', 'notes');
    file('mixed/picture.yaml', Buffer.from([0, 1, 2]));
    const result = run(['translate', at('mixed'), '--out', at('mixed-out'), '--report', at('mixed-report.json')]);
    expect(result.status).toBe(0);
    for (const name of ['pod.yaml', 'notes.txt', 'picture.yaml']) expect(result.stderr).toContain(`skipped: ${at(`mixed/${name}`)}: `);
    const report = JSON.parse(readFileSync(at('mixed-report.json'), 'utf8')) as { exit: number; files: { file: string; result: string }[] };
    expect(report.exit).toBe(0);
    expect(report.files.map(({ file: name, result: became }) => `${path.basename(name)} ${became}`)).toEqual(['app.yaml translated', 'notes.txt skipped', 'picture.yaml skipped', 'pod.yaml skipped']);
  });

  it('takes a folder without read permission, a broken link and a file that was meant to be translated for bad, and goes on', (context) => {
    file('holes/good.yaml', good);
    file('holes/broken.yaml', 'services:\n  web: [\n');
    symlinkSync('nowhere', at('holes/link.yaml'));
    symlinkSync('.', at('holes/ring.yaml'));
    const result = run(['translate', at('holes'), '--out', at('holes-out')]);
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(/broken\.yaml: not YAML: .* at line \d+, column \d+\.\n/);
    expect(result.stderr).toContain(`${at('holes/link.yaml')}: there is no such file or folder.`);
    expect(filesIn(at('holes-out/good')).length).toBe(3);
    if (process.getuid?.() !== 0) context.skip('skipped, because only root can run the command as another user');
    file('locked/sub/app.yaml', good);
    file('locked/good.yaml', good);
    chmodSync(at('locked/sub'), 0o700);
    chmodSync(root, 0o755);
    mkdirSync(at('nobody'));
    chownSync(at('nobody'), 65534, 65534);
    const asNobody = run(['translate', at('locked'), '--out', at('nobody/out')], { uid: 65534, cwd: '/' });
    expect(asNobody.status).toBe(2);
    expectSentences(asNobody.stderr, at('locked/sub'));
    expect(filesIn(at('nobody/out/good')).length).toBe(3);
    const notWritable = run(['translate', at('locked/good.yaml'), '--out', at('locked/out')], { uid: 65534, cwd: '/' });
    expect(notWritable.status).toBe(2);
    expectSentences(notWritable.stderr, at('locked/out'));
  });

  it('replaces its own folder, uses an empty one, and leaves any other alone', () => {
    const out = at('marker/out');
    file('marker/a.yaml', withSecret);
    file('marker/b.yaml', good);
    mkdirSync(out);
    expect(run(['translate', at('marker/a.yaml'), '--out', out]).status).toBe(0);
    expect(run(['translate', at('marker/b.yaml'), '--out', out]).status).toBe(0);
    expect(contents(out)).not.toContain('postgres');
    file('marker/mine/letter.txt', 'dear');
    const result = run(['translate', at('marker/b.yaml'), '--out', at('marker/mine')]);
    expect(result.status).toBe(2);
    expectSentences(result.stderr, at('marker/mine'));
    expect(filesIn(at('marker/mine'))).toEqual(['letter.txt']);
    expectSentences(run(['translate', at('marker/b.yaml'), '--out', at('marker/a.yaml')]).stderr, at('marker/a.yaml'));
  });

  it('never deletes its own input, and skips what it wrote before', () => {
    const out = at('self/out');
    file('self/a.yaml', good);
    expect(run(['translate', at('self'), '--out', out]).status).toBe(0);
    expect(run(['translate', at('self'), '--out', out]).status).toBe(0);
    writeFileSync(path.join(out, 'mine.yaml'), good);
    const result = run(['translate', path.join(out, 'mine.yaml'), '--out', out]);
    expect(result.status).toBe(2);
    expectSentences(result.stderr, 'mine.yaml');
    expect(readFileSync(path.join(out, 'mine.yaml'), 'utf8')).toBe(good);
  });

  it('makes the same bytes of the same seed, and other secrets of another', () => {
    const once = (name: string, ...seed: string[]): string => {
      expect(run(['translate', file('seed/app.yaml', withSecret), '--out', at(`seed/${name}`), ...seed]).status).toBe(0);
      return contents(at(`seed/${name}`));
    };
    expect(once('a', '--seed', '7')).toBe(once('b', '--seed=7'));
    expect(once('c', '--seed', '8')).not.toBe(once('a', '--seed', '7'));
    expect(once('d')).not.toBe(once('e'));
  });

  it('reads the .env beside the file, in any of its usual shapes', () => {
    file('env/.env', '\uFEFFTAG=7.2\r\nexport NAME="a b" # comment\r\n# TAG=1\r\n');
    file('env/app.yaml', 'services:\n  a: {image: "x:$TAG", command: ["$NAME"]}\n');
    expect(run(['translate', at('env/app.yaml')]).stdout).toMatch(/image: x:7\.2[^]*- a b\n/);
    mkdirSync(at('envdir/.env'), { recursive: true });
    expect(run(['translate', file('envdir/app.yaml', good)]).status).toBe(0);
    file('envbin/.env', Buffer.from([0, 1]));
    expectSentences(run(['translate', file('envbin/app.yaml', good)]).stderr, at('envbin/.env'));
  });

  it('translates a bundle of API bodies', () => {
    const bodies = path.join(import.meta.dirname, '../../fixtures/coolify/root');
    const body = (name: string): unknown => (JSON.parse(readFileSync(path.join(bodies, `${name}.json`), 'utf8')) as { body: unknown }).body;
    const uuid = 'lxfqj3enhnrybtrsndoijzpc';
    const bundle = { kind: 'service', resource: body(`services__${uuid}`), envs: body(`services__${uuid}__envs`), storages: body(`services__${uuid}__storages`), scheduledTasks: [], backups: [] };
    const result = run(['translate', file('bundle/rabbit.json', JSON.stringify(bundle)), '--out', at('bundle/out')]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(contents(at('bundle/out'))).toContain('image: rabbitmq:');
    expectSentences(run(['translate', file('bundle/bad.json', '{"kind": "service", "resource": 7}')]).stderr, 'bad.json');
  });

  it('reads a destination, and says what is wrong with one', () => {
    const destination = file('destination/good.yaml', 'name: k3s\nnamespace: shop\nstorage: {sizeGi: 3}\n');
    expect(run(['translate', file('destination/app.yaml', good), '--destination', destination]).stdout).toContain('namespace: shop');
    const bad: [string, string][] = [['ingres: {}', 'ingres'], ['ingress: {kind: nginx}', 'ingress.kind'], ['storage: {sizeGi: none}', 'sizeGi'], ['namespace: A_b', 'namespace'], ['- a', 'mapping'], ['a: [', 'not YAML'], ['tls: on', 'tls'], ['storage: {className: 7}', 'className'], ['registry: {}', 'host']];
    for (const [text, word] of bad) {
      const result = run(['translate', at('destination/app.yaml'), '--destination', file('destination/bad.yaml', text)]);
      expect(result.status, text).toBe(2);
      expectSentences(result.stderr, word);
    }
    expectSentences(run(['translate', at('destination/app.yaml'), '--destination', at('destination/none.yaml')]).stderr, 'none.yaml');
  });

  it('says when the report cannot be written', () => {
    const result = run(['translate', file('report/app.yaml', good), '--report', at('report/no/where.json')]);
    expect(result.status).toBe(2);
    expectSentences(result.stderr, at('report/no/where.json'));
  });
});

const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]', ...Array.from({ length: 9 }, (_, i) => `a${String(i + 1)}: &a${String(i + 1)} [${Array(10).fill(`*a${String(i)}`).join(',')}]`), 'services: {a: {image: x}}'].join('\n');
const badInputs: [string, string | Buffer, RegExp][] = [
  ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]), /binary/], ['utf-16', Buffer.from('\uFEFFservices: {}', 'utf16le'), /UTF-16/], ['latin-1', Buffer.from('services:\n  web: {image: x}\n  # Gr\xfc\xdfe\n', 'latin1'), /UTF-8 \(line 3\)/],
  ['not-yaml', 'services: [', /not YAML: .*line 1/], ['tabs', 'services:\n\tweb: {}\n', /not YAML: .*line 2/], ['twice', 'a: 1\n---\nb: 2\n', /more than one document/], ['empty', '', /nothing in it/], ['comment', '# nothing\n', /nothing in it/],
  ['list', '- a\n', /no mapping/], ['text', 'hello', /no mapping/], ['pod', 'kind: Pod\n', /neither/], ['services-list', 'services: [a, b]\n', /neither/], ['services-empty', 'services: {}\n', /without any service/],
  ['bomb', bomb, /alias bomb\) at line \d+/], ['ring', 'services: &s {web: *s}\n', /refers to itself at line 1/], ['no-anchor', 'services: {web: *s}\n', /line 1/], ['map-key', 'services: {[a]: {image: x}}\n', /line 1/],
  ['deep-flow', `services: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`, /nests too deep/], ['deep-block', Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''), /nests too deep/], ['deep-json', `{"kind": "service", "resource": ${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`, /nests too deep/],
  ['huge', Buffer.alloc(10 * 1024 * 1024 + 1, 'a: b\n'), /10 MiB/],
];

describe('bad input ends with 2 and one sentence with the place', () => {
  const inputs = (): string[] => badInputs.map(([name, content]) => file(`bad/${name}.yaml`, content));

  it('in one batch', () => {
    const result = run(['translate', ...inputs(), '--seed', '1', '--out', at('bad-out')]);
    expect(result.status).toBe(2);
    const lines = result.stderr.trim().split('\n');
    expect(lines).toHaveLength(badInputs.length);
    for (const [index, [name, , message]] of badInputs.entries()) {
      expectSentences(lines[index] ?? '', `${name}.yaml: `);
      expect(lines[index]).toMatch(message);
    }
  });

  it('each alone', async () => {
    for (const name of inputs()) {
      let error = '';
      expect(await runCli(['translate', name], { out: () => undefined, error: (text) => { error += text; } }), name).toBe(2);
      expectSentences(error, name);
    }
  });

  it('what is not there, a pipe, and a name that no file can have', () => {
    expectSentences(run(['translate', at('nowhere.yaml')]).stderr, 'nowhere.yaml');
    expectSentences(run(['translate', at('x'.repeat(300))]).stderr, 'xxx');
    if (process.platform === 'linux') {
      spawnSync('mkfifo', [at('pipe.yaml')]);
      expectSentences(run(['translate', at('pipe.yaml')]).stderr, 'pipe.yaml');
      expectSentences(run(['translate', '/dev/zero']).stderr, '/dev/zero');
    }
  });

  it.each<[string, string]>([['windows line ends', good.replaceAll('\n', '\r\n')], ['a byte order mark', `\uFEFF${good}`], ['no last line end', good.trimEnd()], ['old Mac quotes and umlauts', `${good}    command: "Grüße 😀"\n`]])('but %s is fine', (_name, content) => {
    expect(run(['translate', file('fine.yaml', content)])).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('the exit code', () => {
  it('is 0, 3 or 2, the worst of a batch that goes on to its end', () => {
    file('batch/1-good.yaml', good);
    file('batch/2-refused.yaml', refused);
    const out = at('batch-out');
    expect(run(['translate', at('batch/1-good.yaml'), '--out', out]).status).toBe(0);
    expect(run(['translate', at('batch'), '--out', out]).status).toBe(3);
    const result = run(['translate', at('nowhere.yaml'), at('batch/2-refused.yaml'), at('batch/1-good.yaml'), '--out', out]);
    expect(result.status).toBe(2);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(['1-good', '2-refused']));
  });

  it.each([[[]], [['dance']], [['translate']], [['translate', '--out']], [['translate', 'x', '--what']], [['translate', 'x', '-x']], [['scoreboard', 'x', '--out', 'y']], [['toString', 'x']]])('is 2 with a sentence and the usage for %j', (argv) => {
    const result = run(argv);
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(/^[^\n]+\.\nUsage:\n/);
  });

  it('is 0 for help', () => { expect(run(['--help'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage:/) }); });
});
