import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../harness/images.ts';
import { missingForPrograms, pushProgramImages } from '../harness/images-programs.ts';
import { ensurePackages } from '../harness/packages.ts';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { deployerOf, eventually, runOf } from './deployer';
import type { Deployer } from './deployer';
import { dockerSide, kubernetesSide } from './parity-sides';
import type { ParityStack, Side } from './parity-sides';

interface Row extends ParityStack {
  title: string;
  /** What must be true on both sides. */
  check: (side: Side) => Promise<void> | void;
}

const debian = 'debian:bookworm-slim';
/** An image with files of its own in /content, owned by 1000:1000, for volumes that start empty. */
const seeded = { name: 'test/seeded:1', dockerfile: 'FROM busybox:1.35\nRUN mkdir -p /content/deep && echo from-image > /content/deep/file && chown -R 1000:1000 /content && chmod 750 /content/deep\nVOLUME /content\nCMD ["sleep", "86400"]\n' };

const rows: Row[] = [
  {
    title: 'peers answer by service name, alias and container name, with no port declared anywhere',
    name: 'names',
    compose: `
services:
  my_peer:
    image: busybox:1.35
    container_name: fixed-name
    command: sh -c 'mkdir /www && echo peer > /www/index.html && exec httpd -f -p 8081 -h /www'
    networks: {default: {aliases: [other-name, long.other.name]}}
  client:
    image: busybox:1.35
    command: ["sleep", "86400"]
    environment: {PEER: "http://my_peer:8081/", ALIAS: "http://other-name:8081/", FIXED: "http://fixed-name:8081/"}
`,
    check: async (side) => {
      for (const variable of ['PEER', 'ALIAS', 'FIXED']) {
        expect(await eventually(() => side.exec('client', 'sh', '-c', `wget -q -O- "$${variable}"`)), variable).toBe('peer\n');
      }
    },
  },
  {
    title: 'a one-shot waits for a healthy peer and runs once; another service works when it has ended, and reads what it left in a shared volume',
    name: 'order',
    compose: `
services:
  database:
    image: busybox:1.35
    command: ["sh", "-c", "sleep 6; mkdir -p /www; echo ready > /www/index.html; exec httpd -f -p 8082 -h /www"]
    expose: ["8082"]
    healthcheck: {test: ["CMD-SHELL", "wget -q -O- http://127.0.0.1:8082/ | grep -q ready"], interval: 1s, timeout: 5s, retries: 60}
  migrate:
    image: busybox:1.35
    restart: "no"
    command: ["sh", "-c", "echo try >> /shared/tries; wget -q -O /shared/seen http://database:8082/ && sleep 3 && echo migrated > /shared/done && echo migration-over"]
    volumes: ["shared:/shared"]
    depends_on: {database: {condition: service_healthy}}
  app:
    image: busybox:1.35
    command: ["sh", "-c", "cat /shared/done > /tmp/saw || exit 1; exec sleep 86400"]
    volumes: ["shared:/shared"]
    depends_on: {migrate: {condition: service_completed_successfully}}
volumes: {shared: {}}
`,
    check: async (side) => {
      expect(await eventually(() => side.exec('app', 'cat', '/tmp/saw'), 120)).toBe('migrated\n');
      // Once: it did not fail and start again until the peer was healthy.
      expect(side.exec('app', 'cat', '/shared/tries', '/shared/seen')).toBe('try\nready\n');
      expect(side.logs('migrate')).toContain('migration-over');
    },
  },
  {
    title: 'a new named volume gets what the image has there, with its owner and mode, and later changes stay',
    name: 'copyup',
    compose: `
services:
  app:
    image: ${seeded.name}
    command: ["sh", "-c", "exec sleep 86400"]
    stop_grace_period: 1s
    volumes: ["content:/content"]
volumes: {content: {}}
`,
    check: (side) => {
      const state = (): string => side.exec('app', 'sh', '-c', 'cat /content/deep/file && stat -c "%u:%g %a" /content/deep /content/deep/file');
      expect(state()).toBe('from-image\n1000:1000 750\n1000:1000 644\n');
      side.exec('app', 'sh', '-c', 'echo changed > /content/deep/file && echo new > /content/deep/own');
      side.renew('app');
      expect(side.exec('app', 'cat', '/content/deep/file', '/content/deep/own')).toBe('changed\nnew\n');
    },
  },
  {
    title: 'a file beside the compose file is there byte for byte, and cannot be written',
    name: 'files',
    files: { 'conf/app.conf': 'price = $5 ${NOT} $(date)\n\tquote = "it\'s"\n# no newline at the end: äöü' },
    compose: `
services:
  app:
    image: busybox:1.35
    command: ["sleep", "86400"]
    volumes: ["./conf/app.conf:/etc/app/app.conf:ro"]
`,
    check: (side) => {
      expect(side.exec('app', 'cat', '/etc/app/app.conf')).toBe('price = $5 ${NOT} $(date)\n\tquote = "it\'s"\n# no newline at the end: äöü');
      expect(() => side.exec('app', 'sh', '-c', 'echo x > /etc/app/app.conf')).toThrow();
    },
  },
  {
    title: 'environment and arguments arrive as Compose passes them: escapes, quotes, spaces, several lines, empty',
    name: 'escapes',
    compose: `
services:
  app:
    image: busybox:1.35
    environment:
      DOLLAR: "$$HOME and $$(date) and $\${X}"
      PARENS: "$$(HOSTNAME)"
      QUOTES: "it's \\"quoted\\" \\\\ back"
      LINES: "one\\ntwo\\n"
      SPACES: "  a  b  "
      EMPTY: ""
      DEFAULT: "\${UNSET:-fall back}"
      WORD: "yes"
    command: ["sh", "-c", "printf '<%s>' \\"$$@\\" > /tmp/args; exec sleep 86400", "name", "$$(EMPTY)", "$$DOLLAR", "a b", "", "'q'"]
`,
    check: async (side) => {
      const value = (name: string): string => side.exec('app', 'sh', '-c', `printf '%s|' "$${name}"`);
      expect(value('DOLLAR')).toBe('$HOME and $(date) and ${X}|');
      expect(value('PARENS')).toBe('$(HOSTNAME)|');
      expect(value('QUOTES')).toBe(`it's "quoted" \\ back|`);
      expect(value('LINES')).toBe('one\ntwo\n|');
      expect(value('SPACES')).toBe('  a  b  |');
      expect(side.exec('app', 'sh', '-c', 'echo "${EMPTY-unset}|"')).toBe('|\n');
      expect(value('DEFAULT')).toBe('fall back|');
      expect(value('WORD')).toBe('yes|');
      expect(await eventually(() => side.exec('app', 'cat', '/tmp/args'))).toBe(`<$(EMPTY)><$DOLLAR><a b><><'q'>`);
    },
  },
  {
    title: 'user, group, read-only root, tmpfs, host name and added hosts',
    name: 'users',
    compose: `
services:
  app:
    image: busybox:1.35
    user: "1234:2345"
    read_only: true
    tmpfs: ["/scratch"]
    hostname: chosen
    extra_hosts: ["elsewhere:192.0.2.7"]
    working_dir: /var
    command: ["sleep", "86400"]
`,
    check: (side) => {
      expect(side.exec('app', 'sh', '-c', 'id -u; id -g; hostname; pwd')).toBe('1234\n2345\nchosen\n/var\n');
      expect(side.exec('app', 'sh', '-c', 'echo ok > /scratch/file && cat /scratch/file && grep -c "^tmpfs /scratch " /proc/mounts')).toBe('ok\n1\n');
      expect(() => side.exec('app', 'sh', '-c', 'echo x > /tmp/file')).toThrow(/[Rr]ead-only/);
      expect(side.exec('app', 'sh', '-c', 'grep -w elsewhere /etc/hosts')).toMatch(/^192\.0\.2\.7\s/);
    },
  },
  {
    title: 'a peer answers over UDP and over TCP on the same port',
    name: 'udp',
    compose: `
services:
  echo:
    image: ${debian}
    command: ["bash", "-c", "perl -MIO::Socket::INET -e '$$s = IO::Socket::INET->new(Listen => 5, LocalPort => 9999, ReuseAddr => 1); while ($$c = $$s->accept) { print $$c \\"tcp\\\\n\\"; close $$c }' & exec perl -MIO::Socket::INET -e '$$s = IO::Socket::INET->new(LocalPort => 9999, Proto => \\"udp\\"); while ($$s->recv($$m, 99)) { $$s->send(\\"udp $$m\\") }'"]
    expose: ["9999/udp", "9999/tcp"]
  client:
    image: ${debian}
    command: ["sleep", "86400"]
`,
    check: async (side) => {
      const ask = (script: string): (() => string) => () => side.exec('client', 'bash', '-c', script);
      expect(await eventually(ask('exec 3<>/dev/udp/echo/9999; echo hello >&3; timeout 5 head -n 1 <&3'))).toBe('udp hello\n');
      expect(await eventually(ask('exec 3<>/dev/tcp/echo/9999; timeout 5 head -n 1 <&3'))).toBe('tcp\n');
    },
  },
];

