import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Run } from '../harness/images.ts';
import { missingForPrograms, pushProgramImages } from '../harness/images-programs.ts';
import { ensurePackages } from '../harness/packages.ts';
import { missingForServer, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { deployerOf, eventually, runOf } from '../integration/deployer';
import type { Deployer } from '../integration/deployer';
import { dockerSide, kubernetesSide } from '../integration/parity-sides';
import type { Side } from '../integration/parity-sides';
import { programs } from './template-programs';
import type { Program } from './template-programs';
import { composeOf } from './template-compose';

const images = ['nginx:1.27-alpine', ...programs.flatMap((program) => program.images)];

describe('Coolify\'s own templates and other real programs, in Docker and in the cluster', () => {
  const reason = missingForServer() ?? ensurePackages(['docker-compose']) ?? missingForPrograms(images);
  const dir = mkdtempSync(join(tmpdir(), 'templates-'));
  let server: TestServer | undefined;
  let deployer: Deployer | undefined;
  let run: Run = () => '';

  beforeAll(async () => {
    if (reason !== undefined) return;
    server = await startServer({ dir });
    run = runOf(server);
    pushProgramImages(run, ['nginx:1.27-alpine']);
    deployer = await deployerOf(server);
  });
  afterAll(async () => {
    deployer?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it.for(programs)('$name works, and still does after a restart', { timeout: 900_000 }, async (program, context) => {
    if (reason !== undefined && process.env['REQUIRE'] !== 'full') context.skip(`skipped, because ${reason}`);
    if (server === undefined || deployer === undefined) throw new Error(reason);
    pushProgramImages(run, program.images, (line) => { console.log(line); });
    const text = program.compose ?? readFileSync(join(import.meta.dirname, '../fixtures/templates', `${program.name}.yaml`), 'utf8');
    const stack = { name: program.name, ...composeOf(text, program.variables) };
    for (const start of [() => dockerSide(server as TestServer, { ...stack, ...stack.docker }), () => kubernetesSide(server as TestServer, deployer as Deployer, stack)]) {
      const since = Date.now();
      const side = await start();
      try {
        await holds(program, side, true);
        console.log(`${program.name} worked in ${side.name} after ${String(Math.round((Date.now() - since) / 1000))} s`);
        for (const service of program.services) side.renew(service);
        await holds(program, side, false);
      } catch (error) {
        throw new Error(`in ${side.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      } finally {
        side.down();
      }
    }
  });
});

async function holds({ services: [service = ''], works, variables }: Program, side: Side, first: boolean): Promise<void> {
  const ask = { exec: (...argv: string[]) => side.exec(service, ...argv), client: (...argv: string[]) => side.exec('client', ...argv), variables };
  await eventually(() => { works(ask, first); }, 180);
}
