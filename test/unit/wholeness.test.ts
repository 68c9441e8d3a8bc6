import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isPair, isScalar, parseDocument, visit } from 'yaml';
import { defaultDestination } from '../../src/model/destination';
import { translateBundle, translateCompose } from '../../src/translate';
import { composeModelProgram, composeModels } from '../harness/composeModel';
import type { ComposeRequest } from '../harness/composeModel';
import { corpus, hasCorpus, readBundle, recorded } from './bundles';
import { wholenessProblems } from './wholeness';
import type { Problem } from './wholeness';

const program = composeModelProgram();
/** All files take a minute; every eighth shows the same in seconds. */
const every = process.env['REQUIRE'] === 'full' || process.env['WHOLENESS_DETAILS'] !== undefined ? 1 : 8;
const sample = <T>(items: readonly T[]): T[] => items.filter((_item, index) => index % every === 0);
const noProgram = 'skipped, because there is no Go to build compose-go with';
const scratch = mkdtempSync(path.join(tmpdir(), 'wholeness-'));
afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });

function need(context: { skip(note: string): void }, what: unknown, note: string): void {
  if (what === undefined || what === false) {
    if (process.env['REQUIRE'] === 'full') throw new Error(note);
    context.skip(note);
  }
}

/** Prints the share and, for each kind, how many files it spoils. */
function report(title: string, files: number, bad: ReadonlyMap<string, Problem[]>, refused: readonly string[]): number {
  const kinds = new Map<string, Set<string>>();
  for (const [file, problems] of bad) for (const { kind } of problems) kinds.set(kind, (kinds.get(kind) ?? new Set()).add(file));
  const share = (files - bad.size) / files;
  console.log(`${title}: ${String(files - bad.size)} of ${String(files)} whole (${(share * 100).toFixed(1)} %), ${String(refused.length)} refused by compose-go`);
  for (const [kind, spoiled] of [...kinds].sort((a, b) => b[1].size - a[1].size)) console.log(`  ${kind}: ${String(spoiled.size)}`);
  if (process.env['WHOLENESS_DETAILS'] !== undefined) {
    for (const [file, problems] of bad) for (const { kind, service, detail } of problems) console.log(`  ${file}: ${kind}: ${service}: ${detail}`);
    for (const line of refused) console.log(`  refused ${line}`);
  }
  return share;
}

const coolifyOnly = new Set(['exclude_from_hc', 'content', 'is_directory', 'isDirectory']);

/** Coolify's own keys are no Compose; contents are kept aside. */
function plainCompose(text: string): string {
  const document = parseDocument(text, { version: '1.2', uniqueKeys: false, merge: true });
  visit(document, {
    Pair(_key, pair, ancestors) {
      const within = ancestors.filter(isPair).map((ancestor) => (isScalar(ancestor.key) ? String(ancestor.key.value) : ''));
      const own = isScalar(pair.key) ? String(pair.key.value) : '';
      const topLevelConfig = within[0] === 'configs' || within[0] === 'secrets';
      return (coolifyOnly.has(own) && !topLevelConfig) || (own === 'mode' && within.at(-1) === 'volumes') ? visit.REMOVE : undefined;
    },
  });
  return String(document);
}

/** `.env` as Compose reads it, with references between the lines; asked of compose-go itself. */
function resolvedDotEnv(texts: readonly string[]): Record<string, string>[] {
  const requests = texts.map((text, index): ComposeRequest => {
    const folder = mkdtempSync(path.join(scratch, 'env-'));
    writeFileSync(path.join(folder, 'values.env'), text);
    return { name: `e${String(index)}`, folder, environment: {}, text: 'services: {x: {image: x, env_file: [values.env]}}' };
  });
  return composeModels(program ?? '', requests).map((answer) => Object.fromEntries(Object.entries(answer.project?.services?.['x']?.environment ?? {}).map(([key, value]) => [key, value ?? ''])));
}