describe('the same stack in Docker and in the cluster', () => {
  const reason = missingForServer() ?? ensurePackages(['docker-compose']) ?? missingForPrograms([debian]);
  const dir = mkdtempSync(join(tmpdir(), 'parity-'));
  let server: TestServer | undefined;
  let deployer: Deployer | undefined;
  let run: Run = () => '';

  beforeAll(async () => {
    if (reason !== undefined) return;
    server = await startServer({ dir });
    run = runOf(server);
    pushProgramImages(run, [debian]);
    const built = server.exec(['docker', 'build', '-q', '-t', `127.0.0.1:5000/${seeded.name}`, '-'], seeded.dockerfile);
    expect(built.code, built.stderr).toBe(0);
    run(['docker', 'push', '-q', `127.0.0.1:5000/${seeded.name}`]);
    deployer = await deployerOf(server);
  });
  afterAll(async () => {
    deployer?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it.for(rows)('$title', { timeout: 600_000 }, async (row, context) => {
    if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`);
    if (server === undefined || deployer === undefined) throw new Error(reason);
    for (const start of [() => dockerSide(server as TestServer, row), () => kubernetesSide(server as TestServer, deployer as Deployer, row)]) {
      const side = await start();
      try {
        await row.check(side);
      } catch (error) {
        throw new Error(`in ${side.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      } finally {
        side.down();
      }
    }
  });
});
