import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/run';

const root = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-cli-'));
afterAll(() => { rmSync(root, { recursive: true }); });

let out = '';
let error = '';
beforeEach(() => { out = ''; error = ''; });
const run = (...argv: string[]): Promise<number> => runCli(argv, { out: (text) => { out += text; }, error: (text) => { error += text; } });
const file = (name: string, content: string | Buffer): string => {
  const full = path.join(root, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
};

describe('translate', () => {
  it('ends with 0 when all is translated, and writes files for the owner only', async () => {
    const target = path.join(root, 'out');
    expect(await run('translate', file('ok/web.yaml', 'services:\n  web: {image: "nginx:1"}\n'), '--out', target, '--seed', '1')).toBe(0);
    const written = readdirSync(target).filter((name) => name.endsWith('.yaml'));
    expect(written.map((name) => name.replace(/^\d+-/, ''))).toEqual(['namespace-web.yaml', 'service-web.yaml', 'deployment-web.yaml']);
    expect(statSync(path.join(target, written[0] ?? '')).mode & 0o777).toBe(0o600);
    expect(await run('translate', path.join(root, 'ok/web.yaml'), '--out', target, '--seed', '1')).toBe(0);
  });
  it('calls a stack as Compose calls the project: by its name, its folder, or the file\'s own name', async () => {
    for (const [name, content, namespace] of [['shop/compose.yaml', '', 'shop'], ['shop/docker-compose.yml', 'name: named\n', 'named'], ['shop/api.yaml', '', 'api']] as const) {
      out = '';
      await run('translate', file(name, `${content}services:\n  web: {image: "nginx:1"}\n`), '--seed', '1');
      expect(out).toContain(`namespace: ${namespace}\n`);
    }
  });
  it('ends with 3 when something is refused, and says what in the report', async () => {
    const report = path.join(root, 'report.json');
    expect(await run('translate', file('refused.yaml', 'services:\n  a: {image: "x:1", volumes: ["/var/run/docker.sock:/var/run/docker.sock"]}\n'), '--report', report)).toBe(3);
    expect(readFileSync(report, 'utf8')).toContain('"CK1002"');
  });
  it.each<[string, string | Buffer, RegExp]>([
    ['binary.yaml', Buffer.from([0, 1, 2]), /binary/], ['broken.yaml', 'services: [', /not YAML: .*line 1/], ['list.yaml', '- a\n', /no mapping/], ['other.yaml', 'kind: Pod\n', /neither/],
    ['bomb.yaml', ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]', ...Array.from({ length: 9 }, (_, i) => `a${String(i + 1)}: &a${String(i + 1)} [${Array(10).fill(`*a${String(i)}`).join(',')}]`), 'services: {a: {image: x}}'].join('\n'), /alias bomb/],
  ])('ends with 2 and one sentence for %s', async (name, content, message) => {
    expect(await run('translate', file(name, content))).toBe(2);
    expect(error).toMatch(message);
    expect(error.trim().split('\n')).toHaveLength(1);
    expect(error).not.toMatch(/\bat .*\.ts:/);
  });
  it('ends with 2 for what is not there, and goes on with the rest', async () => {
    expect(await run('translate', path.join(root, 'nothing.yaml'), file('good.yaml', 'services:\n  a: {image: "x:1"}\n'), '--out', path.join(root, 'batch'))).toBe(2);
    expect(readdirSync(path.join(root, 'batch', 'good')).length).toBeGreaterThan(0);
  });
  it('leaves a folder alone that is not its own', async () => {
    file('mine/letter.txt', 'dear');
    expect(await run('translate', path.join(root, 'good.yaml'), '--out', path.join(root, 'mine'))).toBe(2);
    expect(readFileSync(path.join(root, 'mine/letter.txt'), 'utf8')).toBe('dear');
  });
  it('takes the .env beside the file', async () => {
    file('env/.env', 'TAG=7.2\n');
    await run('translate', file('env/app.yaml', 'services:\n  a: {image: "x:$TAG"}\n'));
    expect(out).toContain('image: x:7.2');
  });
  it('takes folders beside the file: as they are when nobody writes to them, else over a claim', async () => {
    file('folders/conf/a.conf', 'listen 80;\n');
    file('folders/conf/sub/b.yml', 'b: 1\n');
    file('folders/keys/app.ini', 'db_password = hunter2hunter2\n');
    file('folders/image/logo.bin', Buffer.from([0, 1, 2]));
    file('folders/empty/.gitkeep', '');
    const report = path.join(root, 'folders.json');
    await run('translate', file('folders/app.yaml', 'services:\n  a:\n    image: "x:1"\n    volumes: ["./conf:/etc/conf/:ro", "./conf:/var/conf", "./keys:/keys:ro", "./image:/image:ro", "./empty:/empty", ".:/code:ro"]\n'), '--seed', '1', '--report', report);
    const objects = out.split('---\n');
    const config = objects.find((text) => /kind: ConfigMap/.test(text) && !/-files-config-755/.test(text)) ?? '';
    expect(config).toContain('listen 80;');
    expect(config).toContain('b: 1');
    const secret = objects.find((text) => text.includes('kind: Secret')) ?? '';
    expect(secret).toContain(Buffer.from('db_password = hunter2hunter2\n').toString('base64'));
    expect(out).not.toContain('hunter2hunter2');
    const pod = objects.find((text) => text.includes('kind: StatefulSet')) ?? '';
    for (const text of ['mountPath: /etc/conf\n', 'path: sub/b.yml', 'mountPath: /var/conf/a.conf', 'mountPath: /var/conf/sub/b.yml', 'mountPath: /keys\n', 'path: app.ini']) expect(pod).toContain(text);
    expect(objects.filter((text) => text.includes('kind: PersistentVolumeClaim'))).toHaveLength(4);
    expect(readFileSync(report, 'utf8')).toContain('The content of the folder, 2 files, travels with the manifests, in a ConfigMap.');
  });
  it('reads no file outside the folder', async () => {
    file('secret.txt', 'top secret');
    await run('translate', file('inside/app.yaml', 'services:\n  a: {image: "x:1", env_file: ../secret.txt, configs: [c]}\nconfigs: {c: {file: ../secret.txt}}\n'));
    expect(out).not.toContain('top secret');
  });
});

describe('scoreboard', () => {
  it('counts files, keys and hosts', async () => {
    await run('scoreboard', path.join(root, 'ok'), '--json');
    expect(JSON.parse(out)).toMatchObject({ totals: { files: 1, rendered: 1, notRendered: 0, keys: { decided: 2, all: 2 } } });
  });
});

describe('arguments', () => {
  it.each([[['translate', '--what'], /not known/], [['translate', '--out'], /needs a value/], [['dance', 'x'], /no command/], [['translate'], /at least one/], [['translate', 'x', '--json'], /not known to translate/]])('%j', async (argv, message) => {
    expect(await run(...argv)).toBe(2);
    expect(error).toMatch(message);
  });
});