describe('what arrives in the cluster', () => {
  it('is whole for the services that a Coolify was recorded with', (context) => {
    need(context, program, noProgram);
    need(context, hasCorpus, 'skipped, because the corpus of recorded answers is not beside the repository');
    const effective = JSON.parse(readFileSync(path.join(corpus, 'coolify-recorded/effective/services.json'), 'utf8')) as Record<string, { uuid: string; name: string; '.env': string; 'docker-compose.yml'?: string }>;
    const services = sample(Object.values(effective));
    const environments = resolvedDotEnv(services.map((service) => service['.env']));
    const bundles = services.map((service) => readBundle('service', service.uuid, recorded));
    const requests = services.map((service, index): ComposeRequest => {
      const folder = mkdtempSync(path.join(scratch, 'service-'));
      writeFileSync(path.join(folder, '.env'), service['.env']);
      const resource = bundles[index]?.resource as { docker_compose?: string };
      return { name: service.uuid, folder, text: plainCompose(service['docker-compose.yml'] ?? resource.docker_compose ?? ''), environment: environments[index] ?? {}, lenient: true };
    });
    const bad = new Map<string, Problem[]>();
    const refused: string[] = [];
    composeModels(program ?? '', requests).forEach((answer, index) => {
      const [service, bundle] = [services[index], bundles[index]];
      if (service === undefined || bundle === undefined) return;
      if (answer.project === undefined) { refused.push(`${service.name}: ${answer.error ?? ''}`); return; }
      const translation = translateBundle(bundle, defaultDestination);
      if (!('rendering' in translation)) { bad.set(service.name, [{ kind: 'not rendered', service: '', detail: translation.message }]); return; }
      const secrets = Object.entries(environments[index] ?? {}).filter(([key]) => /^SERVICE_(PASSWORD|BASE64|REALBASE64|HEX)/.test(key)).map(([, value]) => value);
      // The API keeps the values of locked variables to itself; they are asked for.
      const locked = (Array.isArray(bundle.envs) ? bundle.envs as { key: string; is_shown_once?: boolean }[] : []).filter((row) => row.is_shown_once === true).map((row) => row.key);
      const problems = wholenessProblems(answer.project, translation.rendering.manifests, { secrets, ignoreVariables: new RegExp(`^(${['-', ...locked].join('|')})$`) });
      if (problems.length > 0) bad.set(service.name, problems);
    });
    expect(report('recorded services', services.length - refused.length, bad, refused)).toBeGreaterThan(0.97);
  }, 300_000);

  it('is whole for the templates', (context) => {
    need(context, program, noProgram);
    need(context, hasCorpus, 'skipped, because the corpus of templates is not beside the repository');
    const folder = path.join(corpus, 'coolify-templates');
    const files = sample(readdirSync(folder).filter((name) => name.endsWith('.yaml')));
    const cases = files.map((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8');
      const values = valuesFor(text);
      return { file, text, values, request: { name: 'template', folder: scratch, text: plainCompose(text), environment: { ...defaultsIn(text), ...values }, lenient: true } satisfies ComposeRequest };
    });
    const bad = new Map<string, Problem[]>();
    const refused: string[] = [];
    composeModels(program ?? '', cases.map(({ request }) => request)).forEach((answer, index) => {
      const { file, text, values } = cases[index] ?? { file: '', text: '', values: {} };
      if (answer.project === undefined) { refused.push(`${file}: ${answer.error ?? ''}`); return; }
      const translation = translateCompose(text, { name: file.replace('.yaml', ''), source: file, seed: '1', destination: defaultDestination, dotEnv: Object.entries(values).map(([key, value]) => `${key}=${value}`).join('\n') });
      if (!('rendering' in translation)) { bad.set(file, [{ kind: 'not rendered', service: '', detail: translation.message }]); return; }
      const secrets = Object.entries(values).filter(([key]) => /^SERVICE_(PASSWORD|BASE64|REALBASE64|HEX)/.test(key)).map(([, value]) => value);
      const problems = wholenessProblems(answer.project, translation.rendering.manifests, { secrets, ignoreVariables: /^SERVICE_(FQDN|URL)_/ });
      if (problems.length > 0) bad.set(file, problems);
    });
    expect(report('templates', files.length - refused.length, bad, refused)).toBeGreaterThan(0.97);
  }, 300_000);
});

/** A value for each of Coolify's names that a file refers to. */
function valuesFor(text: string): Record<string, string> {
  const required = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*):?\?[^}]*\}/g)].map((match) => match[1] ?? '');
  const names = new Set([...[...text.matchAll(/\bSERVICE_[A-Z0-9_]+/g)].map((match) => match[0]), ...required]);
  return Object.fromEntries([...names].map((name, index): [string, string] => {
    const host = name.replace(/^SERVICE_(URL|FQDN)_/, '').replace(/_\d+$/, '').toLowerCase().replaceAll('_', '-');
    return [name, /^SERVICE_URL/.test(name) ? `http://${host}.example.com` : /^SERVICE_FQDN/.test(name) ? `${host}.example.com` : /^SERVICE_NAME_/.test(name) ? host : `Va1ue${String(index)}For${name.length.toString(36)}Xy7Zq`];
  }));
}

/** Coolify makes a variable of each default that `environment:` declares. */
function defaultsIn(text: string): Record<string, string> {
  const defaults: Record<string, string> = {};
  for (const match of text.matchAll(/^\s+(?:- ["']?)?[A-Za-z_][A-Za-z0-9_]*\s*[=:]\s*["']?.*?\$\{([A-Za-z_][A-Za-z0-9_]*):?[-?]([^}$\\]+)\}/gm)) defaults[match[1] ?? ''] ??= match[2] ?? '';
  return defaults;
}
